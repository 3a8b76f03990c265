/** Cameras whose ONVIF side is not ours (odd-onvif-makers.ts), through the API of a real hub: tried, added, moved, heard. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as o from '#core/api/onvif-schemas.ts';
import type { AnswerOf } from '#core/api/routes.ts';
import type { Camera, Event } from '#core/api/schemas.ts';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { oddUser, startOddDevice, type Maker, type OddDevice } from '../support/odd-onvif-device.ts';
import { said } from '../support/odd-onvif-answers.ts';
import * as makers from '../support/odd-onvif-makers.ts';
import * as reporters from '../support/odd-onvif-reporters.ts';
import { startVirtualCamera, type RunningVirtualCamera } from '../support/virtual-camera.ts';

let hub: HubProcess;
/** Only its streams. */
let streams: RunningVirtualCamera;
const devices: OddDevice[] = [];

beforeAll(async () => {
  [hub, streams] = await Promise.all([
    startHub({ port: 29_931 }),
    startVirtualCamera({ auth: { scheme: 'digest', username: oddUser.username, password: oddUser.password } }),
  ]);
}, 30_000);
afterAll(async () => {
  await Promise.all([hub.stop(), streams.stop(), ...devices.map((device) => device.stop())]);
});

async function start(maker: Maker): Promise<OddDevice> {
  const device = await startOddDevice(maker, `rtsp://127.0.0.1:${streams.port}`);
  devices.push(device);
  return device;
}
const add = (device: OddDevice, name: string): Promise<Camera> =>
  hub.call<Camera>('POST', '/api/cameras', { name, onvifUrl: device.url, ...oddUser });
const recording = (id: string): Promise<unknown> =>
  until('it records', 15, async () => (await hub.call<Camera>('GET', `/api/cameras/${id}`)).streams[0]?.recording);

describe('a camera of another maker', () => {
  it.each([
    ['gSOAP, a clock eight years off', makers.gsoap],
    ['HTTP digest alone', makers.digestLate],
    ['SOAP 1.1 and nowhere', makers.board],
  ])('is tried: %s', async (_name, maker) => {
    const device = await start(maker);
    const answer = o.probeResult.parse(await hub.call('POST', '/api/cameras/probe', { url: device.url, ...oddUser }));
    expect(answer.kind).toBe('onvif');
    expect(answer.main).toMatch(new RegExp(`^rtsp://127.0.0.1:${streams.port}/`));
    // The board's streams have other names than the ones behind it.
    if (maker !== makers.board) expect(answer.video).toMatchObject({ width: 1280, height: 720 });
    expect(JSON.stringify(answer)).not.toContain('Gr&en');
    expect(device.refusals).toBe(0);
  });

  it('of odd XML is added and records', async () => {
    const device = await start(makers.modern);
    const { id, onvif } = await add(device, 'Modern');
    expect(onvif).toMatchObject({ make: 'Hanwha', mainProfile: 'main', subProfile: 'sub', ptz: false });
    await recording(id);
  });

  it('is added, records, and its dome goes where it is sent', async () => {
    const device = await start(makers.gsoap);
    const { id, onvif } = await add(device, 'Dome');
    expect(onvif).toMatchObject({ make: 'HIK', ptz: true, mainProfile: 'main', subProfile: 'sub' });
    await recording(id);
    const state = o.ptzState.parse(await hub.call('GET', `/api/cameras/${id}/ptz`));
    expect(state.presets).toHaveLength(300);
    await hub.call('POST', `/api/cameras/${id}/ptz`, { action: 'goto_preset', preset: '299' });
    expect(said(device.asked('GotoPreset')[0]?.message ?? '', 'PresetToken')).toBe('299');
    const { clockProblem } = await hub.call<AnswerOf<'care'>>('GET', `/api/cameras/${id}/care`);
    expect(clockProblem).toMatch(/Dome/);
  });

  it('reports a person by itself, from a subscription at another port', async () => {
    const device = await start(reporters.doorbell);
    device.notices.push(reporters.people('Initialized', false), reporters.motion('Initialized', true));
    const { id } = await add(device, 'Doorbell');
    const path = `/api/cameras/${id}`;
    await hub.call('PATCH', path, { record: 'events', detect: { source: 'camera', labels: ['person'] } });
    const watching = async (): Promise<boolean> =>
      (await hub.call<AnswerOf<'care'>>('GET', `${path}/care`)).watch?.state === 'watching';
    await until('it is listened to', 10, watching);
    device.notices.push(reporters.people('Changed', true));
    const seen = await until('the event', 10, async () => {
      const { events } = await hub.call<{ events: Event[] }>('GET', `/api/events?cameraId=${id}`);
      return events[0];
    });
    expect(seen).toMatchObject({ label: 'person', source: 'camera', endMs: null });
    device.notices.push(reporters.people('Changed', false));
    await until('its end', 10, async () => (await hub.call<Event>('GET', `/api/events/${seen.id}`)).endMs);
  });
});
