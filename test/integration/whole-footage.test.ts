/**
 * Real footage played as cameras, through the whole product: RTSP in, events out, with no other label than what is there, each
 * announced while it is news, each with a picture. The cameras loop; what is counted are events that start within one whole pass.
 * Which pictures are looked at depends on the moment and on how busy the machine is, so a count may be off by one here; that the
 * counts are exact is asked of the footage itself, from several offsets, in detect-footage.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startHub, until, type HubProcess } from '../support/hub-process.ts';
import { startRig, type Rig } from '../support/rtsp-rig.ts';
import { skipFor, whyNoRig } from '../support/tools.ts';

const port = 29_620;
const passMs = { car: 36_000, road: 30_000 };

interface Seen {
  id: string;
  cameraId: string;
  label: string;
  startMs: number;
  endMs: number | null;
  snapshotUrl: string;
}

describe.skipIf(skipFor('real footage as cameras', whyNoRig))('real footage played as cameras', () => {
  let rig: Rig | null = null;
  let hub: HubProcess;
  const ids = { car: '', road: '' };
  /** When each event was first announced. */
  const announced = new Map<string, number>();
  const pass = { car: { from: 0, to: 0 }, road: { from: 0, to: 0 } };

  beforeAll(async () => {
    rig = await startRig(port, ['main', 'sub', 'road']);
    hub = await startHub({ port: port + 10 });
    const base = rig?.baseUrl ?? '';
    await until(
      'the detector is ready',
      90,
      async () => (await hub.call<{ state: string }>('GET', '/api/detector')).state === 'ok',
    );
    ids.car = (
      await hub.call<{ id: string }>('POST', '/api/cameras', {
        name: 'Car park',
        url: `${base}/main`,
        subUrl: `${base}/sub`,
      })
    ).id;
    ids.road = (await hub.call<{ id: string }>('POST', '/api/cameras', { name: 'Road', url: `${base}/road` })).id;
    const socket = new WebSocket(`${hub.base.replace('http', 'ws')}/api/live-events`, {
      headers: { authorization: `Bearer ${hub.token}` },
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as { type: string; event?: Seen };
      if (message.type === 'event' && message.event && !announced.has(message.event.id))
        announced.set(message.event.id, Date.now());
    });
    // Both start learning, then the next whole pass of each counts.
    const learnedMs = Date.now() + 12_000;
    for (const clip of ['car', 'road'] as const) {
      const from = Math.ceil(learnedMs / passMs[clip]) * passMs[clip];
      pass[clip] = { from, to: from + passMs[clip] };
    }
    const endMs = Math.max(pass.car.to, pass.road.to) + 8_000;
    await until('a whole pass of both', 120, () => Promise.resolve(Date.now() > endMs));
    socket.close();
  }, 240_000);

  afterAll(async () => {
    await hub.stop();
    await rig?.stop();
  });

  it.each([
    ['car', { person: 3, vehicle: 2 }],
    ['road', { vehicle: 4 }],
  ] as const)('%s: %o', async (clip, expected) => {
    const { from, to } = pass[clip];
    const { events } = await hub.call<{ events: Seen[] }>(
      'GET',
      `/api/events?cameraId=${ids[clip]}&from=${from - 60_000}&to=${to}&limit=100`,
    );
    const started = events.filter((event) => event.startMs >= from - 300 && event.startMs < to - 300);
    const counts: Record<string, number> = {};
    for (const event of started) counts[event.label] = (counts[event.label] ?? 0) + 1;
    const seen = JSON.stringify(
      started.map((event) => [event.label, event.startMs - from, event.endMs === null ? null : event.endMs - from]),
    );
    expect(Object.keys(counts).sort(), seen).toEqual(Object.keys(expected).sort());
    for (const [label, wanted] of Object.entries(expected)) {
      expect(Math.abs((counts[label] ?? 0) - wanted), `${label}: ${seen}`).toBeLessThanOrEqual(1);
    }
    for (const event of started) {
      // Confirmation within 1.5 s is checked in the footage's own time by the tests of detection; here a busy machine counts too.
      const late = (announced.get(event.id) ?? Infinity) - event.startMs;
      expect(late, `${event.label} at ${event.startMs - from} ms is announced soon`).toBeLessThan(10_000);
      const picture = await fetch(hub.base + event.snapshotUrl, { headers: { authorization: `Bearer ${hub.token}` } });
      expect(picture.headers.get('content-type')).toBe('image/jpeg');
      expect((await picture.arrayBuffer()).byteLength).toBeGreaterThan(5_000);
    }
  });
});
