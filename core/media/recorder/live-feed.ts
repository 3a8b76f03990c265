/**
 * Live pictures of one stream for those who watch: one moof + mdat per picture, made once for all of them and only while
 * there is somebody; what came since the last keyframe in a few larger ones for one who joins. Invariants: a viewer starts at a keyframe and after loss goes on at one; nothing is kept for a slow one.
 */
import type { Clock } from '#core/base/clock.ts';
import type { AudioConfig, AudioUnit, MediaUnit, VideoConfig, VideoUnit } from '#core/domain/media.ts';
import { buildInitSection, mimeOf } from '../mp4/init-section.ts';
import { referenceTimeBox } from '../mp4/reference-time.ts';
import type { MediaBusConnection } from './bus-media.ts';
import { catchUp, pictureFragment, type Timeline } from './live-fragments.ts';
import type { Gop } from './ring.ts';

interface Viewer {
  connection: MediaBusConnection;
  id: number;
  /** Told the parameters in force. */
  started: boolean;
  /** Behind or just come: nothing until the next keyframe. */
  needsKey: boolean;
  /** Bytes it may have unread. */
  allowedBytes: number;
}

const maxUnreadBytes = 2 * 1024 * 1024;
const jumpTicks = 180_000;
const audioGoneTicks = 180_000;
const defaultFrameTicks = 3_600;
const maxPendingAudio = 64;

export class LiveFeed {
  /** Fragments that a viewer did not get because it read too slowly. */
  dropped = 0;
  readonly #clock: Clock;
  readonly #viewers: Viewer[] = [];
  #video: VideoConfig | null = null;
  #audio: AudioConfig | null = null;
  #timeline: Timeline | null = null;
  #pendingAudio: AudioUnit[] = [];
  #lastAudioPts: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get viewers(): number {
    return this.#viewers.length;
  }

  /** Parameters of what follows; the next video unit is a keyframe. */
  begin(video: VideoConfig, audio: AudioConfig | null): void {
    this.#video = video;
    this.#audio = audio;
    this.#lastAudioPts = null;
    this.#reset();
  }

  setAudio(audio: AudioConfig): void {
    this.#audio = audio;
  }

  /** The stream ended: viewers are told, and go on by themselves when it is back. */
  end(): void {
    if (!this.#video) return;
    this.#video = null;
    this.#reset();
    for (const viewer of this.#viewers) {
      viewer.started = false;
      viewer.connection.send({ t: 'gone', id: viewer.id });
    }
  }

  /** @param gop What the ring has since the last keyframe, or null. */
  addViewer(connection: MediaBusConnection, id: number, gop: Gop | null): void {
    const viewer = { connection, id, started: false, needsKey: true, allowedBytes: maxUnreadBytes };
    this.#viewers.push(viewer);
    const key = gop?.units[0];
    if (!gop || key?.kind !== 'video') {
      connection.send({ t: 'gone', id });
      return;
    }
    if (this.#timeline?.video !== gop.video) this.#startTimeline(key, gop.video, gopHasAudio(gop) ? gop.audio : null);
    const timeline = this.#timeline;
    if (!timeline) return;
    this.#sendInit(viewer, timeline);
    viewer.allowedBytes = maxUnreadBytes + gop.bytes;
    // On the timeline that the others are on.
    const replay: Timeline = { ...timeline, lastDts: key.dts90k };
    const { fragments, restOfSound } = catchUp(replay, gop.units);
    for (const { first, parts } of fragments) sendTo(viewer, first, parts, this);
    // The first of several viewers takes over the sound that waits for the next picture; the others find it waiting.
    if (this.#viewers.length === 1 && timeline.audio) this.#pendingAudio = restOfSound;
    timeline.lastDts = Math.max(timeline.lastDts, replay.lastDts);
    timeline.frameTicks = replay.frameTicks;
  }

  removeViewer(connection: MediaBusConnection, id: number | null): void {
    for (let i = this.#viewers.length - 1; i >= 0; i--) {
      const viewer = this.#viewers[i];
      if (viewer?.connection === connection && (id === null || viewer.id === id)) this.#viewers.splice(i, 1);
    }
    if (this.#viewers.length === 0) this.#reset();
  }

  add(unit: MediaUnit): void {
    if (unit.kind === 'audio') this.#lastAudioPts = unit.pts90k;
    if (this.#viewers.length === 0 || !this.#video) return;
    if (unit.kind === 'audio') {
      if (this.#timeline?.audio && this.#pendingAudio.length < maxPendingAudio) this.#pendingAudio.push(unit);
      return;
    }
    this.#checkTimeline(unit, this.#video);
    const timeline = this.#timeline;
    if (!timeline) return;
    const received = referenceTimeBox(this.#clock.nowMs(), unit.pts90k - timeline.firstPts);
    const parts = [received, ...pictureFragment(timeline, unit, this.#pendingAudio)];
    this.#pendingAudio = [];
    for (const viewer of this.#viewers) {
      if (!viewer.started) {
        if (!unit.key) continue;
        this.#sendInit(viewer, timeline);
      }
      sendTo(viewer, unit, parts, this);
    }
  }

  /** Begins a new timeline at a keyframe when there is none or when sound came or went; drops one that time jumped out of. */
  #checkTimeline(unit: VideoUnit, video: VideoConfig): void {
    const timeline = this.#timeline;
    const step = timeline ? unit.dts90k - timeline.lastDts : 0;
    if (timeline && (step < 0 || step > jumpTicks)) this.#reset();
    if (!unit.key) return;
    const heard = this.#lastAudioPts !== null && Math.abs(unit.pts90k - this.#lastAudioPts) < audioGoneTicks;
    const audio = heard ? this.#audio : null;
    if (!this.#timeline || this.#timeline.audio !== audio) this.#startTimeline(unit, video, audio);
  }

  #startTimeline(key: VideoUnit, video: VideoConfig, audio: AudioConfig | null): void {
    this.#reset();
    this.#timeline = {
      video,
      audio,
      firstPts: key.pts90k,
      firstDts: key.dts90k,
      firstTimeMs: key.timeMs,
      lastDts: key.dts90k,
      frameTicks: defaultFrameTicks,
      sequence: 0,
    };
  }

  #reset(): void {
    this.#timeline = null;
    this.#pendingAudio = [];
    for (const viewer of this.#viewers) {
      viewer.started = false;
      viewer.needsKey = true;
    }
  }

  #sendInit(viewer: Viewer, timeline: Timeline): void {
    viewer.started = viewer.connection.send(
      {
        t: 'live-init',
        id: viewer.id,
        mime: mimeOf(timeline.video, timeline.audio),
        width: timeline.video.width,
        height: timeline.video.height,
        epochMs: timeline.firstTimeMs,
      },
      buildInitSection(timeline.video, timeline.audio),
    );
  }
}

function gopHasAudio(gop: Gop): boolean {
  return gop.units.some((unit) => unit.kind === 'audio');
}

function sendTo(viewer: Viewer, unit: VideoUnit, parts: readonly Uint8Array[], feed: LiveFeed): void {
  const unread = viewer.connection.queuedBytes;
  if (unread < maxUnreadBytes / 2 && !viewer.needsKey) viewer.allowedBytes = maxUnreadBytes;
  if (unread > viewer.allowedBytes) viewer.needsKey = true;
  else if (unit.key && viewer.needsKey) viewer.needsKey = false;
  if (viewer.needsKey) {
    feed.dropped++;
    return;
  }
  const sent = viewer.connection.send({ t: 'live-frag', id: viewer.id, key: unit.key, timeMs: unit.timeMs }, parts);
  if (sent) return;
  feed.dropped++;
  viewer.needsKey = true;
}
