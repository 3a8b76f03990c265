/**
 * Joins recorded segments into one MP4 by stream copy: index at the front, no metadata but a title and the time.
 * Starts at the keyframe before the wanted start and hides what comes before with an edit list, so players start exactly
 * there. Invariant: no packet waits in a queue (each is written as it is read), output time never runs backwards, and a
 * failed or cancelled export leaves no file.
 */
import { rmSync, statSync } from 'node:fs';
import {
  Dictionary,
  FormatContext,
  InputFormat,
  IOContext,
  Packet,
  Rational,
  CodecParameters,
  type Stream,
} from 'node-av/lib';
import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_OPUS,
  AV_NOPTS_VALUE,
  AVERROR_EOF,
  AVFMT_FLAG_BITEXACT,
  AVIO_FLAG_WRITE,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { HubError } from '#core/base/errors.ts';
import { check, libavText } from './libav.ts';

export interface RemuxPart {
  path: string;
  /** UTC of the file's time 0. */
  startMs: number;
  /** The same on the output's timeline; pictures before 0 are hidden. */
  atMs: number;
}

export interface RemuxJob {
  parts: readonly RemuxPart[];
  /** Length of the output's timeline; nothing that is decoded at or after it is written. */
  durationMs: number;
  /** UTC of time 0, written as the creation time. */
  startMs: number;
  title: string;
  outputPath: string;
  onProgress: (fraction: number) => void;
  signal: AbortSignal;
}

interface Track {
  parameters: CodecParameters;
  /** Where it goes; set when the output is opened. */
  output: Stream | null;
  timeBase: Rational;
  lastDts: bigint;
}

/** Work without a pause for the event loop, so that heartbeats and a cancellation get through. */
const yieldEveryMs = 40;
const videoTicks = new Rational(1, 90_000);

/**
 * Resolves with the size in bytes. Throws HubError: `invalid_range` if the picture format changes on the way (the message
 * names the time), `not_found` if nothing is left to write, `unavailable` when cancelled, `disk_full`.
 */
export async function remuxExport(job: RemuxJob): Promise<number> {
  const writer = new Writer(job);
  try {
    for (const [index, part] of job.parts.entries()) {
      await writer.addPart(part);
      job.onProgress((index + 1) / job.parts.length);
    }
    await writer.finish();
  } catch (error) {
    writer.abandon();
    throw error;
  }
  return statSync(job.outputPath).size;
}

class Writer {
  readonly #job: RemuxJob;
  readonly #packet = new Packet();
  /** Pictures since the last keyframe before time 0, while that is not reached. */
  #held: { packet: Packet; kind: 'video' | 'audio' }[] = [];
  #started = false;
  #output: FormatContext | null = null;
  #io: IOContext | null = null;
  #video: Track | null = null;
  #audio: Track | null = null;
  #written = 0;
  #yieldedMs = performance.now();

  constructor(job: RemuxJob) {
    this.#job = job;
    this.#packet.alloc();
  }

  async addPart(part: RemuxPart): Promise<void> {
    const input = new FormatContext();
    input.allocContext();
    try {
      const opened = input.openInputSync(
        part.path,
        InputFormat.findInputFormat('mov'),
        Dictionary.fromObject({ protocol_whitelist: 'file' }),
      );
      if (opened < 0)
        throw new HubError('not_found', `The recording of ${clock(part)} can't be opened: ${libavText(opened)}.`);
      const streams = input.streams;
      const video = streams.find((stream) => stream.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
      if (!video) throw new HubError('not_found', `The recording of ${clock(part)} has no video.`);
      const audio = streams.find((stream) => isCopyable(stream.codecpar));
      this.#match(part, video.codecpar, audio?.codecpar ?? null);
      // The tracks of the output are known with the first part: sound that begins later than the picture is left out.
      const sound = audio && this.#audio && sameParameters(this.#audio.parameters, audio.codecpar) ? audio : null;
      await this.#copy(input, part, video, sound);
    } finally {
      input.closeInputSync();
    }
  }

  async finish(): Promise<void> {
    this.#release();
    if (!this.#output || this.#written === 0) throw new HubError('not_found', 'There is no picture in this time span.');
    check(await this.#output.writeTrailer(), 'Writing the index of the clip');
    this.#close();
  }

  abandon(): void {
    for (const { packet } of this.#held.splice(0)) packet.free();
    this.#close();
    rmSync(this.#job.outputPath, { force: true });
  }

  #close(): void {
    this.#packet.free();
    this.#video?.parameters.free();
    this.#audio?.parameters.free();
    this.#video = null;
    this.#audio = null;
    if (this.#output) {
      this.#io?.closepSync();
      this.#output.pb = null;
      this.#output.freeContext();
    }
    this.#output = null;
    this.#io = null;
  }

  #match(part: RemuxPart, video: CodecParameters, audio: CodecParameters | null): void {
    if (!this.#video) {
      this.#video = track(video, videoTicks);
      if (audio) this.#audio = track(audio, new Rational(1, audio.sampleRate));
      return;
    }
    if (sameParameters(this.#video.parameters, video)) return;
    throw new HubError(
      'invalid_range',
      `The camera's picture format changed at ${clock(part)}. Export the time before and after it separately.`,
      { details: { atMs: part.startMs } },
    );
  }

  async #copy(input: FormatContext, part: RemuxPart, video: Stream, audio: Stream | null): Promise<void> {
    const packet = this.#packet;
    const { durationMs, signal } = this.#job;
    const tracks = { video: this.#video, audio: this.#audio };
    // Time 0 is the first picture; libav moves all times of a file with B-frames so that none is below decoding time.
    let firstPts: bigint | null = null;
    for (;;) {
      const code = input.readFrameSync(packet);
      if (code === AVERROR_EOF) return;
      // The rest of a torn file is lost; what was read stands.
      if (code < 0) return;
      try {
        const kind =
          packet.streamIndex === video.index ? 'video' : packet.streamIndex === audio?.index ? 'audio' : null;
        const target = kind && tracks[kind];
        if (target && packet.dts !== AV_NOPTS_VALUE) {
          const from = kind === 'video' ? video.timeBase : (audio ?? video).timeBase;
          packet.rescaleTs(from, target.timeBase);
          const perMs = target.timeBase.den / target.timeBase.num / 1000;
          if (packet.pts === AV_NOPTS_VALUE) packet.pts = packet.dts;
          if (kind === 'video') firstPts ??= packet.pts;
          const shift = BigInt(Math.round(part.atMs * perMs)) - (kind === 'video' ? (firstPts ?? 0n) : 0n);
          packet.dts += shift;
          packet.pts += shift;
          if (Number(packet.dts) < durationMs * perMs) this.#take(packet, kind, perMs);
          else if (kind === 'video') return;
        }
      } finally {
        packet.unref();
      }
      if (performance.now() - this.#yieldedMs > yieldEveryMs) {
        await new Promise((resolve) => setImmediate(resolve));
        this.#yieldedMs = performance.now();
        if (signal.aborted) throw new HubError('unavailable', 'The export was cancelled.');
      }
    }
  }

  /** Before time 0 only what decoding needs is kept: the last keyframe and what follows it. */
  #take(packet: Packet, kind: 'video' | 'audio', perMs: number): void {
    if (this.#started) {
      this.#write(packet, kind);
      return;
    }
    const pts = Number(packet.pts);
    if (kind === 'audio' && pts + Number(packet.duration) <= 0) return;
    if (kind === 'video') {
      if (packet.isKeyframe && pts <= perMs) for (const { packet: old } of this.#held.splice(0)) old.free();
      if (this.#held.length === 0 && !packet.isKeyframe) return;
    }
    const own = packet.clone();
    if (own) this.#held.push({ packet: own, kind });
    // Times are in decoding order: past 0 no earlier keyframe can follow.
    if (kind === 'video' && Number(packet.dts) > perMs) this.#release();
  }

  #release(): void {
    this.#started = true;
    for (const { packet, kind } of this.#held.splice(0)) {
      try {
        this.#write(packet, kind);
      } finally {
        packet.free();
      }
    }
  }

  #write(packet: Packet, kind: 'video' | 'audio'): void {
    this.#output ??= this.#open();
    const target = kind === 'video' ? this.#video : this.#audio;
    if (!target?.output) return;
    // At a seam the next file can begin a picture early; it is moved by less than one, or left out.
    if (packet.dts <= target.lastDts) {
      const regression = Number(target.lastDts - packet.dts) / target.timeBase.den;
      if (kind === 'audio' || regression > 0.3) return;
      packet.dts = target.lastDts + 1n;
      if (packet.pts < packet.dts) packet.pts = packet.dts;
    }
    target.lastDts = packet.dts;
    packet.streamIndex = target.output.index;
    packet.pos = -1n;
    packet.rescaleTs(target.timeBase, target.output.timeBase);
    const code = this.#output.writeFrameSync(packet);
    if (code === -28) throw new HubError('disk_full', 'The disk is full: the clip can not be written.');
    check(code, 'Writing the clip');
    if (kind === 'video') this.#written++;
  }

  #open(): FormatContext {
    const output = new FormatContext();
    // The muxer opens the file a second time to move the index to the front: it needs the name.
    check(output.allocOutputContext2(null, 'mp4', this.#job.outputPath), 'Making the clip');
    this.#output = output;
    // Bit exact: no encoder name and version in the file.
    output.setFlags(AVFMT_FLAG_BITEXACT);
    for (const target of [this.#video, this.#audio]) {
      if (!target) continue;
      target.output = output.newStream(null);
      check(target.parameters.copy(target.output.codecpar), 'Making the clip');
      // Safari and QuickTime play H.265 only under this name.
      target.output.codecpar.codecTag = target.parameters.codecId === AV_CODEC_ID_HEVC ? 'hvc1' : 0;
      target.output.timeBase = target.timeBase;
    }
    const { title, startMs } = this.#job;
    output.metadata = Dictionary.fromObject({ title, creation_time: new Date(startMs).toISOString() });
    this.#io = new IOContext();
    check(this.#io.open2Sync(this.#job.outputPath, AVIO_FLAG_WRITE), 'Making the clip');
    output.pb = this.#io;
    check(output.writeHeaderSync(Dictionary.fromObject({ movflags: '+faststart' })), 'Making the clip');
    return output;
  }
}

function track(parameters: CodecParameters, timeBase: Rational): Track {
  const own = new CodecParameters();
  own.alloc();
  check(parameters.copy(own), 'Reading a recording');
  return { parameters: own, output: null, timeBase, lastDts: -(2n ** 62n) };
}

function isCopyable(parameters: CodecParameters): boolean {
  return (
    parameters.codecType === AVMEDIA_TYPE_AUDIO &&
    parameters.sampleRate > 0 &&
    (parameters.codecId === AV_CODEC_ID_AAC || parameters.codecId === AV_CODEC_ID_OPUS)
  );
}

function sameParameters(a: CodecParameters, b: CodecParameters): boolean {
  return (
    a.codecId === b.codecId &&
    a.width === b.width &&
    a.height === b.height &&
    a.sampleRate === b.sampleRate &&
    Buffer.compare(a.extradata ?? Buffer.alloc(0), b.extradata ?? Buffer.alloc(0)) === 0
  );
}

const clock = ({ startMs }: RemuxPart): string =>
  `${new Date(startMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
