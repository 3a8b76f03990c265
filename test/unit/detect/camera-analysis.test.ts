import { beforeEach, describe, expect, it, vi } from 'vitest';
import { CameraAnalysis } from '#core/detect/camera-analysis.ts';
import { defaultDetectSettings, type DetectSettings } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import type { CameraId } from '#core/domain/ids.ts';
import {
  Delivered,
  FakeDetector,
  overlaps,
  sceneFrame,
  type SceneOptions,
  type Thing,
} from '../../support/detect-fakes.ts';

const cameraId = 'cabcdefghjkmn' as CameraId;

/** A camera that looks at a scene five times a second. */
class Watch {
  readonly detector = new FakeDetector();
  readonly delivered = new Delivered();
  readonly analysis: CameraAnalysis;
  settings: DetectSettings;
  timeMs = 1_000_000;

  constructor(settings: Partial<DetectSettings> = {}, withDetector = true) {
    this.settings = { ...defaultDetectSettings, ...settings };
    this.analysis = new CameraAnalysis({
      cameraId,
      settings: this.settings,
      detector: withDetector ? this.detector : null,
      saveSnapshot: this.delivered.saveSnapshot,
      onEvent: this.delivered.onEvent,
      onMotion: this.delivered.onMotion,
    });
  }

  /** Shows `seconds` of a scene; `things(t)` are there t seconds after this call. */
  async show(seconds: number, things: (t: number) => Thing[], options: SceneOptions = {}, stepMs = 200): Promise<void> {
    for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
      const shown = things(ms / 1000);
      this.detector.shown = shown;
      await this.analysis.onFrame(sceneFrame(this.timeMs, shown, options));
      this.timeMs += stepMs;
    }
  }
}

const personAt = (x: number, y = 0.4): Thing => ({ label: 'person', box: { x, y, w: 0.05, h: 0.25 } });
const carAt = (x: number, y = 0.55): Thing => ({ label: 'car', box: { x, y, w: 0.2, h: 0.18 }, level: 200 });
const nothing = (): Thing[] => [];
const walk = (t: number): Thing[] => [personAt(0.1 + t * 0.08)];

describe('events of objects', () => {
  let watch: Watch;
  beforeEach(() => {
    watch = new Watch();
  });

  it('a person who walks through is one event, reported within 1.5 s, with a picture before the first report', async () => {
    await watch.show(3, nothing);
    const from = watch.timeMs;
    await watch.show(6, walk);
    await watch.show(8, nothing);
    const { events, reports, withoutPicture, saved } = watch.delivered;
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ label: 'person', subLabel: 'person', source: 'object', cameraId });
    expect(events[0]!.startMs - from).toBeLessThanOrEqual(400);
    expect(events[0]!.endMs! - from).toBeGreaterThan(5_000);
    expect(events[0]!.endMs! - from).toBeLessThanOrEqual(6_200);
    expect(withoutPicture).toEqual([]);
    expect(saved.length).toBeGreaterThanOrEqual(1);
    // The box is where the person was in the picture that was kept.
    const t = (events[0]!.snapshotMs - from) / 1000;
    expect(overlaps(events[0]!.box, walk(t)[0]!.box)).toBe(true);
    expect(reports.length).toBeLessThanOrEqual(9);
  });

  it('reports at most once a second while an event goes on', async () => {
    await watch.show(3, nothing);
    await watch.show(10, (t) => [personAt(0.1 + t * 0.05)]);
    const open = watch.delivered.reports.filter((report) => report.endMs === null).length;
    expect(open).toBeLessThanOrEqual(11);
    expect(open).toBeGreaterThanOrEqual(8);
  });

  it('F52: a parked car makes no event, nor do headlights on it, nor somebody who walks past', async () => {
    await watch.show(6, () => [carAt(0.4)]);
    for (let car = 0; car < 4; car++) {
      // The light makes it brighter, and the detector's box breathes and loses its end.
      await watch.show(1.2, (t) => {
        const box = { x: 0.4 + 0.015 * Math.sin(t * 9), y: 0.55, w: t > 0.5 && t < 0.8 ? 0.13 : 0.2, h: 0.18 };
        return [{ label: 'car', box, level: 200 + 40 * Math.sin(t * 5), score: 0.4 + 0.2 * Math.sin(t * 7) }];
      });
      await watch.show(4, () => [carAt(0.4)]);
    }
    await watch.show(6, (t) => [carAt(0.4), ...walk(t)]);
    await watch.show(10, () => [carAt(0.4)]);
    expect(watch.delivered.events.map((event) => event.label)).toEqual(['person']);
  });

  it('F52: a car that arrives and parks is one event that ends; when it leaves there is a second one', async () => {
    await watch.show(3, nothing);
    await watch.show(4, (t) => [carAt(0.75 - t * 0.1)]);
    await watch.show(20, () => [carAt(0.36)]);
    expect(watch.delivered.events).toHaveLength(1);
    expect(watch.delivered.events[0]).toMatchObject({ label: 'vehicle', stationary: true });
    expect(watch.delivered.events[0]!.endMs).not.toBeNull();
    await watch.show(35, () => [carAt(0.36)]);
    expect(watch.delivered.events).toHaveLength(1);
    await watch.show(4, (t) => [carAt(0.36 - t * 0.1)]);
    await watch.show(8, nothing);
    expect(watch.delivered.events).toHaveLength(2);
  });

  it('who rides a bicycle or a motorcycle is one person', async () => {
    watch = new Watch({ labels: ['person', 'vehicle', 'bicycle'] });
    await watch.show(3, nothing);
    await watch.show(6, (t) => {
      const person = personAt(0.1 + t * 0.1);
      const ride = { x: person.box.x - 0.02, y: person.box.y + 0.1, w: 0.09, h: 0.2 };
      return [person, { label: t % 0.8 < 0.4 ? 'bicycle' : 'motorcycle', box: ride, score: 0.5 }];
    });
    await watch.show(8, nothing);
    expect(watch.delivered.events.map((event) => event.label)).toEqual(['person']);
  });

  it('labels, thresholds and sizes that a person did not ask for make no event', async () => {
    watch = new Watch({ labels: ['vehicle'] });
    await watch.show(3, nothing);
    await watch.show(6, walk);
    expect(watch.delivered.events).toEqual([]);
    watch = new Watch({ thresholds: { person: 0.7 } });
    await watch.show(3, nothing);
    await watch.show(6, walk);
    expect(watch.delivered.events).toEqual([]);
    watch = new Watch({ minArea: 0.02 });
    await watch.show(3, nothing);
    await watch.show(6, walk);
    expect(watch.delivered.events).toEqual([]);
  });

  it('inside a mask nothing is seen', async () => {
    const lower = [[0, 0.5], [1, 0.5], [1, 1], [0, 1]] as const; // prettier-ignore
    watch = new Watch({ masks: [{ id: 'm', name: 'Road', polygon: lower }] });
    await watch.show(3, nothing);
    await watch.show(6, (t) => [carAt(0.05 + t * 0.12, 0.6)]);
    expect(watch.delivered.events).toEqual([]);
    expect(watch.delivered.motion).toEqual([]);
  });

  it('an event names the zones it touched; where zones are required, others make none', async () => {
    const right = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]] as const; // prettier-ignore
    const zones = [{ id: 'drive', name: 'Drive', polygon: right, labels: [] }];
    watch = new Watch({ zones, zonesRequired: true });
    await watch.show(3, nothing);
    await watch.show(3, (t) => [personAt(0.05 + t * 0.08)]);
    expect(watch.delivered.events).toEqual([]);
    await watch.show(5, (t) => [personAt(0.3 + t * 0.09)]);
    expect(watch.delivered.events).toHaveLength(1);
    expect(watch.delivered.events[0]!.zones).toEqual(['drive']);
    watch = new Watch({ zones });
    await watch.show(3, nothing);
    await watch.show(8, (t) => [personAt(0.1 + t * 0.09)]);
    expect(watch.delivered.events[0]!.zones).toEqual(['drive']);
  });

  it('a zone that counts vehicles only does not admit a person', async () => {
    const all = [[0, 0], [1, 0], [1, 1], [0, 1]] as const; // prettier-ignore
    watch = new Watch({ zones: [{ id: 'z', name: 'Road', polygon: all, labels: ['vehicle'] }], zonesRequired: true });
    await watch.show(3, nothing);
    await watch.show(6, walk);
    expect(watch.delivered.events).toEqual([]);
  });

  it('a person who is lost for two seconds behind a pillar stays one event', async () => {
    await watch.show(3, nothing);
    await watch.show(3, (t) => [personAt(0.1 + t * 0.05)]);
    await watch.show(2, nothing);
    await watch.show(3, (t) => [personAt(0.35 + t * 0.05)]);
    await watch.show(8, nothing);
    expect(watch.delivered.events).toHaveLength(1);
  });

  it('the end of the stream ends what is open where it was last seen', async () => {
    await watch.show(3, nothing);
    await watch.show(4, walk);
    const lastSeen = watch.timeMs - 200;
    watch.analysis.finish(watch.timeMs + 60_000);
    expect(watch.delivered.events).toHaveLength(1);
    expect(watch.delivered.events[0]!.endMs).toBe(lastSeen);
  });

  it('after a pause or a clock that was set back nothing is taken for the same thing', async () => {
    await watch.show(3, nothing);
    await watch.show(4, walk);
    watch.timeMs -= 3_600_000;
    await watch.show(4, walk);
    const [first] = watch.delivered.events;
    expect(first!.endMs).not.toBeNull();
    expect(first!.endMs!).toBeGreaterThanOrEqual(first!.startMs);
    for (const { startMs, endMs } of watch.delivered.events) expect(endMs ?? Infinity).toBeGreaterThanOrEqual(startMs);
  });

  it('F37: boxes and scores that are no numbers do no harm', async () => {
    const odd: Box[] = [
      { x: NaN, y: 0, w: 0.1, h: 0.1 },
      { x: 0.1, y: 0.1, w: 0, h: 0.2 },
      { x: 0.1, y: 0.1, w: -0.1, h: 0.2 },
      { x: Infinity, y: 0.1, w: 0.1, h: 0.2 },
      { x: -5, y: -5, w: 0.1, h: 0.2 },
    ];
    watch.detector.answer = (found) =>
      Promise.resolve({
        ms: 1,
        detections: [
          ...found,
          ...odd.map((box) => ({ label: 'person' as const, score: 0.9, box })),
          { label: 'person', score: NaN, box: { x: 0.7, y: 0.1, w: 0.1, h: 0.2 } },
        ],
      });
    await watch.show(3, nothing);
    await watch.show(6, walk);
    expect(watch.delivered.events).toHaveLength(1);
    for (const { box, score } of watch.delivered.reports) {
      for (const value of Object.values(box) as number[]) expect(Number.isFinite(value)).toBe(true);
      expect(Number.isFinite(score)).toBe(true);
    }
  });
});

describe('scenes in which nothing happens', () => {
  it('noise, swings of the exposure, and the switch to night make no event and no detection to speak of', async () => {
    const watch = new Watch({ labels: ['person', 'vehicle', 'animal', 'motion'] });
    await watch.show(5, nothing, { noise: 4 });
    for (const light of [4, 8, 12, 16, 12, 8, 4, 0, -6, -12, -6, 0]) await watch.show(1, nothing, { noise: 4, light });
    await watch.show(3, nothing, { noise: 4, light: -80 });
    await watch.show(3, nothing, { noise: 4, light: 60 });
    expect(watch.delivered.events).toEqual([]);
    expect(watch.delivered.motion).toEqual([]);
    // The first looks at the whole picture, and one at each new background.
    expect(watch.detector.asked.length).toBeLessThanOrEqual(6);
  });

  it('a tree in the wind is no event, and is looked at less and less', async () => {
    const watch = new Watch();
    const tree = (t: number): Thing[] => [
      { label: 'bear', score: 0, level: 150, box: { x: 0.7 + 0.02 * Math.sin(t * 3), y: 0.1, w: 0.08, h: 0.3 } },
    ];
    await watch.show(4, tree);
    const before = watch.detector.asked.length;
    await watch.show(20, tree);
    expect(watch.delivered.events).toEqual([]);
    expect(watch.detector.asked.length - before).toBeLessThan(70);
  });
});

describe('without a detector', () => {
  it('motion events take the place of object events, flickers make none, pauses do not cut', async () => {
    const watch = new Watch({}, false);
    await watch.show(3, nothing);
    await watch.show(0.4, walk);
    await watch.show(8, nothing);
    expect(watch.delivered.events).toEqual([]);
    await watch.show(3, walk);
    await watch.show(2, nothing);
    await watch.show(3, (t) => walk(t + 4));
    await watch.show(8, nothing);
    expect(watch.delivered.events).toHaveLength(1);
    expect(watch.delivered.events[0]).toMatchObject({ label: 'motion', subLabel: null, source: 'motion' });
    expect(watch.delivered.withoutPicture).toEqual([]);
    expect(watch.analysis.status().detector).toBe('absent');
    expect(watch.delivered.motion.map((one) => one.active)).toEqual(
      watch.delivered.motion.map((_, index) => index % 2 === 0),
    );
  });

  it('F49: a detector that never answers does not hold pictures up; motion events begin, objects return with it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      const watch = new Watch();
      await watch.show(3, nothing);
      watch.detector.answer = () => new Promise(() => undefined);
      const shown = watch.show(8, walk);
      // Only the time limit of the first questions passes; the pictures after them are not held up.
      for (let n = 0; n < 100; n++) await vi.advanceTimersByTimeAsync(100);
      await shown;
      expect(watch.analysis.status().detector).toBe('absent');
      expect(watch.delivered.events.map((event) => event.label)).toEqual(['motion']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('F49: a detector that fails is tried again, and object events return', async () => {
    const watch = new Watch();
    watch.detector.answer = () => Promise.reject(new Error('no'));
    await watch.show(3, nothing);
    expect(watch.analysis.status().detector).toBe('absent');
    const returned = new FakeDetector();
    watch.analysis.update(watch.settings, returned);
    expect(watch.analysis.status().detector).toBe('ok');
    Object.assign(watch, { detector: returned });
    await watch.show(6, walk);
    await watch.show(8, nothing);
    expect(watch.delivered.events.map((event) => event.label)).toContain('person');
  });

  it('switched off, it asks for nothing and ends what was open', async () => {
    const watch = new Watch();
    await watch.show(3, nothing);
    await watch.show(3, walk);
    watch.analysis.update({ ...watch.settings, enabled: false }, watch.detector);
    expect(watch.delivered.events[0]!.endMs).not.toBeNull();
    const asked = watch.detector.asked.length;
    await watch.show(3, walk);
    expect(watch.detector.asked.length).toBe(asked);
    expect(watch.analysis.status().detector).toBe('off');
  });
});
