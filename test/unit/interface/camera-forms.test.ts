import { describe, expect, it } from 'vitest';
import { exampleAt, hostOf, readAddress, withoutTls } from '../../../renderer/features/cameras/camera-address.ts';
import { emptyDraft, labelsFor, newCameraOf, withResult } from '../../../renderer/features/cameras/camera-draft.ts';

describe('a typed address', () => {
  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['192.168.1.0/24', 'range'],
    ['192.168.1.10 - 40', 'range'],
    ['192.168.1.20', 'camera'],
    ['camera.local:8080', 'camera'],
    ['[fe80::1]', 'camera'],
    ['rtsps://192.168.1.20/s', 'camera'],
    ['exec:rm -rf /', 'refused'],
    ['file:///etc/passwd', 'refused'],
    ['javascript:alert(1)', 'refused'],
    ['rtsp://', 'refused'],
    ['192.168.1.20:99999', 'refused'],
  ])('%j is %s', (typed, kind) => expect(readAddress(typed).kind).toBe(kind));

  it('loses its user and password, whatever is in them', () => {
    expect(readAddress('rtsp://me:p@ss/w#1@192.168.1.20:554/s?x=1')).toEqual({
      kind: 'camera',
      url: 'rtsp://192.168.1.20:554/s?x=1',
      host: '192.168.1.20',
      username: 'me',
      password: 'p@ss/w#1',
    });
  });
  it('a bare host stays bare, so that the hub chooses ports and paths', () => {
    expect(readAddress(' Camera.Local:8080/ ')).toMatchObject({ url: 'camera.local:8080', host: 'camera.local' });
  });
  it('without encryption the port of the encrypted service goes too', () => {
    expect(withoutTls('https://192.168.1.20:8443/onvif')).toBe('http://192.168.1.20/onvif');
    expect(withoutTls('rtsps://192.168.1.20/s')).toBe('rtsp://192.168.1.20/s');
    expect(withoutTls('http://192.168.1.20/')).toBeNull();
  });
  it('examples keep the host, also of IPv6', () => {
    expect(exampleAt('http://[fe80::1]:80/onvif', '/stream1')).toBe('rtsp://[fe80::1]:554/stream1');
    expect(hostOf('nonsense://x')).toBeNull();
  });
});

describe('what the form becomes', () => {
  it('with an ONVIF address alone the streams are left to the hub; with nothing the address is missing', () => {
    expect(newCameraOf({ ...emptyDraft, onvifUrl: '192.168.1.20' })).not.toHaveProperty('url');
    expect(newCameraOf(emptyDraft)).toHaveProperty('url', '');
  });
  it('a camera that only reports motion makes events of motion', () => {
    expect(labelsFor('camera', ['motion'])).toEqual(['motion']);
    expect(labelsFor('camera', ['motion', 'person'])).toEqual(['person']);
    expect(labelsFor('both', ['motion', 'tamper'])).toEqual(['person', 'vehicle', 'animal', 'tamper']);
    expect(labelsFor('hub', ['tamper'])).toEqual(['person', 'vehicle', 'animal']);
  });
  it('a try without ONVIF takes the ONVIF address and its choices out', () => {
    const draft = { ...emptyDraft, onvifUrl: 'http://192.168.1.20/', source: 'camera' as const };
    const stream = { kind: 'rtsp' as const, onvif: null, url: 'rtsp://a/1', audio: null, picture: null, advice: [] };
    expect(withResult(draft, { ...stream, main: 'rtsp://a/1', sub: null })).toMatchObject({
      url: 'rtsp://a/1',
      subUrl: '',
      onvifUrl: '',
      source: 'hub',
    });
  });
});
