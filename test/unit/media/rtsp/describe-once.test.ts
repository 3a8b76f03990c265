import { afterEach, describe, expect, test } from 'vitest';
import { describeOnce } from '#core/media/rtsp/describe-once.ts';
import {
  answer,
  hangUp,
  playingCamera,
  sampleSdp,
  startScriptServer,
  type Respond,
  type ScriptServer,
} from '../../../support/rtsp-script-server.ts';

let camera: ScriptServer | null = null;
afterEach(() => camera?.stop());

const never = new AbortController().signal;

async function ask(respond: Respond, user: { username: string; password: string } | null = null, signal = never) {
  camera = await startScriptServer(respond);
  const target = {
    cameraName: 'Porch',
    url: camera.url,
    username: user?.username ?? null,
    password: user?.password ?? null,
  };
  return describeOnce(target, signal);
}

const digest = { 'WWW-Authenticate': 'Digest realm="Login to 4A0", nonce="n1"', Server: 'Rtsp Server/3.0' };

describe('one question to an RTSP server', () => {
  test('video: its codec and size, what the server says of itself, and the connection is gone', async () => {
    const outcome = await ask((request) => answer(request, 200, { Server: 'H264DVR 1.0' }, sampleSdp));
    expect(outcome).toMatchObject({
      kind: 'video',
      server: 'H264DVR 1.0',
      video: { codec: 'h264', width: 640, height: 360 },
    });
    await expect.poll(() => camera!.sockets.size).toBe(0);
    expect(camera!.requests.map(({ method }) => method)).toEqual(['DESCRIBE']);
  });

  test('the same description under another name has the same fingerprint, another stream another one', async () => {
    const one = await ask((request) => answer(request, 200, {}, sampleSdp));
    await camera!.stop();
    const same = await ask((request) => answer(request, 200, {}, sampleSdp.replace('o=- 1 1', 'o=- 7 8')));
    await camera!.stop();
    const other = await ask((request) =>
      answer(request, 200, {}, sampleSdp.replace('packetization-mode=1', 'packetization-mode=0')),
    );
    const prints = [one, same, other].map((each) => (each.kind === 'video' ? each.video.fingerprint : null));
    expect(prints[0]).toBe(prints[1]);
    expect(prints[0]).not.toBe(prints[2]);
  });

  test('F15: without a user a 401 means that a password is wanted; it is asked once', async () => {
    const outcome = await ask((request) => answer(request, 401, digest));
    expect(outcome).toMatchObject({ kind: 'failed', server: 'Rtsp Server/3.0', realm: 'Login to 4A0' });
    expect(outcome.kind === 'failed' && outcome.error.code).toBe('camera_wrong_password');
    expect(camera!.requests).toHaveLength(1);
  });

  test('F15: a refused password is sent once and is in no word of the outcome', async () => {
    const outcome = await ask((request) => answer(request, 401, digest), { username: 'u', password: 'marker-Zq9' });
    expect(outcome.kind === 'failed' && outcome.error.message).toContain('refused the password');
    expect(JSON.stringify(outcome)).not.toContain('marker');
    expect(camera!.requests.filter(({ headers }) => headers['authorization'] !== undefined)).toHaveLength(1);
  });

  test('F13: with the right password the realm is known although the answer does not repeat it', async () => {
    const outcome = await ask(
      (request) => (request.headers['authorization'] ? answer(request, 404) : answer(request, 401, digest)),
      { username: 'u', password: 'p' },
    );
    expect(outcome).toMatchObject({ kind: 'nothing', realm: 'Login to 4A0' });
  });

  test('a camera that hangs up with its 401 gets a second connection', async () => {
    const outcome = await ask(
      (request, socket) => {
        if (request.headers['authorization']) return answer(request, 200, {}, sampleSdp);
        socket.end(answer(request, 401, digest));
        return null;
      },
      { username: 'u', password: 'p' },
    );
    expect(outcome.kind).toBe('video');
    expect(camera!.connections).toBe(2);
  });

  test.each([
    ['nothing there', (request) => answer(request, 404), 'nothing', null],
    ['sound only', (request) => answer(request, 200, {}, 'v=0\r\nm=audio 0 RTP/AVP 0\r\n'), 'nothing', null],
    [
      'motion JPEG',
      (request) => answer(request, 200, {}, 'v=0\r\nm=video 0 RTP/AVP 26\r\n'),
      'nothing',
      'camera_unsupported_codec',
    ],
    ['F12: no connection left', (request) => answer(request, 453), 'failed', 'camera_too_many_connections'],
    ['a web server', () => 'HTTP/1.1 400 Bad\r\n\r\n', 'failed', 'camera_not_rtsp'],
    ['hangs up', () => hangUp, 'failed', 'camera_closed'],
  ] satisfies [string, Respond, string, string | null][])('%s', async (_name, respond, kind, code) => {
    const outcome = await ask(respond);
    expect(outcome.kind).toBe(kind);
    const error = outcome.kind === 'failed' ? outcome.error : outcome.kind === 'nothing' ? outcome.why : null;
    expect(error?.code ?? null).toBe(code);
  });

  test('cancelled, it ends at once and the connection is gone', async () => {
    const abort = new AbortController();
    const outcome = ask(
      () => {
        setImmediate(() => abort.abort(new Error('closed the page')));
        return null;
      },
      null,
      abort.signal,
    );
    await expect(outcome).rejects.toThrow('closed the page');
    await expect.poll(() => camera!.sockets.size).toBe(0);
  });

  test('a playing camera is asked for a description alone, no session is made', async () => {
    const outcome = await ask(playingCamera());
    expect(outcome.kind).toBe('video');
    expect(camera!.requests.some(({ method }) => method === 'SETUP' || method === 'PLAY')).toBe(false);
  });
});
