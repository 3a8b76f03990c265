/**
 * Lays down a past: segment files, preview packs and event pictures as if the demo camera had been recorded for two days.
 * Invariants: files are there before their rows are handed out; repeating it changes nothing; equal content is stored
 * once and linked, and a row's `bytes` is what its file adds to the disk, so that storage figures stay true.
 */
import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EventState } from '#core/domain/detection.ts';
import type { CameraId, EventId } from '#core/domain/ids.ts';
import { hourStart, previewPackPath, segmentPath, snapshotPath } from '#core/domain/media-paths.ts';
import { encodePreview } from '#core/domain/preview-pack.ts';
import type { GapRecord, SegmentRecord } from '#core/domain/records.ts';
import { previewTimesS, readScene, sceneFile, type SceneFiles } from './scene-maker.ts';
import { fps } from './scene/view.ts';
import { sceneAt, slotS, type SceneName } from './schedule.ts';

export interface SeedJob {
  folder: string;
  cameraId: CameraId;
  recordingsDir: string;
  snapshotsDir: string;
  fromMs: number;
  toMs: number;
  copyBudgetBytes: number;
}

export interface SeedPart {
  segments: SegmentRecord[];
  gaps: GapRecord[];
  events: EventState[];
}

const slotMs = slotS * 1000;
const segmentMs = slotMs / 2;
/** NTFS allows 1,023 names per file. */
const maxLinks = 1_000;
/** A preview each minute while nothing happens, each 5 s while something does. */
const quietPreviewSlots = 3;
/** One hour of the past is handed out at a time. */
const partSlots = 3_600 / slotS;

/** What was not recorded, as [ms before the end, length in ms, why]. */
const holes: readonly (readonly [beforeMs: number, lengthMs: number, reason: GapRecord['reason']])[] = [
  [5.4 * 3_600_000, 140_000, 'camera_offline'],
  [19.2 * 3_600_000, 1_500_000, 'hub_stopped'],
  [31.7 * 3_600_000, 60_000, 'camera_silent'],
  [40.1 * 3_600_000, 320_000, 'camera_offline'],
];

/** Newest first, so that what a person looks at first is there first. Returns totals. */
export async function seedPast(
  job: SeedJob,
  onPart: (part: SeedPart) => Promise<void> | void,
): Promise<{ segments: number; events: number; diskBytes: number }> {
  const store = new LinkedFiles(job.copyBudgetBytes);
  const lastSlot = Math.floor(job.toMs / slotMs) - 1;
  const firstSlot = Math.ceil(job.fromMs / slotMs);
  const gaps = gapsOf(job);
  const totals = { segments: 0, events: 0, diskBytes: 0 };
  const library = new Map<SceneName, SceneFiles>();
  const previews = new Map<string, Buffer>();
  for (let top = lastSlot; top >= firstSlot && !store.full;) {
    // Parts end at whole hours: an hour's previews are one file.
    const bottom = Math.max(firstSlot, Math.floor(top / partSlots) * partSlots);
    const part: SeedPart = { segments: [], gaps: gaps.splice(0), events: [] };
    const records: Buffer[] = [];
    for (let slot = bottom; slot <= top; slot++) {
      const startMs = slot * slotMs;
      const name = sceneAt(slot, startMs, 'past');
      let scene = library.get(name);
      if (!scene) {
        const read = readScene(job.folder, name);
        if (!read) continue;
        library.set(name, (scene = read));
      }
      const segments = await seedSegments(job, store, scene, startMs);
      part.segments.push(...segments);
      if (segments.length < 2) continue;
      part.events.push(...(await seedEvents(job, store, scene, startMs)));
      const quiet = scene.sightings.length === 0;
      if (quiet && slot % quietPreviewSlots !== 0) continue;
      for (const [index, atS] of previewTimesS.entries()) {
        if (quiet && index > 0) break;
        const file = sceneFile.preview(name, index);
        const jpeg = previews.get(file) ?? (await readFile(join(job.folder, file)));
        previews.set(file, jpeg);
        records.push(encodePreview(startMs + atS * 1000, jpeg));
      }
    }
    if (records.length > 0) {
      const pack = join(job.recordingsDir, previewPackPath(job.cameraId, hourStart(bottom * slotMs)));
      await mkdir(dirname(pack), { recursive: true });
      // The hour that is running may have live previews already: ours are older and go before nothing, so leave it.
      await writeNew(pack, Buffer.concat(records), totals);
    }
    totals.segments += part.segments.length;
    totals.events += part.events.length;
    await onPart(part);
    top = bottom - 1;
  }
  totals.diskBytes += store.diskBytes;
  return totals;
}

async function writeNew(path: string, bytes: Buffer, totals: { diskBytes: number }): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 });
    totals.diskBytes += bytes.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function gapsOf(job: SeedJob): GapRecord[] {
  return holes.flatMap(([beforeMs, lengthMs, reason]) => {
    const startMs = Math.floor((job.toMs - beforeMs) / segmentMs) * segmentMs;
    if (startMs < job.fromMs) return [];
    return [{ cameraId: job.cameraId, stream: 'main' as const, startMs, endMs: startMs + lengthMs, reason }];
  });
}

async function seedSegments(
  job: SeedJob,
  store: LinkedFiles,
  scene: SceneFiles,
  slotStartMs: number,
): Promise<SegmentRecord[]> {
  const out: SegmentRecord[] = [];
  const gaps = gapsOf(job);
  for (const [index, facts] of scene.segments.entries()) {
    const startMs = slotStartMs + index * segmentMs;
    if (gaps.some((gap) => startMs < gap.endMs && startMs + segmentMs > gap.startMs)) continue;
    const path = join(job.recordingsDir, segmentPath(job.cameraId, 'main', startMs));
    const added = await store.put(join(job.folder, sceneFile.segment(scene.scene, index)), path, facts.bytes);
    if (added === null) break;
    out.push({
      cameraId: job.cameraId,
      stream: 'main',
      startMs,
      endMs: startMs + facts.durationMs,
      bytes: Math.max(facts.initBytes, added),
      initBytes: facts.initBytes,
      frames: facts.frames,
      keyframes: facts.keyframes,
      videoCodec: facts.videoCodec,
      audioCodec: facts.audioCodec,
      width: facts.width,
      height: facts.height,
      damaged: false,
    });
  }
  return out;
}

async function seedEvents(
  job: SeedJob,
  store: LinkedFiles,
  scene: SceneFiles,
  slotStartMs: number,
): Promise<EventState[]> {
  const out: EventState[] = [];
  for (const [index, sighting] of scene.sightings.entries()) {
    const at = (picture: number): number => Math.round(slotStartMs + (picture * 1000) / fps);
    const startMs = at(sighting.firstPicture);
    const digest = createHash('sha256').update(`${job.cameraId} ${startMs} ${index}`).digest();
    const id = eventIdFrom(digest);
    for (const [file, thumb] of [
      [sceneFile.snapshot(scene.scene, index), false],
      [sceneFile.thumb(scene.scene, index), true],
    ] as const) {
      await store.put(join(job.folder, file), join(job.snapshotsDir, snapshotPath(id, startMs, thumb)), 100_000);
    }
    out.push({
      id,
      cameraId: job.cameraId,
      label: sighting.label,
      subLabel: sighting.subLabel,
      score: 0.62 + ((digest[20] ?? 0) / 255) * 0.3,
      startMs,
      endMs: at(sighting.lastPicture),
      box: sighting.box,
      zones: [],
      stationary: false,
      snapshotMs: at(sighting.bestPicture),
      source: 'object',
    });
  }
  return out;
}

/** The same event gets the same id each time, so that seeding again adds nothing. */
function eventIdFrom(digest: Buffer): EventId {
  const alphabet = 'abcdefghjkmnpqrstvwxyz0123456789';
  let id = 'e';
  for (const byte of digest.subarray(0, 12)) id += alphabet.charAt(byte & 31);
  return id as EventId;
}

/** Puts one content at many paths: copied once, then linked; copied each time where links are not possible. */
class LinkedFiles {
  diskBytes = 0;
  full = false;
  readonly #budget: number;
  readonly #sources = new Map<string, { path: string; links: number }>();
  readonly #folders = new Set<string>();
  #canLink = true;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Bytes that this added to the disk; null if nothing more may be added. */
  async put(from: string, to: string, bytes: number): Promise<number | null> {
    const folder = dirname(to);
    if (!this.#folders.has(folder)) {
      await mkdir(folder, { recursive: true });
      this.#folders.add(folder);
    }
    const source = this.#sources.get(from);
    if (source && this.#canLink && source.links < maxLinks) {
      try {
        await link(source.path, to);
        source.links++;
        return 0;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EEXIST') return 0;
        // EMLINK: this file has all the names it may have. Anything else: a disk without links.
        if (code !== 'EMLINK') this.#canLink = false;
      }
    }
    if (this.diskBytes + bytes > this.#budget) {
      this.full = true;
      return null;
    }
    await copyFile(from, to);
    this.diskBytes += bytes;
    this.#sources.set(from, { path: to, links: 1 });
    return bytes;
  }
}
