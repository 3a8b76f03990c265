import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HubError } from '#core/base/errors.ts';
import { parseCameraUrl } from '#core/domain/camera-url.ts';

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)),
  maxLength: 40,
});

describe('camera addresses', () => {
  test('takes an ordinary address apart', () => {
    expect(parseCameraUrl(' rtsp://admin:secret@192.168.1.20:8554/stream1?channel=1&subtype=0 ')).toEqual({
      url: 'rtsp://192.168.1.20:8554/stream1?channel=1&subtype=0',
      username: 'admin',
      password: 'secret',
      host: '192.168.1.20',
      port: 8554,
      scheme: 'rtsp',
    });
    expect(parseCameraUrl('RTSPS://Cam.Local/x')).toMatchObject({
      url: 'rtsps://cam.local/x',
      port: 322,
      username: null,
    });
    expect(parseCameraUrl('rtsp://[fe80::1]:554/a')).toMatchObject({ host: 'fe80::1', url: 'rtsp://[fe80::1]:554/a' });
    expect(parseCameraUrl('http://cam/video.mjpg')).toMatchObject({ scheme: 'http', port: 80 });
  });

  test('a user and password given apart win over those in the address', () => {
    expect(parseCameraUrl('rtsp://a:b@1.2.3.4/', 'c', 'd')).toMatchObject({ username: 'c', password: 'd' });
    expect(parseCameraUrl('rtsp://a:b@1.2.3.4/', '', '')).toMatchObject({ username: 'a', password: 'b' });
  });

  test('an @ in the path is not taken for a password', () => {
    expect(parseCameraUrl('rtsp://192.168.1.5:554/a@b.c/d')).toMatchObject({ host: '192.168.1.5', username: null });
    expect(parseCameraUrl('rtsp://u:p@192.168.1.5/a@b.c')).toMatchObject({ host: '192.168.1.5', password: 'p' });
    expect(parseCameraUrl('rtsp://camera/a@b')).toMatchObject({ host: 'camera', username: null });
  });

  test('F14: every printable character survives in a percent-encoded user and password', () => {
    fc.assert(
      fc.property(printable, printable, (user, password) => {
        fc.pre(user !== '');
        const url = `rtsp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@192.168.1.20:554/s?a=1&b=2`;
        const parsed = parseCameraUrl(url);
        expect([parsed.username, parsed.password]).toEqual([user, password]);
        expect(parsed.url).toBe('rtsp://192.168.1.20:554/s?a=1&b=2');
      }),
      { numRuns: 500 },
    );
  });

  test('F14: every printable character survives raw in a password', () => {
    // What reads as an escape, or itself as `@host.name/`, has a meaning of its own.
    const raw = printable.filter((p) => !/%[0-9a-f]{2}/i.test(p) && !/@[^/?#@]*\.[^/?#@]*([/?#]|$)/.test(p));
    fc.assert(
      fc.property(raw, (password) => {
        const parsed = parseCameraUrl(`rtsp://admin:${password}@192.168.1.20:554/stream`);
        expect(parsed).toMatchObject({ username: 'admin', password, host: '192.168.1.20', port: 554 });
        expect(parsed.url).toBe('rtsp://192.168.1.20:554/stream');
      }),
      { numRuns: 1000 },
    );
  });

  test.each(['@', '#', '%', ':', '/', '?', '-', '&', ' ', '"', '\\', '[', '{', '12/3', 'a@b/c', 'p#a?s&s%'])(
    'F14: a password with %s, raw and encoded',
    (part) => {
      for (const password of [part, `x${part}y`]) {
        expect(parseCameraUrl(`rtsp://admin:${password}@10.0.0.9/live`)).toMatchObject({ password, host: '10.0.0.9' });
        const encoded = encodeURIComponent(password);
        expect(parseCameraUrl(`rtsp://admin:${encoded}@10.0.0.9/live`)).toMatchObject({ password, host: '10.0.0.9' });
      }
    },
  );

  test.each([
    'exec:rm -rf /',
    'exec://bin/sh',
    'file:///etc/passwd',
    'concat:a|b',
    'pipe:0',
    'echo:rtsp://x',
    'ffmpeg:rtsp://1.2.3.4/',
    'udp://1.2.3.4',
    'javascript:alert(1)',
    '-i rtsp://1.2.3.4/',
    '-rtsp://1.2.3.4/',
    'rtsp:/1.2.3.4/',
    'rtsp://',
    'rtsp:///path',
    'rtsp://user:pass@',
    'rtsp://user:pass@/path',
    'rtsp://-oProxy/x',
    'rtsp://1.2.3.4:0/',
    'rtsp://1.2.3.4:70000/',
    'rtsp://1.2.3.4:port/',
    'rtsp://exa mple/',
    'rtsp://1.2.3.4/a\r\nX: y',
    'rtsp://a:b%0d%0aX@1.2.3.4/',
    'rtsp://1.2.3.4/\u0000',
    '1.2.3.4/stream',
    '',
    `rtsp://1.2.3.4/${'a'.repeat(3000)}`,
  ])('refuses %j with a sentence', (input) => {
    expect(() => parseCameraUrl(input)).toThrow(HubError);
    try {
      parseCameraUrl(input);
    } catch (error) {
      expect(error).toMatchObject({ code: 'unsupported_source' });
      expect((error as Error).message).toMatch(/^[A-Z'].{15,}\.$/);
    }
  });

  test('refuses what is no text, in whatever shape it comes', () => {
    for (const input of [null, undefined, 5, {}, ['rtsp://1.2.3.4/'], { toString: () => 'rtsp://1.2.3.4/' }]) {
      expect(() => parseCameraUrl(input as string)).toThrow(HubError);
    }
  });

  test('whatever is pasted, it is refused with a HubError or comes back clean', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          printable.map((p) => `rtsp://${p}`),
        ),
        (input) => {
          try {
            const { url, port, host } = parseCameraUrl(input);
            expect(url).toMatch(/^(rtsps?|https?):\/\/[\x21-\x7e]+$/);
            expect(url).not.toContain('#');
            expect(URL.canParse(url)).toBe(true);
            expect(port).toBeGreaterThan(0);
            expect(host).not.toBe('');
          } catch (error) {
            if (!(error instanceof HubError)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
