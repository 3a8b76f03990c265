/** The ONVIF process against device programs that are not ours (test/support/odd-onvif-makers.ts), over real sockets. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CameraId } from '#core/domain/ids.ts';
import type { OnvifDescription, OnvifTarget } from '#core/domain/onvif.ts';
import { OnvifProcess } from '../support/onvif-process.ts';
import { oddUser, startOddDevice, type Maker, type OddDevice } from '../support/odd-onvif-device.ts';
import { x } from '../support/odd-xml.ts';
import * as makers from '../support/odd-onvif-makers.ts';
import * as reporters from '../support/odd-onvif-reporters.ts';

let worker: OnvifProcess;
beforeAll(() => {
  worker = new OnvifProcess();
});
afterAll(() => worker.end());

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  worker.send({ type: 'watch', cameras: [] });
  for (const end of ends.splice(0)) await end();
});

async function start(maker: Maker): Promise<OddDevice> {
  const device = await startOddDevice(maker);
  ends.push(() => device.stop());
  return device;
}
const at = ({ url }: OddDevice, password: string = oddUser.password): OnvifTarget => ({
  url,
  username: oddUser.username,
  password,
  cameraName: 'Odd',
});
async function describedBy(device: OddDevice): Promise<OnvifDescription> {
  const outcome = await worker.ask(at(device), 'describe', {}, 25_000).outcome;
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome.output as OnvifDescription;
}
const until = async (met: () => boolean, withinMs = 6_000): Promise<void> => {
  const endMs = performance.now() + withinMs;
  while (!met()) {
    if (performance.now() > endMs) throw new Error('it did not happen in time');
    await wait(5);
  }
};

describe('a camera of another maker is described and used', () => {
  it('F17: gSOAP, tokens only, a clock eight years off', async () => {
    const device = await start(makers.gsoap);
    const described = await describedBy(device);
    expect(described).toMatchObject({
      info: { make: 'HIK', serial: '' },
      clock: { source: 'ntp', timeZone: 'GMT+25:99' },
      chosen: { main: 'main', sub: 'sub' },
      ptz: { profile: 'main', continuous: false, absolute: true, home: false, presets: 300 },
      imaging: { sharpness: { min: 0, max: 100 }, irCut: ['on', 'auto'], brightness: null },
      events: null,
    });
    expect(described.profiles.map(({ streamUrl }) => streamUrl)).toEqual([
      'rtsp://127.0.0.1/main',
      'rtsp://127.0.0.1/sub',
    ]);
    expect(device.refusals).toBe(0);
    const state = await worker.ask(at(device), 'ptz_state', { profile: null }).outcome;
    expect(state).toMatchObject({ ok: true, output: { position: { pan: 0, tilt: 0 } } });
    expect((state as { output: { presets: unknown[] } }).output.presets).toHaveLength(300);
    const command = { action: 'absolute', to: { pan: 1, tilt: -1, zoom: 0 } } as const;
    expect(await worker.ask(at(device), 'ptz', { profile: null, command }).outcome).toMatchObject({ ok: true });
    expect(device.asked('AbsoluteMove')[0]?.message).toMatch(/PanTilt x="360" y="-15" space="[^"]*Degrees"/);
  });

  it.each([
    ['from the first question on', makers.digestOnly],
    ['late, and with 400 for tokens', makers.digestLate],
  ])('HTTP digest alone, asked for %s', async (_when, maker) => {
    const device = await start(maker);
    const described = await describedBy(device);
    expect(described.chosen).toEqual({ main: 'main', sub: 'sub' });
    expect(described.profiles[0]?.snapshotUrl).toBe(`http://127.0.0.1:${device.port}/snap.jpg?usr=&pwd=`);
    expect(device.refusals).toBe(0);
    const picture = await worker.ask(at(device), 'snapshot', { profile: null }).outcome;
    expect(picture).toMatchObject({ ok: true, output: { jpeg: { length: 13 } } });
  });

  it('a board without GetServices, with SOAP 1.1, local time and addresses of nowhere', async () => {
    const device = await start(makers.board);
    const described = await describedBy(device);
    expect(described.profiles.map(({ streamUrl }) => streamUrl)).toEqual([
      'rtsp://127.0.0.1/000',
      'rtsp://127.0.0.1/001',
    ]);
    expect(described).toMatchObject({ chosen: { main: '000', sub: '001' }, events: { signals: [] }, ptz: null });
    expect(Math.abs(described.clock.offsetMs)).toBeLessThan(2_000);
    expect(device.asked('GetProfiles')[0]?.path).toBe('/onvif/Media');
  });

  it('Media2 alone, relative addresses, XML turned upside down', async () => {
    const device = await start(makers.modern);
    const described = await describedBy(device);
    expect(described).toMatchObject({
      chosen: { main: 'main', sub: 'sub' },
      info: { make: 'Hanwha' },
    });
    expect(described.profiles.find(({ token }) => token === 'main')).toMatchObject({
      streamUrl: 'rtsp://127.0.0.1/main',
      snapshotUrl: `http://127.0.0.1:${device.port}/cgi-bin/snap.cgi?ch=1`,
      video: { codec: 'h265', width: 3840, height: 2160, fps: 20, bitsPerSecond: 3_072_000, keyframeEvery: 40 },
    });
    expect(device.asked('GetProfiles')[0]?.path).toBe('/onvif/media2_service');
  });

  it('services at addresses that are none are asked where the device service is', async () => {
    const device = await start(makers.homeless);
    expect((await describedBy(device)).chosen).toEqual({ main: 'main', sub: 'sub' });
    expect(device.asked('GetProfiles')[0]?.path).toBe('/onvif/device_service');
  });

  it('one that says no by hanging up or with a status alone, in XML without quotes', async () => {
    const device = await start(makers.curt);
    expect(await describedBy(device)).toMatchObject({
      chosen: { main: 'main', sub: null },
      ptz: { profile: 'main', continuous: true },
      events: { signals: ['motion'] },
      profiles: [{ snapshotUrl: null }],
      problems: [expect.stringMatching(/^What it is could not be read/)],
    });
    const state = await worker.ask(at(device), 'ptz_state', { profile: null }).outcome;
    expect(state).toMatchObject({ ok: true, output: { presets: [], position: null } });
    const command = { action: 'move', velocity: { pan: -0.5, tilt: 1, zoom: 0 }, timeoutMs: 300 } as const;
    expect(await worker.ask(at(device), 'ptz', { profile: null, command }).outcome).toMatchObject({ ok: true });
    expect(device.asked('ContinuousMove')[0]?.message).toContain('<tt:PanTilt x="-0.5" y="0"');
    worker.send({ type: 'watch', cameras: [{ cameraId: 'curt' as CameraId, target: at(device) }] });
    await until(() => device.asked('PullMessages').some(({ port }) => port === device.otherPort));
  });

  it('one that takes the new time and keeps its old one is told so', async () => {
    const answers: Maker['answers'] = (device) => ({
      ...makers.homeless.answers(device),
      SetSystemDateAndTime: x('tds:SetSystemDateAndTimeResponse'),
    });
    const device = await start({ ...makers.homeless, clockMs: -86_400_000, answers });
    const outcome = await worker.ask(at(device), 'set_clock', {}).outcome;
    expect(outcome).toMatchObject({ ok: false, message: expect.stringMatching(/kept its old one/) as string });
    expect(device.asked('SetSystemDateAndTime')).toHaveLength(1);
  });

  it('programs that look for words instead of reading XML find them', async () => {
    const device = await start(makers.homeless);
    await describedBy(device);
    const { message = '' } = device.asked('GetStreamUri')[0] ?? {};
    const schema = 'http://www.w3.org/2001/XMLSchema';
    const body = `<s:Body xmlns:xsi="${schema}-instance" xmlns:xsd="${schema}">`;
    expect(message).toContain(`${body}<GetStreamUri xmlns="http://www.onvif.org/ver10/media/wsdl"><StreamSetup>`);
    expect(message).toContain('<ProfileToken>main</ProfileToken></GetStreamUri></s:Body>');
    // Of the services, the one that is meant is the only one named.
    expect(message.match(/www\.onvif\.org\/ver\d0\/\w+\/wsdl/g)).toEqual(['www.onvif.org/ver10/media/wsdl']);
  });

  it('two lenses: streams of one lens are chosen, the other one moves', async () => {
    const device = await start(makers.twoLenses);
    const described = await describedBy(device);
    expect(described).toMatchObject({
      chosen: { main: 'wide', sub: 'wide_sub' },
      clock: { cameraMs: null, offsetMs: 0 },
      ptz: { profile: 'tele', continuous: true },
    });
    const command = { action: 'move', velocity: { pan: 1, tilt: 0, zoom: 0 }, timeoutMs: 300 } as const;
    expect(await worker.ask(at(device), 'ptz', { profile: null, command }).outcome).toMatchObject({ ok: true });
    await until(() => device.asked('Stop').length > 0);
  });

  it('slow: each answer takes its time, and it is described without a gap', async () => {
    const device = await start(makers.slow);
    const described = await describedBy(device);
    expect(described).toMatchObject({ chosen: { main: 'main', sub: 'sub' }, ptz: { absolute: true }, problems: [] });
  });

  it('slower than anybody waits: what it has said by then is told, and that there is more', async () => {
    const device = await start({ ...makers.slow, delayMs: 600 });
    const outcome = await worker.ask(at(device), 'describe', {}, 4_500).outcome;
    expect(outcome).toMatchObject({
      ok: true,
      output: { info: { make: 'HIK' }, problems: [expect.stringMatching(/answers slowly/)] },
    });
  });
});

describe('F15: a refused password', () => {
  it.each([
    ['a page in HTML', makers.htmlDoor],
    ['a fault with HTTP 200', makers.politeDoor],
    ['HTTP digest, and 400 for tokens', makers.digestLate],
    ['a fault of gSOAP', makers.gsoap],
  ])('told by %s is understood, and not tried again', async (_how, maker) => {
    const device = await start(maker);
    const refused = { ok: false, code: 'camera_wrong_password' };
    expect(await worker.ask(at(device, 'wrong'), 'describe', {}).outcome).toMatchObject(refused);
    expect(device.refusals).toBeGreaterThan(0);
    expect(device.refusals).toBeLessThanOrEqual(2);
    const { refusals } = device;
    expect(await worker.ask(at(device, 'wrong'), 'encoders', {}).outcome).toMatchObject(refused);
    expect(device.refusals).toBe(refusals);
  });
});

describe('events', () => {
  const reports = (): unknown[] =>
    worker.heard.flatMap((heard) => (heard.type === 'report' ? [[heard.report.signal, heard.report.active]] : []));
  const watch = (device: OddDevice): void => {
    worker.heard.length = 0;
    worker.send({ type: 'watch', cameras: [{ cameraId: 'odd' as CameraId, target: at(device) }] });
  };

  it('of a doorbell: at another port, with its parameters given back, pulls that return at once', async () => {
    const device = await start(reporters.doorbell);
    device.notices.push(reporters.motion('Initialized', true), reporters.people('Initialized', false));
    watch(device);
    await until(() => device.asked('PullMessages').length > 0);
    device.notices.push(reporters.people('Changed', true));
    await until(() => reports().length === 1);
    device.notices.push(reporters.people('Changed', false));
    await until(() => reports().length === 2);
    expect(reports()).toEqual([
      ['person', true],
      ['person', false],
    ]);
    expect(device.asked('PullMessages').length).toBeLessThan(12);
    expect(device.asked('CreatePullPointSubscription')).toHaveLength(1);
    worker.send({ type: 'watch', cameras: [] });
    await until(() => device.asked('Unsubscribe').length === 1);
    expect(device.asked('Unsubscribe')[0]).toMatchObject({ port: device.otherPort, path: '/event-1024_1024' });
  });

  it('of a camera without pull points: it calls back', async () => {
    const device = await start(reporters.caller);
    watch(device);
    await until(() => device.consumer !== null);
    const tell = async (on: boolean): Promise<number> => {
      const body = device.write(reporters.notify([reporters.motion('Changed', on)]));
      const headers = { 'content-type': 'application/soap+xml' };
      return (await fetch(device.consumer ?? '', { method: 'POST', body, headers })).status;
    };
    await until(() => worker.heard.some((heard) => heard.type === 'watch-status' && heard.status.via === 'base'));
    expect(await tell(false)).toBe(200);
    expect(await tell(true)).toBe(200);
    expect(await tell(false)).toBe(200);
    await until(() => reports().length === 2);
    expect(reports()).toEqual([
      ['motion', true],
      ['motion', false],
    ]);
  });
});
