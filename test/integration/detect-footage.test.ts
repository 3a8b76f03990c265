/**
 * Real footage through decoding, motion, detector, tracker and events, in the footage's own time: what is counted does not
 * depend on how fast this machine is. The clips are looked at from several offsets, so that nothing is tuned to one of them.
 */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CameraAnalysis } from '#core/detect/camera-analysis.ts';
import { Detector } from '#core/detect/detector.ts';
import { ensureBuiltInModel } from '#core/detect/model-store.ts';
import { defaultDetectSettings, type EventState } from '#core/domain/detection.ts';
import { intersectionOverUnion, type Box } from '#core/domain/geometry.ts';
import { newCameraId } from '#core/domain/ids.ts';
import { clips, pictureAt, play, readLabels } from '../support/footage-frames.ts';
import { skipFor, whyNoFootage } from '../support/tools.ts';
import { removeFolder } from '../support/remove-folder.ts';

interface Seen extends EventState {
  /** Time of the picture at which it was first told. */
  toldMs: number;
  pictures: number;
}

describe.skipIf(skipFor('detection on real footage', whyNoFootage))('detection on real footage', () => {
  const cache = mkdtempSync(join(tmpdir(), 'porchlight-footage-'));
  let detector: Detector;

  beforeAll(async () => {
    const { path } = await ensureBuiltInModel(cache);
    detector = await Detector.load(readFileSync(path), 'built-in', {}, 'auto');
  }, 60_000);

  afterAll(async () => {
    await detector.close();
    removeFolder(cache);
  });

  async function watch(path: string, phaseMs: number): Promise<Seen[]> {
    const events = new Map<string, Seen>();
    let nowMs = 0;
    const analysis = new CameraAnalysis({
      cameraId: newCameraId(),
      settings: defaultDetectSettings,
      detector: {
        detect: async (data, width, height, minScore) => ({
          detections: await detector.detect({ data, width, height }, minScore),
          ms: 20,
        }),
      },
      saveSnapshot: (id, _startMs, frame) => {
        const seen = events.get(id);
        if (seen && frame.length > 5_000) seen.pictures++;
        else if (frame.length > 5_000) early.add(id);
      },
      onEvent: (event) => {
        const before = events.get(event.id);
        events.set(event.id, {
          ...event,
          toldMs: before?.toldMs ?? nowMs,
          pictures: (before?.pictures ?? 0) + (early.delete(event.id) ? 1 : 0),
        });
      },
      onMotion: () => undefined,
    });
    const early = new Set<string>();
    for (const picture of play(path, { phaseMs })) {
      nowMs = picture.timeMs;
      await analysis.onFrame(picture);
    }
    analysis.finish(nowMs);
    return [...events.values()];
  }

  const expected = [
    ['parking', 'pbc', { person: 3, vehicle: 2 }],
    ['road', 'car', { vehicle: 4 }],
  ] as const;
  const runs = expected.flatMap(([clip, key, counts]) =>
    [0, 50, 100, 150].map((phaseMs) => [clip, phaseMs, key, counts] as const),
  );

  it.each(runs)(
    '%s from %i ms: every object is one event, told within 1.5 s, with a picture of it',
    async (clip, phaseMs, key, counts) => {
      const events = await watch(clips[clip], phaseMs);
      const found: Record<string, number> = {};
      for (const event of events) found[event.label] = (found[event.label] ?? 0) + 1;
      expect(found, events.map((event) => `${event.label} ${event.startMs}-${event.endMs ?? ''}`).join(', ')).toEqual(
        counts,
      );
      for (const event of events) {
        expect(event.toldMs - event.startMs, `${event.label} at ${event.startMs} ms`).toBeLessThanOrEqual(1_500);
        expect(event.pictures, `${event.label} at ${event.startMs} ms has a picture`).toBeGreaterThan(0);
        expect(
          overlapsLabel(event, key),
          `the picture of the ${event.label} at ${event.snapshotMs} ms shows it`,
        ).not.toBe(false);
      }
    },
    60_000,
  );

  it('per picture: at least what was measured when the model was chosen', async () => {
    const found = { person: 0, vehicle: 0 };
    const labelled = { person: 0, vehicle: 0 };
    for (const [key, boxes] of Object.entries(readLabels())) {
      const [clip = '', seconds = ''] = key.split('_');
      const path = clip === 'pbc' ? clips.parking : clip === 'car' ? clips.road : null;
      if (path === null) continue;
      const picture = pictureAt(path, Number(seconds));
      const detections = await detector.detect(
        { data: picture.rgbCrop(0, 0, picture.width, picture.height, 512, 288), width: 512, height: 288 },
        0.25,
      );
      picture.release();
      for (const { g, b, ignore } of boxes) {
        if (ignore === true || (g !== 'person' && g !== 'vehicle')) continue;
        labelled[g]++;
        if (
          detections.some((each) => groupOf(each.label) === g && intersectionOverUnion(each.box, fractions(b)) > 0.25)
        )
          found[g]++;
      }
    }
    console.log(
      `found per picture: ${found.person} of ${labelled.person} persons, ${found.vehicle} of ${labelled.vehicle} vehicles`,
    );
    expect(labelled.person).toBeGreaterThan(5);
    expect(found.person / labelled.person).toBeGreaterThanOrEqual(0.9);
    expect(found.vehicle / labelled.vehicle).toBeGreaterThanOrEqual(0.5);
  }, 60_000);
});

const groupOf = (label: string): string =>
  label === 'person' ? 'person' : ['car', 'truck', 'bus', 'motorcycle'].includes(label) ? 'vehicle' : label;
const fractions = ([x1, y1, x2, y2]: readonly number[]): Box => ({
  x: x1! / 768,
  y: y1! / 432,
  w: (x2! - x1!) / 768,
  h: (y2! - y1!) / 432,
});

/** null: no label stands within 0.3 s of the picture. */
function overlapsLabel(event: EventState, clip: string): boolean | null {
  const near = Object.entries(readLabels()).filter(
    ([key]) => key.startsWith(`${clip}_`) && Math.abs(Number(key.split('_')[1]) * 1000 - event.snapshotMs) < 300,
  );
  if (near.length === 0) return null;
  return near.some(([, boxes]) => boxes.some((label) => intersectionOverUnion(fractions(label.b), event.box) > 0.2));
}
