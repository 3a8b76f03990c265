/** Who moves the camera when: a person first, then the way home or the round. */
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import { silentLogger } from '#core/base/logger.ts';
import type { PtzAbilities, PtzCommand } from '#core/domain/onvif.ts';
import { defaultPtzSettings, type CameraRecord, type PtzSettings } from '#core/domain/records.ts';
import { CameraAsker, type AskOnvif } from '#core/hub/camera-asker.ts';
import { Ptz } from '#core/hub/ptz.ts';
import { cameraRecord } from '../../support/camera-record.ts';

const all: PtzAbilities = {
  profile: 'p1',
  continuous: true,
  relative: true,
  absolute: true,
  centre: true,
  zoom: true,
  home: true,
  presets: 8,
};
const never = new AbortController().signal;
const round: PtzSettings['patrol'] = {
  enabled: true,
  stops: [
    { preset: 'gate', dwellS: 10 },
    { preset: 'door', dwellS: 10 },
  ],
  schedule: [],
};
const move = { action: 'move', pan: 0.5, tilt: 0, zoom: 0, timeoutMs: 1_000 } as const;

let clock: ManualClock;
let camera: CameraRecord;
let abilities: PtzAbilities;
let sent: string[];
let failure: HubError | null;
let ptz: Ptz;

function words(command: PtzCommand): string {
  return command.action === 'goto_preset' ? command.preset : command.action;
}
beforeEach(() => {
  // A Monday, 12:00 in UTC.
  clock = new ManualClock(Date.UTC(2026, 5, 1, 12));
  camera = cameraRecord({ onvifUrl: 'http://10.0.0.2/x' });
  abilities = all;
  sent = [];
  failure = null;
  const ask: AskOnvif = ((operation: string, _target: unknown, input: { command: PtzCommand }) => {
    if (operation === 'ptz_state') return Promise.resolve({ abilities, position: null, moving: false, presets: [] });
    sent.push(words(input.command));
    return failure ? Promise.reject(failure) : Promise.resolve({});
  }) as unknown as AskOnvif;
  const registry = {
    list: () => [camera],
    get: () => camera,
    change: (_id: string, { ptz: changed }: { ptz: PtzSettings }) => (camera = { ...camera, ptz: changed }),
  };
  const asker = new CameraAsker({ ask, credentials: () => ({ username: null, password: null }) });
  ptz = new Ptz({ registry, asker, clock, logger: silentLogger, timeZone: 'UTC' });
});
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function pass(seconds: number): Promise<string[]> {
  sent.length = 0;
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000);
    ptz.tick();
    await settle();
  }
  return [...sent];
}
const set = (settings: Partial<PtzSettings>): void => {
  camera = { ...camera, ptz: { ...defaultPtzSettings, ...settings } };
};
const isPatrolling = async (): Promise<boolean> => (await ptz.state(camera.id, never)).patrolling;

describe('a command', () => {
  it('that the camera does not offer is refused in a sentence, and nothing is sent', async () => {
    abilities = { ...all, continuous: false, home: false, presets: 0, centre: false, relative: false };
    for (const command of [
      move,
      { action: 'home' },
      { action: 'goto_preset', preset: 'x' },
      { action: 'centre', x: 0.2, y: 0.2 },
    ] as const)
      await expect(ptz.command(camera.id, command, never)).rejects.toMatchObject({
        code: 'not_offered',
        message: expect.stringMatching(/^Camera 'Porch' /) as string,
      });
    expect(sent).toEqual([]);
  });

  it('to stop is sent even when nothing is known of the camera', async () => {
    failure = null;
    await ptz.command(camera.id, { action: 'stop' }, never);
    expect(sent).toEqual(['stop']);
  });

  it('for a camera without an ONVIF address says so', async () => {
    camera = { ...camera, onvifUrl: null };
    await expect(ptz.command(camera.id, move, never)).rejects.toMatchObject({ code: 'not_offered' });
    expect(() => ptz.change(camera.id, { homeAfterS: 30 })).toThrow(/stream address alone/);
  });
});

describe('after a person moved it', () => {
  it('it goes home once, when it was left alone for the time that was set', async () => {
    set({ homeAfterS: 30 });
    expect(await pass(60)).toEqual([]);
    await ptz.command(camera.id, move, never);
    expect(await pass(20)).toEqual([]);
    await ptz.command(camera.id, { action: 'relative', pan: 0.1, tilt: 0, zoom: 0 }, never);
    expect(await pass(29)).toEqual([]);
    expect(await pass(120)).toEqual(['home']);
  });

  it('it stays where it is when no time is set', async () => {
    await ptz.command(camera.id, move, never);
    expect(await pass(3_600)).toEqual([]);
  });

  it('it goes to the first stop of its round where it knows no home', async () => {
    abilities = { ...all, home: false };
    set({ homeAfterS: 10, patrol: { ...round, enabled: false } });
    await ptz.command(camera.id, move, never);
    expect(await pass(30)).toEqual(['gate']);
  });
});

describe('a round', () => {
  it('goes from stop to stop, staying as long as each says', async () => {
    set({ patrol: round });
    expect(await pass(25)).toEqual(['gate', 'door', 'gate']);
    expect(await isPatrolling()).toBe(true);
  });

  it('waits while a person moves the camera, and goes on after', async () => {
    set({ homeAfterS: 20, patrol: round });
    await pass(3);
    await ptz.command(camera.id, move, never);
    expect(await isPatrolling()).toBe(false);
    expect(await pass(19)).toEqual([]);
    expect(await pass(3)).toEqual(['gate']);
    expect(await isPatrolling()).toBe(true);
  });

  it('goes on after a minute where no time to go home is set', async () => {
    set({ patrol: round });
    await pass(1);
    await ptz.command(camera.id, move, never);
    expect(await pass(59)).toEqual([]);
    expect(await pass(2)).toEqual(['gate']);
  });

  it('keeps to its schedule', async () => {
    set({ patrol: { ...round, schedule: [{ days: [1], fromMinute: 12 * 60 + 1, toMinute: 12 * 60 + 2 }] } });
    expect(await pass(59)).toEqual([]);
    expect(await isPatrolling()).toBe(false);
    expect((await pass(60)).length).toBeGreaterThan(4);
    expect(await pass(120)).toEqual([]);
  });

  it('stops when it is switched off, and when the camera lost its ONVIF address', async () => {
    set({ patrol: round });
    expect(await pass(1)).toEqual(['gate']);
    ptz.change(camera.id, { patrol: { ...round, enabled: false } });
    expect(await pass(60)).toEqual([]);
    ptz.change(camera.id, { patrol: round });
    camera = { ...camera, onvifUrl: null };
    expect(await pass(60)).toEqual([]);
  });

  it('goes at once when it is switched on, although somebody looked for its views with the pad just before', async () => {
    await ptz.command(camera.id, move, never);
    ptz.change(camera.id, { patrol: round });
    expect(await isPatrolling()).toBe(true);
    expect(await pass(2)).toEqual(['gate']);
  });

  it('without stops can not be switched on', () => {
    expect(() => ptz.change(camera.id, { patrol: { ...round, stops: [] } })).toThrow(
      expect.objectContaining({ code: 'bad_request' }) as Error,
    );
  });

  it('waits half a minute after a step that failed, and F15: a refused password ends it', async () => {
    set({ patrol: round });
    failure = new HubError('camera_silent', 'Silent.');
    expect(await pass(30)).toHaveLength(1);
    failure = new HubError('camera_wrong_password', 'No.');
    await pass(10);
    expect(await pass(600)).toEqual([]);
    await expect(ptz.state(camera.id, never)).rejects.toMatchObject({ code: 'camera_wrong_password' });
  });
});

it('settings are changed one by one and kept with the camera', () => {
  ptz.change(camera.id, { homeAfterS: 45 });
  ptz.change(camera.id, { patrol: round });
  expect(camera.ptz).toEqual({ homeAfterS: 45, patrol: round });
  ptz.change(camera.id, { homeAfterS: null });
  expect(camera.ptz.homeAfterS).toBeNull();
});
