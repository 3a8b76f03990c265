/** What a camera should be set to: for recording, live view and seeking, and only as far as it goes. */
import { describe, expect, it } from 'vitest';
import type { EncoderState, OnvifProfile } from '#core/domain/onvif.ts';
import { recommendedSettings } from '#core/domain/recommended-settings.ts';

const encoder = (token: string, given: Partial<EncoderState> = {}): EncoderState => ({
  token,
  name: token,
  profiles: [`Profile of ${token}`],
  codec: 'h264',
  width: 1920,
  height: 1080,
  fps: 25,
  bitsPerSecond: 4_000_000,
  keyframeEvery: 50,
  options: {
    codecs: ['h264', 'h265'],
    sizes: [{ width: 1920, height: 1080 }],
    fps: { min: 1, max: 60 },
    bitsPerSecond: { min: 64_000, max: 16_000_000 },
    keyframeEvery: { min: 1, max: 400 },
  },
  ...given,
});
const profile = (token: string, encoderToken: string): OnvifProfile => ({
  token,
  name: token,
  service: 'media2',
  source: 'lens',
  streamUrl: `rtsp://10.0.0.2/${token}`,
  snapshotUrl: null,
  video: {
    codec: 'h264',
    width: 1,
    height: 1,
    fps: null,
    bitsPerSecond: null,
    keyframeEvery: null,
    encoder: encoderToken,
  },
  audio: null,
  ptz: false,
});
const chosen = {
  profiles: [profile('p1', 'e-main'), profile('p2', 'e-sub')],
  chosen: { main: 'p1', sub: 'p2' },
};
const main = (given: Partial<EncoderState>): ReturnType<typeof recommendedSettings> =>
  recommendedSettings([encoder('e-main', given), subAsItShould], chosen);
const sub = (given: Partial<EncoderState>): ReturnType<typeof recommendedSettings> =>
  recommendedSettings([encoder('e-main'), { ...subAsItShould, ...given }], chosen);
const subAsItShould = encoder('e-sub', {
  width: 640,
  height: 360,
  fps: 15,
  keyframeEvery: 30,
  bitsPerSecond: 500_000,
});

describe('recommended settings', () => {
  it('leave a camera that is set well alone', () => {
    expect(main({})).toEqual({ list: [], changes: [] });
    expect(main({ codec: 'h265' }).list).toEqual([]);
  });

  it('bring keyframes to every 2 s, and say from what to what and why', () => {
    const { list, changes } = main({ keyframeEvery: 250 });
    expect(changes).toEqual([{ token: 'e-main', keyframeEvery: 50 }]);
    expect(list).toEqual([
      {
        encoder: 'e-main',
        profile: 'Profile of e-main',
        setting: 'keyframeEvery',
        from: 'every 10 s (250 pictures)',
        to: 'every 2 s (50 pictures)',
        why: expect.stringMatching(/Live view starts/) as string,
      },
    ]);
  });

  it('count keyframes by the picture rate that will be', () => {
    expect(main({ fps: 60, keyframeEvery: 240 }).changes).toEqual([{ token: 'e-main', fps: 30, keyframeEvery: 60 }]);
  });

  it('stay within what the camera takes, and never go the wrong way', () => {
    const options = encoder('e-main').options;
    expect(
      main({ keyframeEvery: 250, options: { ...options, keyframeEvery: { min: 100, max: 400 } } }).changes,
    ).toEqual([{ token: 'e-main', keyframeEvery: 100 }]);
    expect(main({ keyframeEvery: 250, options: { ...options, keyframeEvery: { min: 250, max: 400 } } }).list).toEqual(
      [],
    );
    expect(main({ keyframeEvery: 250, options: { ...options, keyframeEvery: null } }).list).toEqual([]);
    expect(main({ fps: 50, keyframeEvery: 100, options: { ...options, fps: { min: 50, max: 60 } } }).list).toEqual([]);
    expect(main({ codec: 'mjpeg', options: { ...options, codecs: ['mjpeg'] } }).list).toEqual([]);
  });

  it('turn motion JPEG into H.264', () => {
    expect(main({ codec: 'mjpeg' }).changes).toEqual([{ token: 'e-main', codec: 'h264' }]);
  });

  it('keep the small stream small: 10 to 15 pictures a second, a bit rate cap, H.264', () => {
    const { list, changes } = sub({ fps: 25, keyframeEvery: 100, bitsPerSecond: 3_000_000, codec: 'h265' });
    expect(changes).toEqual([{ token: 'e-sub', codec: 'h264', fps: 15, bitsPerSecond: 1_000_000, keyframeEvery: 30 }]);
    expect(list.map(({ setting, from, to }) => [setting, from, to])).toEqual([
      ['codec', 'H.265', 'H.264'],
      ['fps', '25 pictures per second', '15 pictures per second'],
      ['bitsPerSecond', '3 Mbit/s', '1 Mbit/s'],
      ['keyframeEvery', 'every 4 s (100 pictures)', 'every 2 s (30 pictures)'],
    ]);
    expect(sub({ fps: 5, keyframeEvery: 10 }).changes).toEqual([{ token: 'e-sub', fps: 10 }]);
  });

  it('follow what records when one encoder serves both, and leave other encoders alone', () => {
    const same = { profiles: [profile('p1', 'e'), profile('p2', 'e')], chosen: chosen.chosen };
    expect(recommendedSettings([encoder('e', { fps: 25 })], same).list).toEqual([]);
    expect(
      recommendedSettings([encoder('e-third', { keyframeEvery: 400 }), encoder('e-main'), subAsItShould], chosen).list,
    ).toEqual([]);
  });

  it('change nothing where the camera does not say what it is set to', () => {
    expect(main({ fps: null, keyframeEvery: null, bitsPerSecond: null }).list).toEqual([]);
    expect(recommendedSettings([], chosen).list).toEqual([]);
  });
});
