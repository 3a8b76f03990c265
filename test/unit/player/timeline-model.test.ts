import { describe, expect, it } from 'vitest';
import type { Event as HubEvent } from '#core/api/schemas.ts';
import {
  hitTest,
  joinSpans,
  marksOf,
  neighbourEvent,
  nextRecorded,
  stretchAt,
} from '../../../renderer/features/player/timeline-model.ts';

const event = (id: number, label: HubEvent['label'], startMs: number, endMs: number | null): HubEvent => ({
  id: `e${id}`,
  cameraId: 'c',
  label,
  subLabel: null,
  score: 1,
  startMs,
  endMs,
  box: { x: 0, y: 0, w: 1, h: 1 },
  zones: [],
  source: 'object',
  snapshotUrl: '',
  thumbUrl: '',
  what: null,
  reviewed: false,
});

describe('recorded stretches', () => {
  it('joins segments that follow one another and keeps gaps, in whatever order they come', () => {
    const spans = [
      { startMs: 20_000, endMs: 30_000 },
      { startMs: 0, endMs: 10_000 },
      { startMs: 10_040, endMs: 20_020 },
      { startMs: 60_000, endMs: 70_000 },
    ];
    expect(joinSpans(spans)).toEqual([
      { startMs: 0, endMs: 30_000 },
      { startMs: 60_000, endMs: 70_000 },
    ]);
  });

  it('joins main and sub stream of the same time', () => {
    expect(
      joinSpans([
        { startMs: 0, endMs: 10 },
        { startMs: 2, endMs: 8 },
      ]),
    ).toEqual([{ startMs: 0, endMs: 10 }]);
  });

  const stretches = [
    { startMs: 0, endMs: 30_000 },
    { startMs: 60_000, endMs: 70_000 },
  ];
  it('leads from a gap to what is recorded next', () => {
    expect(stretchAt(stretches, 29_999)).toEqual(stretches[0]);
    expect(stretchAt(stretches, 30_000)).toBeNull();
    expect(nextRecorded(stretches, 5000)).toBe(5000);
    expect(nextRecorded(stretches, 40_000)).toBe(60_000);
    expect(nextRecorded(stretches, 70_000)).toBeNull();
  });
});

describe('marks', () => {
  it('puts events of one label together when they would touch, and persons on top', () => {
    const events = [
      event(1, 'person', 0, 1000),
      event(2, 'person', 1500, 2000),
      event(3, 'person', 90_000, 91_000),
      event(4, 'motion', 0, 5000),
    ];
    const marks = marksOf(events, 1000, 100_000);
    expect(marks.map(({ label, events: inside }) => [label, inside.length])).toEqual([
      ['motion', 1],
      ['person', 2],
      ['person', 1],
    ]);
  });

  it('an event that lasts reaches to now', () => {
    expect(marksOf([event(1, 'person', 0, null)], 10, 50_000)[0]?.endMs).toBe(50_000);
  });

  it('goes from event to event, and past the one that is being watched', () => {
    const events = [event(1, 'person', 10_000, 12_000), event(2, 'vehicle', 30_000, 31_000)];
    expect(neighbourEvent(events, 8000, 1)?.id).toBe('e1');
    // A second before its start is where going to it leads.
    expect(neighbourEvent(events, 9000, 1)?.id).toBe('e2');
    expect(neighbourEvent(events, 10_000, 1)?.id).toBe('e2');
    expect(neighbourEvent(events, 30_500, -1)?.id).toBe('e1');
    expect(neighbourEvent(events, 30_000, 1)).toBeNull();
  });
});

describe('what is under the pointer', () => {
  const marks = marksOf([event(1, 'person', 10_000, 12_000)], 100, 100_000);
  const gaps = [{ cameraId: 'c', startMs: 30_000, endMs: 60_000, reason: 'camera_offline' as const }];
  const stretches = [{ startMs: 0, endMs: 30_000 }];
  const hit = (ms: number, onEvents = false): string =>
    hitTest({ ms, onEvents, msPerPx: 100, marks, gaps, stretches, nowMs: 100_000 }).kind;
  it('is an event, a recording, a gap with its reason, nothing, or the future', () => {
    expect(hit(11_000, true)).toBe('event');
    expect(hit(11_000)).toBe('recorded');
    expect(hit(40_000)).toBe('gap');
    expect(hit(80_000)).toBe('none');
    expect(hit(100_001)).toBe('future');
  });
});
