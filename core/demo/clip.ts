/**
 * Clips the virtual camera plays: encoded pictures and sound of one scene in one file of our own, because playing needs
 * random access by picture number and nothing else. Invariant: picture 0 is a keyframe and every clip loops on itself.
 *
 * File: 'PLCLIP1\n', u32le header length, JSON header, then all pictures, then all AAC frames, then G.711 u-law samples.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { HubError } from '#core/base/errors.ts';
import type { EventLabel, ObjectLabel } from '#core/domain/detection.ts';
import type { Box } from '#core/domain/geometry.ts';

export const clipMagic = 'PLCLIP1\n';

/** What the generator knows to be in the picture. */
export interface Sighting {
  label: EventLabel;
  subLabel: ObjectLabel;
  firstPicture: number;
  lastPicture: number;
  /** The picture where the figure is seen best, and where it is in that picture. */
  bestPicture: number;
  box: Box;
}

export interface Clip {
  /** Absent: h264. */
  codec?: 'h264' | 'h265';
  width: number;
  height: number;
  fps: number;
  /** (VPS,) SPS, PPS. */
  parameterSets: Buffer[];
  /** NAL units with 4-byte length prefixes. */
  pictures: { key: boolean; data: Buffer }[];
  /** AAC-LC frames of 1024 samples, mono. */
  aac: { sampleRate: number; config: Buffer; frames: Buffer[] } | null;
  /** G.711 u-law, 8 kHz mono, as long as the pictures. */
  pcmu: Buffer | null;
  sightings: Sighting[];
}

interface Header {
  codec?: 'h264' | 'h265';
  width: number;
  height: number;
  fps: number;
  parameterSets: string[];
  /** Byte lengths; negative for pictures that are not keyframes. */
  pictureBytes: number[];
  aac: { sampleRate: number; config: string; frameBytes: number[] } | null;
  pcmuBytes: number;
  sightings: Sighting[];
}

/** Writes beside the target and renames, so that a reader sees all of it or nothing. */
export function writeClip(path: string, clip: Clip): void {
  const header: Header = {
    codec: clip.codec ?? 'h264',
    width: clip.width,
    height: clip.height,
    fps: clip.fps,
    parameterSets: clip.parameterSets.map((set) => set.toString('base64')),
    pictureBytes: clip.pictures.map((picture) => (picture.key ? picture.data.length : -picture.data.length)),
    aac: clip.aac && {
      sampleRate: clip.aac.sampleRate,
      config: clip.aac.config.toString('base64'),
      frameBytes: clip.aac.frames.map((frame) => frame.length),
    },
    pcmuBytes: clip.pcmu?.length ?? 0,
    sightings: clip.sightings,
  };
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  const parts = [Buffer.from(clipMagic, 'latin1'), length, json, ...clip.pictures.map((picture) => picture.data)];
  if (clip.aac) parts.push(...clip.aac.frames);
  if (clip.pcmu) parts.push(clip.pcmu);
  const temporary = `${path}.${process.pid}.part`;
  writeFileSync(temporary, Buffer.concat(parts));
  renameSync(temporary, path);
}

/** Throws `not_found` when there is no whole clip at `path`. */
export function readClip(path: string): Clip {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new HubError('not_found', `The clip ${path} can't be read.`, { cause: error });
  }
  if (bytes.toString('latin1', 0, 8) !== clipMagic) throw new HubError('not_found', `${path} is not a clip.`);
  const headerBytes = bytes.readUInt32LE(8);
  const header = JSON.parse(bytes.toString('utf8', 12, 12 + headerBytes)) as Header;
  let at = 12 + headerBytes;
  const take = (size: number): Buffer => {
    if (at + size > bytes.length) throw new HubError('not_found', `The clip ${path} is cut short.`);
    at += size;
    return bytes.subarray(at - size, at);
  };
  const pictures = header.pictureBytes.map((size) => ({ key: size > 0, data: take(Math.abs(size)) }));
  const aac = header.aac && {
    sampleRate: header.aac.sampleRate,
    config: Buffer.from(header.aac.config, 'base64'),
    frames: header.aac.frameBytes.map(take),
  };
  return {
    codec: header.codec ?? 'h264',
    width: header.width,
    height: header.height,
    fps: header.fps,
    parameterSets: header.parameterSets.map((set) => Buffer.from(set, 'base64')),
    pictures,
    aac,
    pcmu: header.pcmuBytes > 0 ? take(header.pcmuBytes) : null,
    sightings: header.sightings,
  };
}
