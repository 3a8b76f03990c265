/** Each cause why an address can't be used has its own code and next step; a password is tried as seldom as can be. */
import { beforeEach, describe, expect, it } from 'vitest';
import { HubError, type ErrorCode } from '#core/base/errors.ts';
import { silentLogger } from '#core/base/logger.ts';
import type { OnvifDescription, OnvifProfile } from '#core/domain/onvif.ts';
import type { AskOnvif } from '#core/hub/camera-asker.ts';
import { OnvifFinder } from '#core/hub/onvif-finder.ts';
import { Prober } from '#core/hub/probe.ts';
import { adviceFor, type Offer } from '#core/hub/rtsp-advice.ts';

const never = new AbortController().signal;
const offer: Offer = {
  video: { codec: 'h264', codecString: 'avc1.640028', width: 1280, height: 720, parameterSets: [] },
  audio: null,
  firstPictureMs: 300,
  fps: 15,
  bitsPerSecond: 2_000_000,
  keyframeIntervalMs: 2_000,
  keyframe: new Uint8Array(),
};
const profile = (token: string, streamUrl: string | null): OnvifProfile => ({
  token,
  name: token,
  service: 'media1',
  source: 'lens',
  streamUrl,
  snapshotUrl: null,
  video: null,
  audio: null,
  ptz: false,
});
const describeAt = (url: string, profiles: OnvifProfile[]): OnvifDescription => ({
  url,
  info: { make: 'Acme', model: 'Cam 1', firmware: '1', serial: '1', hardware: '1' },
  clock: { cameraMs: null, offsetMs: 0, timeZone: null, source: 'unknown' },
  profiles,
  chosen: { main: profiles[0]?.token ?? null, sub: profiles[1]?.token ?? null },
  ptz: null,
  imaging: null,
  events: null,
  relays: [],
  talk: false,
  problems: [],
});

/** What is at 10.0.0.2: per port an answer over ONVIF, an error, or nothing. */
let onvif: Record<number, OnvifDescription | ErrorCode>;
let open: number[];
let measured: Offer | ErrorCode;
let guess: { main: string; sub: string | null } | ErrorCode | null;
let pictures: boolean;
let log: string[];

function build(longestMs?: number): Prober {
  const ask: AskOnvif = (_operation: string, target: { url: string; password: string | null }) => {
    log.push(`onvif ${target.url} ${target.password ?? '-'}`);
    const answer = onvif[Number(new URL(target.url).port) || 80] ?? 'camera_refused_connection';
    return typeof answer === 'string' ? Promise.reject(new HubError(answer, 'As it says.')) : Promise.resolve(answer);
  };
  const openPorts = (
    _host: string,
    ports: readonly number[],
  ): Promise<{ open: number[]; failure: ErrorCode | null }> => {
    const found = ports.filter((port) => open.includes(port));
    return Promise.resolve({ open: found, failure: found.length > 0 ? null : 'camera_silent' });
  };
  return new Prober({
    finder: new OnvifFinder({ ask, openPorts }),
    openPorts,
    kept: (id) =>
      id === 'kept'
        ? { urls: ['rtsp://10.0.0.2/a', 'http://10.0.0.2:81/x'], username: 'admin', password: 'secret' }
        : null,
    measure(target, signal) {
      log.push(`measure ${target.url} ${target.password ?? '-'}`);
      if (longestMs !== undefined)
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
      return typeof measured === 'string'
        ? Promise.reject(new HubError(measured, 'So it is.'))
        : Promise.resolve(measured);
    },
    guess({ port }) {
      log.push(`guess ${port}`);
      return typeof guess === 'string' ? Promise.reject(new HubError(guess, 'No luck.')) : Promise.resolve(guess);
    },
    givesPictures({ url }) {
      log.push(`pictures ${url}`);
      return Promise.resolve(pictures);
    },
    picture: () => Promise.resolve(Buffer.from('jpeg')),
    logger: silentLogger,
    ...(longestMs === undefined ? {} : { longestMs }),
  });
}
const probe = (url: string, extra: object = {}): ReturnType<Prober['probe']> =>
  build().probe({ url, username: 'admin', password: 'typed', ...extra }, never);
async function failure(url: string): Promise<{ code: ErrorCode; message: string }> {
  const error = await probe(url).catch((thrown: unknown) => thrown);
  if (!(error instanceof HubError)) throw new Error(`${url} was expected to fail`);
  expect(error.message).toMatch(/^[A-Z0-9].+[.?]$/s);
  return error;
}
const good = describeAt('http://10.0.0.2/onvif/device_service', [
  profile('main', 'rtsp://10.0.0.2/main'),
  profile('sub', 'rtsp://10.0.0.2/sub'),
]);

beforeEach(() => {
  onvif = {};
  open = [];
  measured = offer;
  guess = null;
  pictures = false;
  log = [];
});

describe('an ONVIF camera', () => {
  it('is found at the first usual port that speaks ONVIF, knocked at one after the other', async () => {
    open = [80, 8000, 554];
    onvif = { 80: 'camera_not_onvif', 8000: good };
    const answer = await probe('10.0.0.2');
    expect(answer).toMatchObject({ kind: 'onvif', main: 'rtsp://10.0.0.2/main', sub: 'rtsp://10.0.0.2/sub' });
    expect(answer).toMatchObject({ video: { width: 1280 }, picture: 'data:image/jpeg;base64,anBlZw==', advice: [] });
    expect(log).toEqual([
      'onvif http://10.0.0.2/onvif/device_service typed',
      'onvif http://10.0.0.2:8000/onvif/device_service typed',
      'measure rtsp://10.0.0.2/main typed',
    ]);
  });

  it('F15: that refuses the password is not asked at its other ports, nor over RTSP', async () => {
    open = [80, 8080, 8000, 554];
    onvif = { 80: 'camera_wrong_password', 8080: 'camera_wrong_password' };
    expect((await failure('10.0.0.2')).code).toBe('camera_wrong_password');
    expect(log).toHaveLength(1);
    onvif = { 80: good };
    measured = 'camera_wrong_password';
    expect((await failure('10.0.0.2')).code).toBe('camera_wrong_password');
  });

  it('whose clock is too far off says so', async () => {
    onvif = { 81: 'camera_clock' };
    expect((await failure('10.0.0.2:81')).code).toBe('camera_clock');
  });

  it('that can not be measured is described all the same, with the reason (453)', async () => {
    onvif = { 80: good };
    measured = 'camera_too_many_connections';
    const answer = await probe('http://10.0.0.2');
    expect(answer.onvif?.problems).toEqual(['Its main stream could not be measured: So it is.']);
    expect(answer.video).toBeUndefined();
  });

  it('without a stream says what to do', async () => {
    onvif = { 80: describeAt(good.url, []) };
    expect(await failure('http://10.0.0.2')).toMatchObject({ code: 'camera_no_video' });
  });

  it('is measured at no other host than the one that was typed', async () => {
    onvif = { 80: describeAt(good.url, [profile('main', 'rtsp://10.9.9.9/main')]) };
    await probe('http://10.0.0.2');
    expect(log.filter((line) => line.startsWith('measure'))).toEqual([]);
  });
});

describe('something else', () => {
  it('that streams without ONVIF is tried at the paths of the makers', async () => {
    open = [554];
    guess = { main: 'rtsp://10.0.0.2/h264', sub: 'rtsp://10.0.0.2/h264sub' };
    expect(await probe('10.0.0.2')).toMatchObject({ kind: 'rtsp', main: guess.main, sub: guess.sub, onvif: null });
  });

  it('whose paths nobody knows asks for its path', async () => {
    open = [554];
    const { code, message } = await failure('10.0.0.2');
    expect(code).toBe('camera_path_not_found');
    expect(message).toContain('rtsp://10.0.0.2:554/');
  });

  it('that is a web server is no camera', async () => {
    onvif = { 80: 'camera_not_onvif' };
    open = [80];
    guess = 'camera_not_rtsp';
    expect((await failure('http://10.0.0.2')).code).toBe('camera_not_onvif');
    expect((await failure('10.0.0.2')).code).toBe('camera_not_onvif');
  });

  it('that gives motion JPEG is taken as that', async () => {
    onvif = { 80: 'camera_not_onvif' };
    pictures = true;
    expect(await probe('http://10.0.0.2/video.mjpg')).toMatchObject({
      kind: 'mjpeg',
      main: 'http://10.0.0.2/video.mjpg',
    });
    pictures = false;
    guess = 'camera_not_rtsp';
    expect((await failure('http://10.0.0.2/index.html')).code).toBe('camera_not_onvif');
  });

  it('at a wrong port names the ports that answer', async () => {
    open = [80];
    const { code, message } = await failure('10.0.0.2:81');
    expect(code).toBe('camera_refused_connection');
    expect(message).toBe('Port 81 of 10.0.0.2 does not answer, but port 80 does. Try 10.0.0.2 without a port.');
  });

  it('that is not there says so; trouble with TLS says so', async () => {
    expect((await failure('10.0.0.2')).code).toBe('camera_silent');
    onvif = { 443: 'camera_tls', 8443: 'camera_tls' };
    expect((await failure('https://10.0.0.2:8443')).code).toBe('camera_tls');
  });
});

describe('a kept password', () => {
  const kept = (url: string): Promise<unknown> => probe(url, { username: null, password: null, cameraId: 'kept' });

  it('is used at the own hosts of its camera, over RTSP and ONVIF', async () => {
    onvif = { 81: good };
    await kept('rtsp://10.0.0.2/other');
    await kept('10.0.0.2:81');
    expect(log).toEqual([
      'measure rtsp://10.0.0.2/other secret',
      'onvif http://10.0.0.2:81/onvif/device_service secret',
      'measure rtsp://10.0.0.2/main secret',
    ]);
  });

  it('is used at no other host, nor for another user', async () => {
    await kept('rtsp://10.0.0.3/other');
    await probe('rtsp://10.0.0.2/other', { username: 'root', password: null, cameraId: 'kept' });
    expect(log).toEqual(['measure rtsp://10.0.0.3/other -', 'measure rtsp://10.0.0.2/other -']);
  });
});

describe('a try', () => {
  it('is over after its time, with a sentence', async () => {
    const slow = build(30).probe({ url: 'rtsp://10.0.0.2/a' }, never);
    await expect(slow).rejects.toMatchObject({
      code: 'camera_silent',
      message: expect.stringMatching(/^10\.0\.0\.2 did not answer within/) as string,
    });
  });

  it('ends with its asker, and gives its place to the next', async () => {
    const prober = build(10_000);
    const gone = new AbortController();
    const tries = Array.from({ length: 4 }, () => prober.probe({ url: 'rtsp://10.0.0.2/a' }, gone.signal));
    await expect(prober.probe({ url: 'rtsp://10.0.0.2/a' }, never)).rejects.toMatchObject({ code: 'too_many' });
    gone.abort();
    await Promise.allSettled(tries);
    const next = new AbortController();
    const fifth = prober.probe({ url: 'rtsp://10.0.0.2/a' }, next.signal);
    next.abort();
    await expect(fifth).rejects.toBe(next.signal.reason);
  });
});

describe('advice', () => {
  const says = (change: Partial<Offer>, hasSub = true): string => adviceFor({ ...offer, ...change }, hasSub).join(' ');

  it('is none for a stream that is set well', () => {
    expect(adviceFor({ ...offer, video: { ...offer.video, width: 640, height: 360 } })).toEqual([]);
  });

  it('names what is slow, large or not shown everywhere', () => {
    expect(says({ keyframeIntervalMs: 10_000 })).toMatch(
      /keyframe comes only every 10 s: live start and seeking will be slow.*1-2 s/,
    );
    expect(says({ keyframeIntervalMs: null })).toMatch(/No second keyframe/);
    expect(says({ video: { ...offer.video, codec: 'h265' } })).toMatch(/H\.265/);
    expect(says({ fps: 60 })).toMatch(/60 pictures/);
    expect(says({ bitsPerSecond: 20_000_000 })).toMatch(/20 Mbit\/s/);
    expect(says({ video: { ...offer.video, width: 3840, height: 2160 } }, false)).toMatch(/sub stream/);
    expect(says({ video: { ...offer.video, width: 3840, height: 2160 } }, true)).not.toMatch(/sub stream/);
  });
});
