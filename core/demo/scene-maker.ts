/**
 * Makes a scene: draws it, encodes it in two sizes, cuts segments, previews and event pictures out of it, into a folder.
 * Invariant: `<scene>.json` is written last, so a scene whose JSON is there is whole. Same sources, same bytes of picture.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventLabel, ObjectLabel } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';
import type { VirtualClip } from '#core/domain/virtual-camera-protocol.ts';
import { writeClip, type Clip, type Sighting } from './clip.ts';
import type { MediaTools } from './media-tools.ts';
import { crop } from './picture.ts';
import { halve, type Painter, type Seen } from './scene/painter.ts';
import { actorsAt } from './scene/scripts.ts';
import { fps, height, width } from './scene/view.ts';
import { slotS, type SceneName } from './schedule.ts';
import { segmentOf, type SegmentTemplate } from './segment-template.ts';
import { soundscape, ulawFromFloat } from './sound.ts';

export const picturesPerScene = slotS * fps;
export const segmentPictures = picturesPerScene / 2;
const gopPictures = 30;
const sampleRate = 16_000;
/** Times of the previews within a scene, seconds. */
export const previewTimesS = [0, 5, 10, 15];

export interface SceneFiles {
  scene: SceneName;
  segments: SegmentTemplate[];
  sightings: Sighting[];
}

export const sceneFile = {
  json: (scene: SceneName) => `${scene}.json`,
  main: (scene: SceneName) => `${scene}-main.clip`,
  sub: (scene: SceneName) => `${scene}-sub.clip`,
  segment: (scene: SceneName, index: number) => `${scene}-${index}.mp4`,
  preview: (scene: SceneName, index: number) => `${scene}-preview-${index}.jpg`,
  snapshot: (scene: SceneName, index: number) => `${scene}-event-${index}.jpg`,
  thumb: (scene: SceneName, index: number) => `${scene}-event-${index}-thumb.jpg`,
};

/** Changes whenever what draws changes, so that old pictures are not taken for new ones. */
export function sceneVersion(): string {
  const hash = createHash('sha256');
  for (const folder of [import.meta.dirname, join(import.meta.dirname, 'scene')]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).sort()) {
      if (/\.[jt]s$/.test(name)) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest('hex').slice(0, 12);
}

export function virtualClip(folder: string, scene: SceneName): VirtualClip {
  return { name: scene, mainPath: join(folder, sceneFile.main(scene)), subPath: join(folder, sceneFile.sub(scene)) };
}

export function readScene(folder: string, scene: SceneName): SceneFiles | null {
  const path = join(folder, sceneFile.json(scene));
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SceneFiles) : null;
}

/** `pause` lets the process breathe (heartbeats, messages); called every few pictures. */
export async function makeScene(
  folder: string,
  scene: SceneName,
  painter: () => Painter,
  tools: MediaTools,
  pause: () => Promise<void>,
): Promise<SceneFiles> {
  const done = readScene(folder, scene);
  if (done) return done;
  mkdirSync(folder, { recursive: true });
  const night = scene.startsWith('night');
  const common = { fps, gopPictures };
  const mainEncoder = tools.videoEncoder({
    ...common,
    width,
    height,
    crf: night ? 28 : 27,
    maxBitsPerSecond: 2_000_000,
  });
  const subEncoder = tools.videoEncoder({
    ...common,
    width: width / 2,
    height: height / 2,
    crf: 28,
    maxBitsPerSecond: 500_000,
  });
  const main: Clip['pictures'] = [];
  const sub: Clip['pictures'] = [];
  const tracks = new Map<string, Track>();
  for (let n = 0; n < picturesPerScene; n++) {
    const { i420, seen } = painter().paint(actorsAt(scene, n / fps), n, picturesPerScene);
    main.push(...mainEncoder.encode(i420));
    sub.push(...subEncoder.encode(halve(i420, width, height)));
    for (const one of seen) follow(tracks, one, n, i420);
    const preview = previewTimesS.indexOf(n / fps);
    if (preview >= 0) {
      const small = crop(i420, width, height, { x: 0, y: 0, w: 1, h: 1 }, 240, 136);
      writeFileSync(join(folder, sceneFile.preview(scene, preview)), tools.jpeg(small, 240, 136, 7));
    }
    if (n % 5 === 0) await pause();
  }
  main.push(...mainEncoder.finish());
  sub.push(...subEncoder.finish());

  const sightings = [...tracks.values()]
    .filter((track) => track.last - track.first >= fps)
    .map((track, index) => {
      writeFileSync(join(folder, sceneFile.snapshot(scene, index)), tools.jpeg(track.picture, width, height, 5));
      const thumb = thumbOf(track.picture, track.box);
      writeFileSync(join(folder, sceneFile.thumb(scene, index)), tools.jpeg(thumb.i420, thumb.w, thumb.h, 4));
      return sightingOf(track);
    });
  const samples = soundscape(scene, sampleRate, slotS);
  const { config, frames } = tools.aac(samples, sampleRate, 24_000);
  const shared = {
    fps,
    aac: { sampleRate, config, frames: frames.slice(1) },
    pcmu: ulawFromFloat(samples.filter((_, i) => i % 2 === 0)),
    sightings,
  };
  const clip: Clip = { ...shared, width, height, parameterSets: mainEncoder.parameterSets, pictures: main };
  writeClip(join(folder, sceneFile.main(scene)), clip);
  writeClip(join(folder, sceneFile.sub(scene)), {
    ...shared,
    width: width / 2,
    height: height / 2,
    parameterSets: subEncoder.parameterSets,
    pictures: sub,
  });
  const segments = [0, 1].map((index) => {
    const { file, facts } = segmentOf(clip, index * segmentPictures, (index + 1) * segmentPictures, tools);
    writeFileSync(join(folder, sceneFile.segment(scene, index)), file);
    return facts;
  });
  const files: SceneFiles = { scene, segments, sightings };
  const path = join(folder, sceneFile.json(scene));
  writeFileSync(`${path}.part`, JSON.stringify(files));
  renameSync(`${path}.part`, path);
  return files;
}

interface Track {
  label: ObjectLabel;
  first: number;
  last: number;
  best: number;
  area: number;
  box: Box;
  picture: Buffer;
}

/** Remembers when a figure came and went, and its best picture: large, near the middle, not cut off. */
function follow(tracks: Map<string, Track>, seen: Seen, n: number, picture: Buffer): void {
  const { box } = seen;
  const whole = box.x > 0.002 && box.y > 0.002 && box.x + box.w < 0.998 && box.y + box.h < 0.98;
  const offCentre = Math.abs(box.x + box.w / 2 - 0.5) * 2;
  const area = box.w * box.h * (whole ? 1 : 0.1) * (1 - 0.6 * offCentre);
  const track = tracks.get(seen.id);
  if (!track) {
    tracks.set(seen.id, { label: seen.label, first: n, last: n, best: n, area, box, picture });
    return;
  }
  track.last = n;
  if (area > track.area) Object.assign(track, { best: n, area, box, picture });
}

const groups: Partial<Record<ObjectLabel, EventLabel>> = {
  person: 'person',
  car: 'vehicle',
  dog: 'animal',
  cat: 'animal',
};

function sightingOf(track: Track): Sighting {
  return {
    label: groups[track.label] ?? 'motion',
    subLabel: track.label,
    firstPicture: track.first,
    lastPicture: track.last,
    bestPicture: track.best,
    box: track.box,
  };
}

/** The figure with some of what is round it, at most 480 pixels wide. */
function thumbOf(picture: Buffer, box: Box): { i420: Buffer; w: number; h: number } {
  const tall = Math.min(1, Math.max(box.h * 1.35, (box.w * 1.35 * width) / height / 1.6, 0.2));
  const wide = Math.min(1, Math.max(box.w * 1.35, tall * 0.75 * (height / width)));
  const x = Math.max(0, Math.min(1 - wide, box.x + box.w / 2 - wide / 2));
  const y = Math.max(0, Math.min(1 - tall, box.y + box.h / 2 - tall / 2));
  const scale = Math.min(1.5, 480 / (wide * width), 480 / (tall * height));
  const w = Math.round((wide * width * scale) / 2) * 2;
  const h = Math.round((tall * height * scale) / 2) * 2;
  return { i420: crop(picture, width, height, { x, y, w: wide, h: tall }, w, h), w, h };
}
