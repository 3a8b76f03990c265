import { connect as openSocket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectOnvif } from '#core/cameras/onvif/connection.ts';
import type { OnvifConnection, SoapRequest, XmlElement } from '#core/cameras/onvif/soap-port.ts';
import { Watcher } from '#core/cameras/onvif/watch.ts';
import { newCameraId } from '#core/domain/ids.ts';
import type { CameraReport, WatchStatus } from '#core/domain/onvif.ts';
import { ManualTiming } from '../../support/manual-timing.ts';
import { ScriptedEventsCamera, type NoticeScript } from '../../support/scripted-events-camera.ts';

let timing: ManualTiming;
let camera: ScriptedEventsCamera;
let watcher: Watcher;
let reports: CameraReport[];
let statuses: WatchStatus[];
let calls = 0;
let bugs: unknown[];

const motion = (active: boolean, change: Partial<NoticeScript> = {}): NoticeScript => ({
  topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
  source: { Rule: 'Yard' },
  data: { IsMotion: String(active) },
  ...change,
});
const told = (): string[] => reports.map(({ signal, active, what }) => `${signal} ${active ? 'on' : 'off'}: ${what}`);
const states = (): string[] => statuses.map(({ state, via }) => (via === null ? state : `${state} ${via}`));

async function counted<T>(work: () => Promise<T>): Promise<T> {
  calls++;
  try {
    return await work();
  } finally {
    calls--;
  }
}

/** Until every question is answered or held by the camera. */
async function settle(): Promise<void> {
  const endMs = performance.now() + 5_000;
  for (let calm = 0; calm < 4; calm++) {
    if (calls !== camera.held || camera.busy) calm = 0;
    if (performance.now() > endMs) throw new Error('the watcher does not come to rest');
    await new Promise(setImmediate);
  }
}
const pass = (ms: number): Promise<void> => timing.pass(ms, settle);

async function watch(): Promise<void> {
  const { clock } = timing;
  watcher = new Watcher({
    cameraId: newCameraId(),
    target: { url: camera.url, username: 'u', password: 'p', cameraName: 'Porch' },
    connect: async (target, signal) => {
      const connection = await counted(() => connectOnvif(target, { clock, signal }));
      return new Proxy<OnvifConnection>(connection, {
        get(real, name) {
          if (name === 'call') return (request: SoapRequest): Promise<XmlElement> => counted(() => real.call(request));
          const value: unknown = Reflect.get(real, name, real);
          return typeof value === 'function' ? (value.bind(real) as unknown) : value;
        },
      });
    },
    report: (report) => reports.push(report),
    status: (status) => statuses.push(status),
    bug: (error) => bugs.push(error),
    timing,
  });
  watcher.start();
  await settle();
  // What is heard at once is how things are.
  await pass(2_000);
}

beforeEach(async () => {
  timing = new ManualTiming();
  camera = new ScriptedEventsCamera(timing);
  reports = [];
  statuses = [];
  bugs = [];
  await camera.start();
});
afterEach(async () => {
  await watcher.stop();
  await camera.stop();
  expect(bugs).toEqual([]);
});

describe('pull points', () => {
  it('tell on and off with the time of the camera, and are given back at the end', async () => {
    await watch();
    await pass(3_000);
    const happenedMs = timing.clock.nowMs() - 700;
    camera.say(motion(true, { utcMs: happenedMs }));
    await pass(1_000);
    camera.say(motion(false));
    await pass(1_000);
    expect(told()).toEqual(['motion on: Yard', 'motion off: Yard']);
    expect(reports[0]?.timeMs).toBe(happenedMs);
    expect(states()).toEqual(['connecting', 'watching pull']);
    await watcher.stop();
    expect(camera.count('Unsubscribe')).toBe(1);
  });

  it('F19: a subscription is renewed before its end, for as long as it is watched', async () => {
    await watch();
    await pass(600_000);
    expect(camera.count('CreatePullPointSubscription')).toBe(1);
    expect(camera.count('Renew')).toBeGreaterThanOrEqual(14);
    expect(camera.count('Renew')).toBeLessThanOrEqual(30);
    camera.say(motion(true));
    await pass(500);
    expect(told()).toEqual(['motion on: Yard']);
  });

  it('F19: where the camera renews nothing, another subscription takes over without a word and without a replay', async () => {
    camera.behaviour.Renew = { fault: 'ter:ActionNotSupported' };
    await watch();
    await pass(300_000);
    expect(camera.count('CreatePullPointSubscription')).toBeGreaterThanOrEqual(5);
    expect(camera.count('CreatePullPointSubscription')).toBeLessThanOrEqual(8);
    expect(camera.count('Unsubscribe')).toBe(camera.count('CreatePullPointSubscription') - 1);
    expect(states()).toEqual(['connecting', 'watching pull']);
  });

  it('F19: a camera that was gone for ten minutes is watched again within a minute of its return', async () => {
    await watch();
    camera.say(motion(true));
    await pass(1_000);
    await camera.stop();
    await pass(600_000);
    expect(told()).toEqual(['motion on: Yard', 'motion off: Yard']);
    expect(watcher.status.state).toBe('retrying');
    expect(watcher.status.message).toContain("Camera 'Porch'");
    await camera.start();
    await pass(60_000);
    expect(watcher.status.state).toBe('watching');
    camera.say(motion(false, { operation: 'Initialized' }), motion(true));
    await pass(500);
    expect(told()).toEqual(['motion on: Yard', 'motion off: Yard', 'motion on: Yard']);
  });

  it('F19: a camera that forgot the subscription gets a new one', async () => {
    await watch();
    camera.behaviour.PullMessages = { fault: 'ter:InvalidArgVal', reason: 'no such subscription' };
    await pass(11_000);
    camera.behaviour = {};
    await pass(30_000);
    expect(watcher.status.state).toBe('watching');
    camera.say(motion(true));
    await pass(500);
    expect(told()).toEqual(['motion on: Yard']);
  });

  it('F20: a missing off ends by itself', async () => {
    await watch();
    camera.say(motion(true));
    await pass(59_000);
    expect(told()).toEqual(['motion on: Yard']);
    await pass(2_000);
    expect(told()).toEqual(['motion on: Yard', 'motion off: Yard']);
  });

  it('F21: the state at the beginning is no motion, whatever the camera calls it', async () => {
    camera.say(motion(true, { operation: 'Initialized' }));
    camera.say({ ...motion(true), source: { Rule: 'Gate' } });
    camera.say({ topic: 'tns1:RuleEngine/LineDetector/Crossed', operation: 'Initialized' });
    await watch();
    await pass(1_000);
    camera.say({ ...motion(true, { utcMs: timing.clock.nowMs() - 600_000 }), source: { Rule: 'Door' } });
    await pass(5_000);
    expect(told()).toEqual([]);
    camera.say(motion(false), motion(true));
    await pass(500);
    expect(told()).toEqual(['motion on: Yard']);
  });

  it('F22: a camera that does not wait is asked once a second', async () => {
    camera.longPoll = false;
    await watch();
    await pass(120_000);
    expect(camera.count('PullMessages')).toBeGreaterThan(50);
    expect(camera.count('PullMessages')).toBeLessThanOrEqual(121);
    camera.say(motion(true));
    await pass(2_100);
    expect(told()).toEqual(['motion on: Yard']);
  });

  it('F22: one that repeats the same message without end is asked no more often', async () => {
    camera.longPoll = false;
    await watch();
    const before = camera.count('PullMessages');
    for (let second = 0; second < 30; second++) {
      camera.say(motion(true));
      await pass(1_000);
    }
    expect(camera.count('PullMessages') - before).toBeLessThanOrEqual(35);
    expect(told()).toEqual(['motion on: Yard']);
  });

  it('F22: other prefixes than the usual ones are read all the same', async () => {
    camera.odd = true;
    await watch();
    camera.say(motion(true, { topic: 'ns-9:RuleEngine/CellMotionDetector/Motion' }));
    await pass(500);
    expect(told()).toEqual(['motion on: Yard']);
  });

  it('live at the address that was typed, whatever host the camera names, with its reference parameters', async () => {
    camera.manager = 'http://10.9.8.7:{port}/sub?id=5';
    camera.parameters = '<dom:SubscriptionId xmlns:dom="urn:maker">a&amp;b</dom:SubscriptionId>';
    await watch();
    camera.say(motion(true));
    await pass(500);
    expect(told()).toEqual(['motion on: Yard']);
    const pull = camera.bodies.find(({ kind }) => kind === 'PullMessages');
    expect(pull?.path).toBe('/sub?id=5');
    expect(pull?.body).toMatch(/<SubscriptionId xmlns="urn:maker"[^>]*>a&amp;b<\/SubscriptionId>/);
  });

  it('work with a relative address, with a point in time, and with cameras that close instead of waiting', async () => {
    camera.manager = '/onvif/sub0';
    camera.behaviour.CreatePullPointSubscription = { fault: 'ter:InvalidArgVal' };
    await watch();
    const ends = camera.bodies
      .filter(({ kind }) => kind === 'CreatePullPointSubscription')
      .map(({ body }) => /InitialTerminationTime>([^<]*)</.exec(body)?.[1]);
    expect(ends.slice(0, 3)).toEqual(['PT60S', '2026-06-01T12:01:00Z', undefined]);
    camera.behaviour = {};
    await pass(2_000);
    expect(camera.bodies.at(-1)?.path).toBe('/onvif/sub0');
    camera.behaviour.PullMessages = 'cut';
    await pass(10_500);
    camera.behaviour = {};
    await pass(3_000);
    expect(watcher.status.state).toBe('watching');
    expect(states()).toEqual(['connecting', 'retrying', 'watching pull']);
  });

  it('F15: a refused password is not sent again by itself', async () => {
    camera.behaviour = {
      CreatePullPointSubscription: { fault: 'ter:NotAuthorized' },
      other: { fault: 'ter:NotAuthorized' },
    };
    await watch();
    await pass(1_000);
    expect(watcher.status.state).toBe('refused');
    const asked = camera.bodies.length;
    await pass(7_200_000);
    expect(camera.bodies).toHaveLength(asked);
  });

  it('unknown topics are counted, not told, and the count is bounded', async () => {
    await watch();
    for (let n = 0; n < 100; n++) camera.say(motion(true, { topic: `tns1:Maker/Thing${n}` }));
    await pass(1_000);
    expect(told()).toEqual([]);
    expect(watcher.unknownTopics.size).toBe(64);
  });
});

describe('a camera without events', () => {
  it('is said to have none, and asked again much later', async () => {
    camera.services = false;
    await watch();
    expect(watcher.status).toMatchObject({ state: 'unsupported', via: null });
    camera.services = true;
    await pass(601_000);
    expect(watcher.status.state).toBe('watching');
  });
});

describe('base notification', () => {
  async function post(url: string, body: string, method = 'POST'): Promise<number | 'cut'> {
    try {
      const response = await fetch(url, { method, ...(method === 'POST' ? { body } : {}) });
      return response.status;
    } catch {
      return 'cut';
    }
  }
  beforeEach(async () => {
    camera.behaviour.CreatePullPointSubscription = { fault: 'ter:ActionNotSupported' };
    await watch();
  });

  it('takes over where there are no pull points, is renewed, and ends with the watch', async () => {
    expect(states()).toEqual(['connecting', 'watching base']);
    const consumer = camera.consumer ?? '';
    expect(new URL(consumer).hostname).toBe('127.0.0.1');
    expect(new URL(consumer).pathname.length).toBeGreaterThan(30);
    expect(await post(consumer, camera.notify(motion(false, { operation: 'Initialized' })))).toBe(200);
    expect(await post(consumer, camera.notify(motion(true), motion(false)))).toBe(200);
    expect(told()).toEqual(['motion on: Yard', 'motion off: Yard']);
    await pass(300_000);
    expect(camera.count('Renew')).toBeGreaterThanOrEqual(8);
    expect(camera.count('Subscribe')).toBe(1);
    await watcher.stop();
    expect(camera.count('Unsubscribe')).toBe(1);
    expect(await post(consumer, camera.notify(motion(true)))).toBe('cut');
  });

  it('stands in for pull points that fail, which get another chance half an hour later', async () => {
    await watcher.stop();
    camera.behaviour = { PullMessages: { fault: 'ter:InvalidArgVal', reason: 'out of memory' } };
    statuses = [];
    await watch();
    await pass(5_000);
    expect(states()).toEqual(['connecting', 'retrying', 'watching base']);
    camera.behaviour = {};
    await pass(1_840_000);
    expect(states().at(-1)).toBe('watching pull');
  });

  it('hostile notifications are cut off and change nothing', async () => {
    const consumer = camera.consumer ?? '';
    const good = camera.notify(motion(true));
    const elsewhere = new URL('/other', consumer).href;
    expect(await post(elsewhere, good)).toBe('cut');
    expect(await post(consumer, good, 'GET')).toBe('cut');
    expect(await post(consumer, ' '.repeat(300 * 1024))).toBe('cut');
    expect(await post(consumer, 'not xml at all')).toBe('cut');
    expect(await post(consumer, `<!DOCTYPE a [<!ENTITY b "c">]>${good}`)).toBe('cut');
    expect(await post(consumer, '<a>'.repeat(10_000))).toBe('cut');
    expect(told()).toEqual([]);
    expect(watcher.status.state).toBe('watching');
    await new Promise((resolve) => setTimeout(resolve, 1_001));
    expect(await post(consumer, good)).toBe(200);
    expect(told()).toEqual(['motion on: Yard']);
  });

  it('a flood and a sender that never ends are let go', async () => {
    const { hostname, port, pathname } = new URL(camera.consumer ?? '');
    const slow = openSocket(Number(port), hostname);
    slow.write(`POST ${pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<a>`);
    const flood = await Promise.all(
      Array.from({ length: 60 }, () => post(camera.consumer ?? '', camera.notify(motion(true)))),
    );
    expect(flood.filter((status) => status === 200).length).toBeLessThanOrEqual(40);
    expect(told()).toEqual(['motion on: Yard']);
    await watcher.stop();
    await new Promise<void>((resolve) => {
      if (slow.destroyed) resolve();
      else slow.once('close', () => resolve()).resume();
    });
  });
});
