import { describe, expect, test } from 'vitest';
import { atCamera, deviceUrl, readBase, redirectAt } from '#core/cameras/onvif/address.ts';
import { readUrl } from '#core/cameras/onvif/zone.ts';
import { placeOfUrl } from '#core/media/rtsp/camera-place.ts';

/** A camera that answers a search only from its IPv6 link-local address. */
const found = 'http://[fe80::20%25eth0]:8080/onvif/device_service';

describe('a link-local IPv6 camera', () => {
  test('keeps the zone from the search to the socket', () => {
    const base = readBase(found);
    expect(deviceUrl(base)).toBe(found);
    expect(readUrl(found)).toMatchObject({ host: 'fe80::20%eth0', url: { port: '8080', host: '[fe80::20]:8080' } });
    expect(atCamera('http://[fe80::20]:8080/onvif/media', 'service', base)).toBe(
      'http://[fe80::20%25eth0]:8080/onvif/media',
    );
    expect(atCamera('/onvif/media', 'service', base)).toBe('http://[fe80::20%25eth0]:8080/onvif/media');
    expect(redirectAt('/other', found)).toBe('http://[fe80::20%25eth0]:8080/other');
    expect(redirectAt('http://[fe80::21]:8080/other', found)).toBeNull();
    const stream = atCamera('rtsp://[fe80::20]/main', 'rtsp', base)!;
    expect(placeOfUrl('Camera', stream)).toMatchObject({ host: 'fe80::20%eth0', port: 554 });
  });

  test('other addresses are read as the URL standard does', () => {
    expect(readUrl('http://[fd00::20]:81/x').host).toBe('fd00::20');
    expect(readUrl('http://192.168.1.20/x').host).toBe('192.168.1.20');
    expect(() => readUrl('http://[fd00::20%25eth0]/')).toThrow(TypeError);
    expect(placeOfUrl('Camera', 'rtsp://[fd00::20%25eth0]/')).toBeNull();
  });
});
