/** What people type as the address of a camera, and what is asked then. */
import { describe, expect, it } from 'vitest';
import { atPort, readOnvifAddress } from '#core/domain/onvif-address.ts';
import { readProbeAddress } from '#core/hub/probe-address.ts';

describe('an ONVIF address', () => {
  it.each([
    ['192.168.1.20', 'http://192.168.1.20/onvif/device_service', true],
    [' 192.168.1.20/ ', 'http://192.168.1.20/onvif/device_service', true],
    ['192.168.1.20:8080', 'http://192.168.1.20:8080/onvif/device_service', false],
    ['porch.local', 'http://porch.local/onvif/device_service', true],
    ['http://192.168.1.20', 'http://192.168.1.20/onvif/device_service', false],
    ['https://192.168.1.20:8443/', 'https://192.168.1.20:8443/onvif/device_service', false],
    ['http://192.168.1.20:80/onvif/other', 'http://192.168.1.20:80/onvif/other', false],
    ['fd00::20', 'http://[fd00::20]/onvif/device_service', true],
    ['[fd00::20]:81', 'http://[fd00::20]:81/onvif/device_service', false],
    ['::1', 'http://[::1]/onvif/device_service', true],
  ])('%s is asked at %s', (typed, url, bare) => {
    expect(readOnvifAddress(typed)).toMatchObject({ url, bare, username: null, password: null });
  });

  it('gives up user and password, whatever characters they hold', () => {
    expect(readOnvifAddress('admin:p@ss/w?rd#1@192.168.1.20')).toMatchObject({
      url: 'http://192.168.1.20/onvif/device_service',
      username: 'admin',
      password: 'p@ss/w?rd#1',
    });
    expect(readOnvifAddress('http://admin:a%40b@10.0.0.2:81/x', 'root', 'typed')).toMatchObject({
      url: 'http://10.0.0.2:81/x',
      username: 'root',
      password: 'typed',
    });
  });

  it.each(['rtsp://192.168.1.20/a', 'file:///etc/passwd', 'exec:ls', '-i x', '', 'a b', 'http://'])(
    '%j is refused',
    (typed) => {
      expect(() => readOnvifAddress(typed)).toThrow(expect.objectContaining({ code: 'unsupported_source' }) as Error);
    },
  );

  it('is the same at another port', () => {
    expect(atPort(readOnvifAddress('fd00::20'), 8080)).toBe('http://[fd00::20]:8080/onvif/device_service');
  });
});

describe('an address to try', () => {
  it.each([
    ['rtsp://10.0.0.2/a', 'stream', false],
    ['rtsps://10.0.0.2/a', 'stream', false],
    ['10.0.0.2:554/stream1', 'stream', false],
    ['10.0.0.2:554', 'device', true],
    ['10.0.0.2:8554', 'device', true],
    ['10.0.0.2', 'device', false],
    ['http://10.0.0.2/video.mjpg', 'device', false],
  ])('%s is a %s', (typed, kind, rtspPort) => {
    const address = readProbeAddress(typed, null, null);
    expect(address.kind).toBe(kind);
    expect(address.kind === 'device' && address.rtspPort).toBe(rtspPort);
  });
});
