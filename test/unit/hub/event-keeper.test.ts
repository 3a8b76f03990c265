import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveEvent } from '#core/api/schemas.ts';
import { ManualClock } from '#core/base/clock.ts';
import { defaultDetectSettings, type EventState } from '#core/domain/detection.ts';
import { newCameraId, newEventId } from '#core/domain/ids.ts';
import { EventKeeper } from '#core/hub/event-keeper.ts';
import { openStore, type Store } from '#core/store/store.ts';
import { cameraRecord } from '../../support/camera-record.ts';

const clock = new ManualClock();
const camera = cameraRecord({
  record: 'events',
  detect: { ...defaultDetectSettings, zones: [{ id: 'drive', name: 'Driveway', polygon: [], labels: [] }] },
});
let store: Store;
let keeper: EventKeeper;
let told: LiveEvent[];
let kept: { fromMs: number; untilMs: number }[];

function open(): void {
  keeper = new EventKeeper({
    events: store.events,
    settings: store.settings,
    camera: (id) => (id === camera.id ? camera : null),
    recordUntil: (_id, fromMs, untilMs) => kept.push({ fromMs, untilMs }),
    tell: (event) => told.push(event),
    clock,
  });
}
beforeEach(() => {
  store = openStore(':memory:', clock);
  store.cameras.put(camera);
  told = [];
  kept = [];
  open();
});
afterEach(() => {
  keeper.stop();
  store.close();
});

const state = (change: Partial<EventState> = {}): EventState => ({
  id: newEventId(),
  cameraId: camera.id,
  label: 'person',
  subLabel: 'person',
  score: 0.8,
  startMs: clock.nowMs(),
  endMs: null,
  box: { x: 0.1, y: 0.1, w: 0.2, h: 0.4 },
  zones: ['drive'],
  stationary: false,
  snapshotMs: clock.nowMs(),
  source: 'object',
  ...change,
});

describe('an event', () => {
  it('is kept with the names of its zones, told, and reviewed state survives its updates', () => {
    const first = state();
    keeper.report(first);
    store.events.review([first.id], true);
    keeper.report({ ...first, score: 0.9, endMs: first.startMs + 4_000 });
    expect(store.events.get(first.id)).toMatchObject({ score: 0.9, zones: ['Driveway'], reviewed: true });
    expect(told.map((one) => one.type)).toEqual(['event', 'event']);
  });

  it('F38: keeps footage from before it began until after it ended', () => {
    const { preRollS, postRollS } = store.settings.get();
    const event = state();
    keeper.report(event);
    expect(kept[0]?.fromMs).toBe(event.startMs - preRollS * 1_000);
    expect(kept[0]?.untilMs).toBeGreaterThanOrEqual(clock.nowMs() + postRollS * 1_000);
    keeper.report({ ...event, endMs: event.startMs + 60_000 });
    expect(kept.at(-1)?.untilMs).toBe(event.startMs + 60_000 + postRollS * 1_000);
  });

  it('ends with what was seen last when nobody watches its camera any more', () => {
    const event = state();
    keeper.report(event);
    clock.advance(5_000);
    keeper.cameraLost([camera.id]);
    expect(store.events.get(event.id)?.endMs).toBe(event.startMs);
    keeper.cameraLost([camera.id]);
    expect(told).toHaveLength(2);
  });

  it('that a crash left open is closed at the next start', () => {
    const event = state();
    store.events.upsert(event);
    open();
    expect(store.events.get(event.id)?.endMs).toBe(event.startMs);
  });

  it('of a camera that was removed is dropped', () => {
    keeper.report(state({ cameraId: newCameraId() }));
    expect(told).toEqual([]);
    expect(store.events.list({ limit: 5 }).events).toEqual([]);
  });
});
