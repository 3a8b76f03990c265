import { describe, expect, test } from 'vitest';
import { atCamera, deviceUrl, readBase, redirectAt } from '../../../core/cameras/onvif/address.ts';

describe('the address that was typed', () => {
  test.each([
    ['192.168.1.20', 'http://192.168.1.20/onvif/device_service'],
    ['192.168.1.20:8000', 'http://192.168.1.20:8000/onvif/device_service'],
    ['http://192.168.1.20', 'http://192.168.1.20/onvif/device_service'],
    ['http://192.168.1.20/', 'http://192.168.1.20/onvif/device_service'],
    ['HTTP://Cam.Local:8080/onvif/service?x=1', 'http://cam.local:8080/onvif/service?x=1'],
    ['https://192.168.1.20', 'https://192.168.1.20/onvif/device_service'],
    ['https://192.168.1.20:8443/x', 'https://192.168.1.20:8443/x'],
    ['http://admin:p%40ss@192.168.1.20/x', 'http://192.168.1.20/x'],
    ['fd00::20', 'http://[fd00::20]/onvif/device_service'],
    ['http://[fd00::20]:8000/x', 'http://[fd00::20]:8000/x'],
    [' cam.local ', 'http://cam.local/onvif/device_service'],
  ])('%s is asked at %s', (typed, url) => {
    expect(deviceUrl(readBase(typed))).toBe(url);
  });

  test.each([
    '',
    'rtsp://192.168.1.20/',
    'ftp://x/',
    'http://',
    'http://a b/',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ])("'%s' is refused with a sentence", (typed) => {
    expect(() => readBase(typed)).toThrow(expect.objectContaining({ code: 'unsupported_source' }));
  });
});

describe('one address: whatever the camera names, the host is the one that was typed', () => {
  const base = readBase('http://192.168.1.20:8000/onvif/device_service');

  test.each([
    // as it should be
    ['http://192.168.1.20:8000/onvif/media', 'http://192.168.1.20:8000/onvif/media'],
    ['http://192.168.1.20:8000/onvif/media?a=b&c', 'http://192.168.1.20:8000/onvif/media?a=b&c'],
    // another service on another port of the same camera
    ['http://192.168.1.20:9000/onvif/media', 'http://192.168.1.20:9000/onvif/media'],
    // relative
    ['/onvif/media', 'http://192.168.1.20:8000/onvif/media'],
    ['media', 'http://192.168.1.20:8000/onvif/media'],
    ['?service=media', 'http://192.168.1.20:8000/onvif/device_service?service=media'],
    // inner addresses of a camera behind a router, other machines, this machine, the cloud's metadata
    ['http://10.0.0.5:9000/onvif/media', 'http://192.168.1.20:9000/onvif/media'],
    ['http://127.0.0.1/x', 'http://192.168.1.20/x'],
    ['http://localhost:7480/api', 'http://192.168.1.20:7480/api'],
    ['http://169.254.169.254/latest/meta-data', 'http://192.168.1.20/latest/meta-data'],
    ['http://[::1]:8000/x', 'http://192.168.1.20:8000/x'],
    ['http://[fe80::1]/x', 'http://192.168.1.20/x'],
    ['http://0.0.0.0/x', 'http://192.168.1.20/x'],
    ['http://evil.example/x', 'http://192.168.1.20/x'],
    ['//evil.example/x', 'http://192.168.1.20/x'],
    ['http://admin:secret@evil.example/x', 'http://192.168.1.20/x'],
    ['http://192.168.1.20@evil.example/x', 'http://192.168.1.20/x'],
    ['http://evil.example#@192.168.1.20/x', 'http://192.168.1.20'],
    // another scheme than ours: our port, our scheme
    ['https://192.168.1.20/onvif/media', 'http://192.168.1.20:8000/onvif/media'],
    // nonsense
    ['', null],
    ['http://', null],
    ['http://192.168.1.20:99999/x', null],
    ['http://192.168.1.20:0/x', null],
    ['rtsp://192.168.1.20/x', null],
    ['file:///etc/passwd', null],
    ['gopher://192.168.1.20/x', null],
    ['javascript:alert(1)', null],
    ['http:evil.example/x', null],
    ['/\\evil.example/x', null],
    ['\\\\evil.example\\x', null],
    ['///evil.example/x', null],
    ['/a\r\nHost: evil', null],
    [`http://192.168.1.20/${'a'.repeat(3000)}`, null],
  ])('http: %s', (named, used) => {
    expect(atCamera(named, 'http', base)).toBe(used);
  });

  test.each([
    [
      'rtsp://192.168.1.20:554/Streaming/Channels/101?transportmode=unicast',
      'rtsp://192.168.1.20/Streaming/Channels/101?transportmode=unicast',
    ],
    ['rtsp://10.0.0.5:8554/s', 'rtsp://192.168.1.20:8554/s'],
    ['rtsp://127.0.0.1:554/s', 'rtsp://192.168.1.20/s'],
    ['rtsps://169.254.1.1/s', 'rtsps://192.168.1.20/s'],
    ['rtsp://admin:p@ss/w:rd@10.0.0.5:554/s', 'rtsp://192.168.1.20/s'],
    ['RTSP://10.0.0.5/s', 'rtsp://192.168.1.20/s'],
    ['rtsp://rtsp://10.0.0.5/s', 'rtsp://192.168.1.20/s'],
    [
      'rtsp://10.0.0.5:554/user=admin&password=&channel=1&stream=0.sdp?',
      'rtsp://192.168.1.20/user=admin&password=&channel=1&stream=0.sdp?',
    ],
    ['/s', null],
    ['http://192.168.1.20/s', null],
    ['exec:ffmpeg', null],
    ['rtsp://192.168.1.20:70000/s', null],
  ])('rtsp: %s', (named, used) => {
    expect(atCamera(named, 'rtsp', base)).toBe(used);
  });

  test('behind a port forward, the port that the camera believes to be its own stands for the typed one', () => {
    expect(atCamera('http://10.0.0.5/onvif/media', 'service', base, 80)).toBe('http://192.168.1.20:8000/onvif/media');
    expect(atCamera('http://10.0.0.5:81/onvif/media', 'service', base, 80)).toBe('http://192.168.1.20:81/onvif/media');
  });

  test('loopback is used where it was typed', () => {
    const typed = readBase('http://127.0.0.1:8081/');
    expect(atCamera('http://192.168.1.20:8081/onvif/media', 'service', typed)).toBe(
      'http://127.0.0.1:8081/onvif/media',
    );
    expect(atCamera('rtsp://192.168.1.20:8555/s', 'rtsp', typed)).toBe('rtsp://127.0.0.1:8555/s');
  });

  test('an IPv6 host keeps its brackets', () => {
    expect(atCamera('rtsp://10.0.0.5:8554/s', 'rtsp', readBase('http://[fd00::20]/'))).toBe('rtsp://[fd00::20]:8554/s');
  });

  test.each([
    ['/login', 'http://cam/login'],
    ['http://cam/login#x', 'http://cam/login'],
    ['https://cam/onvif', 'https://cam/onvif'],
    ['http://user:pass@cam/x', 'http://cam/x'],
    ['http://other/onvif', null],
    ['//other/onvif', null],
    ['http://127.0.0.1/', null],
    ['ftp://cam/', null],
    ['http://[bad', null],
  ])('a redirect to %s', (location, next) => {
    expect(redirectAt(location, 'http://cam/onvif/device_service')).toBe(next);
  });

  test('a redirect never falls from TLS to plain', () => {
    expect(redirectAt('http://cam/x', 'https://cam/y')).toBeNull();
  });
});
