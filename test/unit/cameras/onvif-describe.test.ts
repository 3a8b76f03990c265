import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/base/clock.ts';
import type { OnvifProfile } from '../../../core/domain/onvif.ts';
import { chooseProfiles } from '../../../core/cameras/onvif/choose-profiles.ts';
import { connectOnvif } from '../../../core/cameras/onvif/connection.ts';
import { describeCamera } from '../../../core/cameras/onvif/describe.ts';
import { startGuardedCamera, type GuardedCamera } from '../../support/guarded-camera.ts';
import { bodies } from '../../support/onvif-corpus/more-answers.ts';
import {
  fault12,
  profiles1,
  profiles2,
  services,
  streamUri1,
  streamUri2,
} from '../../support/onvif-corpus/device-answers.ts';

let camera: GuardedCamera | null = null;
afterEach(async () => {
  await camera?.stop();
  camera = null;
});

const inner = 'http://10.0.0.5';

async function describeWith(answers: GuardedCamera['answers'], names: Parameters<typeof services>[1]) {
  camera = await startGuardedCamera({ username: 'admin', password: 'p', wsse: true });
  Object.assign(camera.answers, { GetServices: () => services(inner, names), ...answers });
  const target = { url: `http://127.0.0.1:${camera.port}`, username: 'admin', password: 'p', cameraName: 'Porch' };
  const session = await connectOnvif(target, { clock: systemClock });
  return { port: camera.port, described: await describeCamera(session) };
}

const tokenIn = (message: string): string => /ProfileToken>([^<]*)</.exec(message)?.[1] ?? '';
const forbidden = (): string => fault12('Sender', 'ter:NotAuthorized', 'not for this user');

describe('a camera in one description', () => {
  test('both media services: a profile that both name is told once, from the newer; H.265 only there', async () => {
    const { described } = await describeWith(
      {
        GetProfiles: (message) =>
          message.includes('ver20/media')
            ? profiles2([
                { token: 'main', codec: 'H265', width: 3840, height: 2160, ptz: true },
                { token: 'sub', codec: 'H264', width: 640, height: 360 },
              ])
            : profiles1([
                { token: 'main', codec: 'H264', width: 1920, height: 1080 },
                { token: 'sub', codec: 'H264', width: 640, height: 360 },
                { token: 'old', codec: 'JPEG', width: 320, height: 240 },
              ]),
        GetStreamUri: (message) =>
          message.includes('ver20/media')
            ? streamUri2(`rtsp://a:b@10.0.0.5:8554/${tokenIn(message)}`)
            : streamUri1(`rtsp://10.0.0.5/${tokenIn(message)}`),
        GetSnapshotUri: (message) =>
          streamUri2(`${inner}/${tokenIn(message)}.jpg`).replaceAll('StreamUri', 'SnapshotUri'),
        GetAudioOutputs: () =>
          '<trt:GetAudioOutputsResponse><trt:AudioOutputs token="a"/></trt:GetAudioOutputsResponse>',
        GetEventProperties: () => bodies['GetEventProperties'] ?? '',
        GetRelayOutputs: () => bodies['GetRelayOutputs'] ?? '',
      },
      ['device', 'media', 'media2', 'events'],
    );
    expect(described.profiles.map(({ token, service, streamUrl }) => [token, service, streamUrl])).toEqual([
      ['main', 'media2', 'rtsp://127.0.0.1:8554/main'],
      ['sub', 'media2', 'rtsp://127.0.0.1:8554/sub'],
      ['old', 'media1', 'rtsp://127.0.0.1/old'],
    ]);
    expect(described.profiles[0]).toMatchObject({
      video: {
        codec: 'h265',
        width: 3840,
        height: 2160,
        fps: 20,
        bitsPerSecond: 3_072_000,
        keyframeEvery: 60,
        encoder: 'enc-main',
      },
      audio: { codec: 'aac', sampleRate: 16_000, bitsPerSecond: 32_000 },
      ptz: true,
    });
    expect(described.profiles[2]?.video).toMatchObject({ codec: 'mjpeg', keyframeEvery: 50, bitsPerSecond: 4_096_000 });
    expect(described).toMatchObject({
      info: { make: 'Brightcam', model: 'BC-2 & friends', firmware: 'V5.4.5 build 170124' },
      chosen: { main: 'main', sub: 'sub' },
      talk: true,
      relays: [{ token: 'r0', name: 'Relay 1' }],
      events: { pullPoint: true, signals: ['motion'] },
      problems: [],
    });
  });

  test('what a user may not see is told in words, and the rest holds', async () => {
    const { described } = await describeWith(
      {
        GetProfiles: () => profiles1([{ token: 'p', codec: 'H264', width: 1280, height: 720 }]),
        GetStreamUri: () => streamUri1('rtsp://10.0.0.5/p'),
        GetSnapshotUri: forbidden,
        GetRelayOutputs: forbidden,
        GetAudioOutputs: forbidden,
        GetEventProperties: forbidden,
      },
      ['device', 'media', 'events'],
    );
    expect(described.profiles.map((profile) => profile.streamUrl)).toEqual(['rtsp://127.0.0.1/p']);
    expect([described.relays, described.talk, described.events?.signals]).toEqual([[], false, []]);
    expect(described.problems).toEqual([
      expect.stringMatching(
        /^What it can report by itself could not be read: .* does not let the user 'admin' do this/,
      ),
    ]);
  });

  test('a stream address that leads to no stream is a problem, not a stream', async () => {
    const { described } = await describeWith(
      {
        GetProfiles: () => profiles1([{ token: 'p', codec: 'H264', width: 1280, height: 720 }]),
        GetStreamUri: () => streamUri1('http://evil.example/steal'),
      },
      ['device', 'media'],
    );
    expect(described.profiles[0]?.streamUrl).toBeNull();
    expect(described.chosen).toEqual({ main: null, sub: null });
    expect(described.problems.join(' ')).toMatch(/none that Porchlight can use.*None of its profiles/);
  });

  test('a thousand profiles are thirty-two', async () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ token: `p${i}`, codec: 'H264', width: 640, height: 360 }));
    const { described } = await describeWith(
      {
        GetProfiles: () => profiles1(many),
        GetStreamUri: (message) => streamUri1(`rtsp://10.0.0.5/${tokenIn(message)}`),
      },
      ['device', 'media'],
    );
    expect(described.profiles.length).toBe(32);
    expect(described.problems).toEqual(['It names 200 profiles; the first 32 are used.']);
  });

  test('F15: a refused password ends the description at its first question', async () => {
    camera = await startGuardedCamera({ username: 'admin', password: 'other', wsse: true });
    const target = { url: `http://127.0.0.1:${camera.port}`, username: 'admin', password: 'p', cameraName: 'Porch' };
    const session = await connectOnvif(target, { clock: systemClock });
    await expect(describeCamera(session)).rejects.toMatchObject({ code: 'camera_wrong_password' });
    expect(camera.attempts).toBe(1);
  });

  test('a camera that goes silent is not asked through the whole list', async () => {
    camera = await startGuardedCamera({ username: 'admin', password: 'p', wsse: true });
    const target = { url: `http://127.0.0.1:${camera.port}`, username: 'admin', password: 'p', cameraName: 'Porch' };
    const session = await connectOnvif(target, { clock: systemClock });
    await camera.stop();
    await expect(describeCamera(session)).rejects.toMatchObject({ code: 'camera_refused_connection' });
  });
});

describe('which profile is recorded and which is analysed', () => {
  const profile = (
    token: string,
    codec: 'h264' | 'h265' | 'mjpeg',
    width: number,
    height: number,
    source = 's',
  ): OnvifProfile => ({
    token,
    name: token,
    service: 'media2',
    source,
    streamUrl: `rtsp://c/${token}`,
    snapshotUrl: null,
    video: { codec, width, height, fps: 25, bitsPerSecond: null, keyframeEvery: null, encoder: '' },
    audio: null,
    ptz: false,
  });

  test.each<[string, OnvifProfile[], string | null, string | null]>([
    ['the usual two', [profile('a', 'h264', 1920, 1080), profile('b', 'h264', 640, 360)], 'a', 'b'],
    ['the larger second', [profile('a', 'h264', 640, 360), profile('b', 'h265', 2560, 1440)], 'b', 'a'],
    ['H.264 where sizes tie', [profile('a', 'h265', 1920, 1080), profile('b', 'h264', 1920, 1080)], 'b', null],
    [
      'the nearest to 640x360',
      [
        profile('a', 'h264', 3840, 2160),
        profile('b', 'h264', 1280, 720),
        profile('c', 'h264', 704, 480),
        profile('d', 'h264', 352, 240),
      ],
      'a',
      'c',
    ],
    ['not below 320 wide', [profile('a', 'h264', 1920, 1080), profile('b', 'h264', 176, 144)], 'a', null],
    [
      'H.264 before H.265 of like size',
      [profile('a', 'h264', 1920, 1080), profile('b', 'h265', 640, 360), profile('c', 'h264', 640, 480)],
      'a',
      'c',
    ],
    [
      'a small H.265 before a large H.264',
      [profile('a', 'h264', 3840, 2160), profile('b', 'h265', 640, 360), profile('c', 'h264', 1920, 1080)],
      'a',
      'b',
    ],
    [
      'never another lens',
      [
        profile('a', 'h264', 1920, 1080),
        profile('b', 'h264', 640, 360, 'other'),
        profile('c', 'h264', 3840, 2160, 'other'),
      ],
      'a',
      null,
    ],
    [
      'never MJPEG',
      [profile('j', 'mjpeg', 4000, 3000), profile('a', 'h264', 1280, 720), profile('k', 'mjpeg', 640, 360)],
      'a',
      null,
    ],
    ['one profile', [profile('a', 'h264', 640, 360)], 'a', null],
    ['none', [], null, null],
    [
      'without a stream',
      [{ ...profile('a', 'h264', 1920, 1080), streamUrl: null }, profile('b', 'h264', 640, 360)],
      'b',
      null,
    ],
    [
      'the same stream twice',
      [profile('a', 'h264', 1920, 1080), { ...profile('b', 'h264', 640, 360), streamUrl: 'rtsp://c/a' }],
      'a',
      null,
    ],
    ['sizes unknown', [profile('a', 'h264', 0, 0), profile('b', 'h264', 0, 0)], 'a', null],
  ])('%s', (_, profiles, main, sub) => {
    expect(chooseProfiles(profiles)).toEqual({ main, sub });
  });
});
