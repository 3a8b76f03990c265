import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event, LiveEvent } from '#core/api/schemas.ts';
import { ManualClock } from '#core/base/clock.ts';
import { silentLogger } from '#core/base/logger.ts';
import { defaultDetectSettings, type DetectSettings, type EventState } from '#core/domain/detection.ts';
import { newEventId, type EventId } from '#core/domain/ids.ts';
import { snapshotPath } from '#core/domain/media-paths.ts';
import type { CameraReport, CameraSignal } from '#core/domain/onvif.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import { CameraReports, wantsReports } from '#core/hub/camera-reports.ts';
import { EventKeeper } from '#core/hub/event-keeper.ts';
import { openStore, type Store } from '#core/store/store.ts';
import { cameraRecord } from '../../support/camera-record.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const jpeg = Buffer.from([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]);
const noPicture = readFileSync(join(import.meta.dirname, '../../../resources/no-picture.jpg'));
const clock = new ManualClock();
let folder: string;
let store: Store;
let keeper: EventKeeper;
let reports: CameraReports;
let camera: CameraRecord;
let told: Event[];
/** The small picture of each event at the moment it was told. */
let shown: Buffer[];
let kept: { fromMs: number; untilMs: number }[];
let moving: boolean[];
let picture: () => Promise<Buffer | null>;

function setCamera(detect: Partial<DetectSettings>, change: Partial<CameraRecord> = {}): void {
  const id = camera.id;
  camera = cameraRecord({
    onvifUrl: 'http://127.0.0.1/onvif/device_service',
    detect: { ...defaultDetectSettings, source: 'camera', ...detect },
    ...change,
    id,
  });
  store.cameras.put(camera);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-reports-'));
  store = openStore(':memory:', clock);
  camera = cameraRecord();
  setCamera({});
  told = [];
  shown = [];
  kept = [];
  moving = [];
  picture = () => Promise.resolve(jpeg);
  const find = (id: string): CameraRecord | null => (id === camera.id ? camera : null);
  keeper = new EventKeeper({
    events: store.events,
    settings: store.settings,
    camera: find,
    recordUntil: (_id, fromMs, untilMs) => kept.push({ fromMs, untilMs }),
    tell: (live: LiveEvent) => {
      if (live.type !== 'event') return;
      told.push(live.event);
      if (live.event.source === 'camera') shown.push(fileOf(live.event, true));
    },
    clock,
  });
  reports = new CameraReports({
    camera: find,
    events: keeper,
    motion: (_id, active) => moving.push(active),
    snapshot: () => picture(),
    snapshotsDir: folder,
    clock,
    logger: silentLogger,
    mergeMs: 60,
    pictureTimeoutMs: 100,
    pictureAgainMs: 30,
  });
});
afterEach(() => {
  reports.stop();
  keeper.stop();
  store.close();
  removeFolder(folder);
});

const say = (signal: CameraSignal, active: boolean, change: Partial<CameraReport> = {}): void =>
  reports.heard({
    cameraId: camera.id,
    signal,
    key: 'k',
    what: 'Drive',
    active,
    timeMs: clock.nowMs(),
    ...change,
  });
const toldTimes = (count: number): Promise<void> => vi.waitFor(() => expect(told).toHaveLength(count));
const all = (): EventState[] => store.events.list({ limit: 500 }).events;
const fileOf = (event: { id: string; startMs: number }, thumb: boolean): Buffer =>
  readFileSync(join(folder, snapshotPath(event.id as EventId, event.startMs, thumb)));
/** Everything that was begun has been told: what could still come would have come. */
const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));
const own = (change: Partial<EventState> = {}): EventState => ({
  id: newEventId(),
  cameraId: camera.id,
  label: 'person',
  subLabel: 'person',
  score: 0.8,
  startMs: clock.nowMs(),
  endMs: null,
  box: { x: 0.1, y: 0.1, w: 0.2, h: 0.4 },
  zones: [],
  stationary: false,
  snapshotMs: clock.nowMs(),
  source: 'object',
  ...change,
});

describe('a report of a camera', () => {
  it("becomes an event in the camera's words, whose pictures are there when it is told", async () => {
    const startMs = clock.nowMs();
    say('person', true);
    await toldTimes(1);
    clock.advance(4_000);
    say('person', false);
    expect(told.at(-1)).toMatchObject({
      label: 'person',
      source: 'camera',
      what: 'Drive',
      startMs,
      endMs: startMs + 4_000,
      score: 1,
      box: { x: 0, y: 0, w: 1, h: 1 },
    });
    expect(all()).toHaveLength(1);
    expect(shown[0]).toEqual(jpeg);
    expect(fileOf({ id: all()[0]?.id ?? '', startMs }, false)).toEqual(jpeg);
  });

  it('under two topics, and again soon after its end, is one event', async () => {
    setCamera({ labels: ['motion'] });
    say('motion', true, { key: 'cell' });
    say('motion', true, { key: 'alarm' });
    await toldTimes(1);
    say('motion', false, { key: 'cell' });
    expect(told.at(-1)?.endMs).toBeNull();
    say('motion', false, { key: 'alarm' });
    expect(told.at(-1)?.endMs).toBe(clock.nowMs());
    clock.advance(9_000);
    say('motion', true);
    expect(told.at(-1)?.endMs).toBeNull();
    say('motion', false);
    clock.advance(11_000);
    say('motion', true);
    await vi.waitFor(() => expect(all()).toHaveLength(2));
  });

  it('of lines and inputs is told per line and input, whatever labels are wanted', async () => {
    setCamera({ labels: [] });
    for (const key of ['a', 'b']) say('line_crossing', true, { key, what: `Line ${key}` });
    say('input', true, { what: 'Input 1' });
    say('tamper', true);
    say('person', true);
    say('motion', true);
    await toldTimes(4);
    await rest();
    expect(told.map(({ label, what }) => `${label} ${what}`).sort()).toEqual([
      'input Input 1',
      'line_crossing Line a',
      'line_crossing Line b',
      'tamper Drive',
    ]);
  });

  it('is not taken from a camera that is analysed here, nor from one whose detection is off', async () => {
    for (const detect of [{ source: 'hub' as const }, { enabled: false }]) {
      setCamera(detect);
      expect(wantsReports(camera)).toBe(false);
      say('person', true);
    }
    await rest();
    expect(told).toEqual([]);
  });

  it('of motion makes a camera record that records on events, at once and with what was before', async () => {
    setCamera({ labels: [] }, { record: 'events' });
    const startMs = clock.nowMs();
    picture = () => new Promise(() => undefined);
    say('motion', true);
    expect(kept[0]?.fromMs).toBe(startMs - store.settings.get().preRollS * 1_000);
    await toldTimes(1);
    expect(told[0]?.label).toBe('motion');
  });

  it('without a picture is shown with a drawing, and with the picture once there is one', async () => {
    let asked = 0;
    picture = () => Promise.resolve(asked++ === 0 ? null : jpeg);
    say('person', true);
    clock.advance(1_000);
    await toldTimes(2);
    expect(shown).toEqual([noPicture, jpeg]);
    expect(told[0]?.snapshotUrl).not.toBe(told[1]?.snapshotUrl);
  });

  it("is told though the camera's picture is no picture, too late or an error", async () => {
    const bad = [
      () => Promise.resolve(Buffer.from('<html>')),
      () => new Promise<Buffer>(() => undefined),
      () => Promise.reject(new Error('gone')),
    ];
    for (const [count, one] of bad.entries()) {
      picture = one;
      say('line_crossing', true, { key: String(count) });
      await toldTimes(count + 1);
      expect(shown[count]).toEqual(noPicture);
    }
  });

  it('that ended before its picture came is told whole', async () => {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    picture = () => promise;
    say('line_crossing', true);
    clock.advance(2_000);
    say('line_crossing', false);
    resolve(jpeg);
    await toldTimes(1);
    expect(told[0]?.endMs).toBe(clock.nowMs());
  });
});

describe('an event of a camera that is not heard any more', () => {
  it.each(['connecting', 'refused', 'unsupported'] as const)('ends when watching is %s', async (state) => {
    say('person', true);
    say('motion', true);
    await toldTimes(1);
    reports.watchStatus({ cameraId: camera.id, state: 'retrying', via: null, message: null });
    expect(told.at(-1)?.endMs).toBeNull();
    reports.watchStatus({ cameraId: camera.id, state, via: null, message: null });
    expect(told.at(-1)?.endMs).toBe(clock.nowMs());
    expect(moving).toEqual([true, false]);
  });

  it('ends when the camera is to be analysed here again, and when the hub stops', async () => {
    say('person', true);
    await toldTimes(1);
    setCamera({ source: 'hub' });
    reports.changed(camera);
    expect(told.at(-1)?.endMs).not.toBeNull();
    setCamera({});
    say('input', true);
    await toldTimes(3);
    reports.stop();
    expect(told.at(-1)).toMatchObject({ label: 'input', endMs: clock.nowMs() });
  });

  it('survives the end of an analyser, which did not watch it', async () => {
    say('person', true);
    await toldTimes(1);
    keeper.report(own());
    keeper.cameraLost([camera.id]);
    expect(
      all()
        .map(({ source, endMs }) => `${source} ${endMs === null ? 'open' : 'ended'}`)
        .sort(),
    ).toEqual(['camera open', 'object ended']);
  });
});

describe('a camera that both we and itself look at', () => {
  beforeEach(() => setCamera({ source: 'both', labels: ['person', 'vehicle', 'motion'] }));
  const saw = (event: EventState): void => {
    keeper.report(event);
    reports.sawOwn(event);
  };

  it('one person seen by both is one event, whoever was first', async () => {
    saw(own());
    say('person', true);
    clock.advance(60_000);
    say('person', false);
    await rest();
    expect(all()).toHaveLength(1);
    saw(own({ id: all()[0]?.id as EventId, startMs: all()[0]?.startMs ?? 0, endMs: clock.nowMs() }));
    clock.advance(60_000);
    say('person', true);
    saw(own());
    await rest();
    expect(all().map(({ source }) => source)).toEqual(['object', 'object']);
  });

  it('what only the camera saw is told, and another kind or another time is no merging', async () => {
    saw(own({ label: 'vehicle', startMs: clock.nowMs() - 60_000, endMs: clock.nowMs() - 30_000 }));
    say('vehicle', true);
    saw(own());
    await vi.waitFor(() => expect(all()).toHaveLength(3));
    expect(all().filter(({ source }) => source === 'camera')).toHaveLength(1);
  });

  it('leaves the motion mark to our own eyes', async () => {
    say('motion', true);
    await vi.waitFor(() => expect(all()).toHaveLength(1));
    expect(moving).toEqual([]);
  });
});

it('a camera that invents reports without end makes a bounded number of events', async () => {
  for (let n = 0; n < 5_000; n++) say('input', true, { key: String(n) });
  await toldTimes(30);
  await rest();
  expect(all()).toHaveLength(30);
  expect(reports.dropped).toBe(4_970);
  for (let n = 0; n < 500; n++) say('input', false, { key: String(n) });
  clock.advance(50_000);
  for (let n = 0; n < 500; n++) say('input', true, { key: `later ${n}` });
  await vi.waitFor(() => expect(all()).toHaveLength(40));
});
