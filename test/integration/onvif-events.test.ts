/** Watching the virtual camera as it runs on its own: its faults against our subscriptions, on real time. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '#core/base/clock.ts';
import { connectOnvif } from '#core/cameras/onvif/connection.ts';
import { Watcher } from '#core/cameras/onvif/watch.ts';
import { newCameraId } from '#core/domain/ids.ts';
import type { CameraReport } from '#core/domain/onvif.ts';
import { until } from '../support/hub-process.ts';
import { startOnvifCamera, type RunningOnvifCamera } from '../support/onvif-camera.ts';

let camera: RunningOnvifCamera & { stop(): Promise<void> };
let watcher: Watcher;
let reports: CameraReport[];

beforeAll(async () => {
  camera = await startOnvifCamera({ username: 'u', password: 'p' });
});
afterAll(async () => camera.stop());
beforeEach(async () => {
  await camera.fault({ kind: 'none' });
  reports = [];
});
afterEach(async () => watcher.stop());

const told = (): string[] => reports.map(({ signal, active }) => `${signal} ${active ? 'on' : 'off'}`);
const subscriptions = async (): Promise<number> => (await camera.figures()).onvif.subscriptions;
const pulls = async (): Promise<number> => (await camera.figures()).onvif.actions['PullMessages'] ?? 0;
const isTold = async (...expected: string[]): Promise<void> => {
  await vi.waitFor(() => expect(told()).toEqual(expect.arrayContaining(expected)), { timeout: 15_000, interval: 20 });
};

function start(password = 'p'): void {
  watcher = new Watcher({
    cameraId: newCameraId(),
    target: { url: camera.onvifUrl, username: 'u', password, cameraName: 'Porch' },
    connect: (target, signal) => connectOnvif(target, { clock: systemClock, signal }),
    report: (report) => reports.push(report),
    status: () => undefined,
  });
  watcher.start();
}
async function watch(via: 'pull' | 'base'): Promise<void> {
  start();
  await until(`it is watched by ${via}`, 15, () =>
    Promise.resolve(watcher.status.state === 'watching' && watcher.status.via === via),
  );
}

describe('the virtual camera', () => {
  it('tells every signal, and gives the subscription back at the end', async () => {
    await watch('pull');
    for (const signal of ['motion', 'person', 'vehicle', 'animal', 'input', 'tamper'] as const) {
      await camera.raise(signal, true);
      await isTold(`${signal} on`);
      await camera.raise(signal, false);
      await isTold(`${signal} off`);
    }
    await camera.raise('line_crossing', true);
    await isTold('line_crossing on', 'line_crossing off');
    expect(Math.max(...reports.map(({ timeMs }) => Math.abs(timeMs - Date.now())))).toBeLessThan(15_000);
    await watcher.stop();
    expect(await subscriptions()).toBe(0);
  });

  it('F21: state that it replays as a change is no news', async () => {
    await camera.fault({ kind: 'replay', as: 'Changed' });
    await camera.raise('input', true);
    await watch('pull');
    await camera.raise('motion', true);
    await isTold('motion on');
    expect(told().filter((one) => one.startsWith('input'))).toEqual([]);
    await camera.raise('input', false);
    await camera.raise('motion', false);
  });

  it('F22: without long poll it is asked about once a second', async () => {
    await camera.fault({ kind: 'no_long_poll' });
    await watch('pull');
    const before = await pulls();
    const startMs = Date.now();
    await until('three seconds have passed', 15, () => Promise.resolve(Date.now() - startMs > 3_000));
    const asked = (await pulls()) - before;
    expect(asked).toBeGreaterThanOrEqual(2);
    expect(asked).toBeLessThanOrEqual(5);
    await camera.raise('person', true);
    await isTold('person on');
    await camera.raise('person', false);
  });

  it('F19: forgets a subscription and gets another, by its parameters, other prefixes and a foreign host', async () => {
    await camera.fault({ kind: 'reference_parameters' });
    await camera.fault({ kind: 'odd_prefixes' });
    await camera.fault({ kind: 'addresses', host: '10.11.12.13' });
    await watch('pull');
    await camera.fault({ kind: 'forget_subscriptions' });
    await until('it has a new one', 15, async () => (await subscriptions()) === 1);
    await camera.raise('animal', true);
    await isTold('animal on');
    await camera.raise('animal', false);
  });

  it('calls us where it has no pull points', async () => {
    await camera.fault({ kind: 'no_pull_point' });
    await watch('base');
    await camera.raise('vehicle', true);
    await isTold('vehicle on');
    await camera.raise('vehicle', false);
    await isTold('vehicle off');
  });

  it('F15: refuses a wrong password once or twice and is not asked again', async () => {
    const before = (await camera.figures()).onvif.wrongPasswords;
    start('wrong');
    await until('it is refused', 15, () => Promise.resolve(watcher.status.state === 'refused'));
    expect((await camera.figures()).onvif.wrongPasswords - before).toBeLessThanOrEqual(2);
  });
});
