/**
 * The init section (ftyp + moov) of a segment and of a live stream. Video is track 1 at 90 kHz, audio track 2 at its
 * sample rate. Equal configurations give equal bytes, so that a player needs a new init only when something changed.
 */
import type { AudioConfig, VideoConfig } from '#core/domain/media.ts';
import { box, fullBox, u8, u16, u32 } from './box.ts';
import { h264PictureFormat, hevcProfile, isHighProfile } from './parameter-sets.ts';

export const videoTrackId = 1;
export const audioTrackId = 2;
export const videoTimescale = 90_000;

/** @param audio Only `aac` and `opus` fit into an MP4; G.711 must be transcoded first. Throws a RangeError for others. */
export function buildInitSection(video: VideoConfig, audio: AudioConfig | null): Buffer {
  const tracks = [videoTrack(video)];
  const extensions = [trackExtends(videoTrackId)];
  if (audio) {
    tracks.push(audioTrack(audio));
    extensions.push(trackExtends(audioTrackId));
  }
  return Buffer.concat([
    box('ftyp', Buffer.from('isom\0\0\x02\0isomiso6mp41', 'latin1')),
    box(
      'moov',
      fullBox(
        'mvhd',
        0,
        0,
        u32(0, 0, 1000, 0, 0x00010000),
        u16(0x0100, 0),
        u32(0, 0),
        matrix,
        Buffer.alloc(24),
        u32(3),
      ),
      ...tracks,
      box('mvex', ...extensions),
    ),
  ]);
}

/** The `codecs` parameter of a MIME type for what `buildInitSection` made. */
export function mimeOf(video: VideoConfig, audio: AudioConfig | null): string {
  return `video/mp4; codecs="${video.codecString}${audio ? `,${audio.codecString}` : ''}"`;
}

const matrix = u32(0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000);

const trackExtends = (trackId: number): Buffer => fullBox('trex', 0, 0, u32(trackId, 1, 0, 0, 0));

function videoTrack(video: VideoConfig): Buffer {
  const width = clampSize(video.width);
  const height = clampSize(video.height);
  const entry = box(
    video.codec === 'h264' ? 'avc1' : 'hvc1',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(width, height),
    u32(0x00480000, 0x00480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(0x18, 0xffff),
    video.codec === 'h264' ? avcConfig(video.parameterSets) : hevcConfig(video.parameterSets),
  );
  return track(videoTrackId, videoTimescale, 'vide', fullBox('vmhd', 0, 1, Buffer.alloc(8)), entry, 0, [width, height]);
}

function audioTrack(audio: AudioConfig): Buffer {
  const aac = audio.codec === 'aac';
  if (!aac && audio.codec !== 'opus') throw new RangeError(`${audio.codec} can't be stored in an MP4`);
  const entry = box(
    aac ? 'mp4a' : 'Opus',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(8),
    u16(audio.channels, 16, 0, 0),
    u16(audio.sampleRate < 0x10000 ? audio.sampleRate : 0, 0),
    aac ? elementaryStream(audio.config) : opusConfig(audio),
  );
  return track(audioTrackId, audio.sampleRate, 'soun', fullBox('smhd', 0, 0, Buffer.alloc(4)), entry, 0x0100, [0, 0]);
}

function track(
  id: number,
  timescale: number,
  handler: 'vide' | 'soun',
  mediaHeader: Buffer,
  sampleEntry: Buffer,
  volume: number,
  [width, height]: [number, number],
): Buffer {
  const empty = u32(0);
  return box(
    'trak',
    fullBox(
      'tkhd',
      0,
      3,
      u32(0, 0, id, 0, 0, 0, 0),
      u16(0, 0, volume, 0),
      matrix,
      u32(width * 0x10000, height * 0x10000),
    ),
    box(
      'mdia',
      // 0x55c4 is `und`, the undetermined language.
      fullBox('mdhd', 0, 0, u32(0, 0, timescale, 0), u16(0x55c4, 0)),
      fullBox(
        'hdlr',
        0,
        0,
        u32(0),
        Buffer.from(handler, 'latin1'),
        Buffer.alloc(12),
        Buffer.from('Porchlight\0', 'latin1'),
      ),
      box(
        'minf',
        mediaHeader,
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box(
          'stbl',
          fullBox('stsd', 0, 0, u32(1), sampleEntry),
          fullBox('stts', 0, 0, empty),
          fullBox('stsc', 0, 0, empty),
          fullBox('stsz', 0, 0, u32(0, 0)),
          fullBox('stco', 0, 0, empty),
        ),
      ),
    ),
  );
}

const clampSize = (pixels: number): number => Math.min(0xffff, Math.max(0, Math.trunc(pixels) || 0));

function withLength(set: Uint8Array): Buffer {
  return Buffer.concat([u16(set.length), set]);
}

/** avcC, ISO/IEC 14496-15, 5.3.3.1. */
function avcConfig(sets: readonly Uint8Array[]): Buffer {
  const sps = sets.filter((set) => ((set[0] ?? 0) & 0x1f) === 7);
  const pps = sets.filter((set) => ((set[0] ?? 0) & 0x1f) === 8);
  const first = sps[0] ?? Uint8Array.of(0x67, 66, 0, 30);
  const profile = first[1] ?? 66;
  const format = h264PictureFormat(first);
  return box(
    'avcC',
    u8(1, profile, first[2] ?? 0, first[3] ?? 30, 0xff, 0xe0 | (sps.length & 31)),
    ...sps.map(withLength),
    u8(pps.length & 255),
    ...pps.map(withLength),
    isHighProfile(profile)
      ? u8(0xfc | format.chromaFormat, 0xf8 | format.lumaDepthMinus8, 0xf8 | format.chromaDepthMinus8, 0)
      : u8(),
  );
}

/** hvcC, ISO/IEC 14496-15, 8.3.3.1, with all parameter sets inside as the tag `hvc1` demands (Safari plays no other). */
function hevcConfig(sets: readonly Uint8Array[]): Buffer {
  const ofType = (type: number): Uint8Array[] => sets.filter((set) => ((set[0] ?? 0) >> 1) % 64 === type);
  const profile = hevcProfile(ofType(33)[0] ?? Uint8Array.of(0x42, 1, 1));
  const arrays = [32, 33, 34].map((type) => {
    const list = ofType(type);
    return Buffer.concat([u8(0x80 | type), u16(list.length), ...list.map(withLength)]);
  });
  return box(
    'hvcC',
    u8(1),
    profile.general,
    u16(0xf000),
    u8(0xfc, 0xfc | profile.chromaFormat, 0xf8 | profile.lumaDepthMinus8, 0xf8 | profile.chromaDepthMinus8),
    u16(0),
    u8(((profile.temporalLayers & 7) << 3) | (profile.temporalIdNested ? 4 : 0) | 3, arrays.length),
    ...arrays,
  );
}

/** esds with the AudioSpecificConfig, ISO/IEC 14496-1, 7.2.6. */
function elementaryStream(config: Uint8Array): Buffer {
  const descriptor = (tag: number, ...parts: Uint8Array[]): Buffer => {
    const body = Buffer.concat(parts);
    return Buffer.concat([u8(tag, 0x80, 0x80, 0x80 | (body.length >> 7), body.length & 0x7f), body]);
  };
  return fullBox(
    'esds',
    0,
    0,
    descriptor(
      3,
      u16(audioTrackId),
      u8(0),
      descriptor(4, u8(0x40, 0x15, 0, 0, 0), u32(0, 0), descriptor(5, config)),
      descriptor(6, u8(2)),
    ),
  );
}

/** dOps, "Encapsulation of Opus in ISO BMFF", 4.3.2. A camera's stream has no beginning, so nothing is skipped. */
function opusConfig(audio: AudioConfig): Buffer {
  return box('dOps', u8(0, audio.channels), u16(0), u32(audio.sampleRate), u16(0), u8(0));
}
