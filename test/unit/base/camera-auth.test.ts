import { describe, expect, test } from 'vitest';
import { Authenticator, chooseChallenge, digestHeader } from '../../../core/base/camera-auth.ts';

describe('authentication', () => {
  test('RFC 7616 section 3.9.1: MD5 and SHA-256', () => {
    const challenge = (algorithm: string) =>
      chooseChallenge([
        `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
      ])!;
    const answer = (algorithm: string) =>
      digestHeader(
        challenge(algorithm),
        'Mufasa',
        'Circle of Life',
        'GET',
        '/dir/index.html',
        'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
        1,
      );
    expect(answer('MD5')).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
    expect(answer('SHA-256')).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
    expect(answer('SHA-256')).toContain('qop=auth, nc=00000001');
  });

  test('RFC 2617 without qop, as most cameras do it', () => {
    const challenge = chooseChallenge(['Digest realm="IP Camera", nonce="abc"'])!;
    // md5(md5(admin:IP Camera:pw):abc:md5(DESCRIBE:rtsp://h/s))
    expect(digestHeader(challenge, 'admin', 'pw', 'DESCRIBE', 'rtsp://h/s', 'x', 1)).toMatch(
      /^Digest username="admin", realm="IP Camera", nonce="abc", uri="rtsp:\/\/h\/s", response="[0-9a-f]{32}"$/,
    );
  });

  test('F13: the strongest digest wins over Basic and MD5, in one header or several', () => {
    expect(chooseChallenge(['Basic realm="c"', 'Digest realm="c", nonce="1"'])).toMatchObject({ scheme: 'digest' });
    expect(chooseChallenge(['Digest realm="c", nonce="1"', 'Basic realm="c"'])).toMatchObject({ scheme: 'digest' });
    expect(
      chooseChallenge([
        'Digest realm="c", nonce="1", algorithm=MD5',
        'Digest realm="c", nonce="2", algorithm="SHA-256"',
      ]),
    ).toMatchObject({ nonce: '2', algorithm: 'SHA-256' });
    expect(chooseChallenge(['Basic realm="a, b", Digest realm="c", nonce="3", stale=TRUE'])).toMatchObject({
      scheme: 'digest',
      nonce: '3',
      stale: true,
    });
    expect(chooseChallenge(['Digest realm="c", nonce="1", algorithm=SHA-512-256'])).toMatchObject({
      algorithm: 'SHA-512-256',
    });
    expect(chooseChallenge(['Digest realm="c", nonce="1", algorithm=FUTURE', 'Basic realm="c"'])).toMatchObject({
      scheme: 'basic',
    });
    expect(chooseChallenge(['NTLM', 'Bearer realm="x"'])).toBeNull();
  });

  test('a quote in the user name can not end its field', () => {
    const auth = new Authenticator('ad"min\\', 'p');
    auth.accept(chooseChallenge(['Digest realm="c", nonce="1"'])!);
    expect(auth.header('PLAY', 'rtsp://h/')).toContain('username="ad\\"min\\\\"');
  });

  test('a challenge is answered once: the same nonce again means no', () => {
    const auth = new Authenticator('a', 'b');
    const challenge = chooseChallenge(['Digest realm="c", nonce="1"'])!;
    expect(auth.header('PLAY', 'rtsp://h/')).toBeNull();
    expect([auth.accept(challenge), auth.accept({ ...challenge })]).toEqual([true, false]);
    expect(auth.accept({ ...challenge, nonce: '2' })).toBe(true);
  });
});
