/**
 * One MediaSource with one source buffer for live pictures: appends in order, one operation at a time, bounded. The media
 * timeline is wall time since the first init section (`epochMs`), also across reconnects, so gaps stay gaps and the picture on
 * screen stays while a new connection is made.
 */
import { evictable, queueLimitBytes, type TimeRange } from './live-policy.ts';

type Operation =
  | { kind: 'init'; bytes: Uint8Array; mime: string; offsetS: number }
  | { kind: 'media'; bytes: Uint8Array }
  | { kind: 'evict'; range: TimeRange };

interface LiveSourceInit {
  video: HTMLVideoElement;
  onAppended: () => void;
  /** The buffer is broken or overrun: the owner starts again from a keyframe. */
  onBroken: (reason: string) => void;
}

// Safari on phones has ManagedMediaSource only.
const SourceClass = (): typeof MediaSource | undefined =>
  (globalThis as { MediaSource?: typeof MediaSource }).MediaSource ??
  (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;

export const hasMediaSource = (): boolean => SourceClass() !== undefined;
export const canPlay = (mime: string): boolean => SourceClass()?.isTypeSupported(mime) ?? false;

export class LiveSource {
  private readonly init: LiveSourceInit;
  private readonly media: MediaSource;
  private readonly url: string;
  private buffer: SourceBuffer | null = null;
  private mime = '';
  private queue: Operation[] = [];
  private queuedBytes = 0;
  private closed = false;
  private epoch: number | null = null;

  constructor(init: LiveSourceInit) {
    const Source = SourceClass();
    if (!Source) throw new Error('This browser has no Media Source Extensions.');
    this.init = init;
    this.media = new Source();
    this.media.addEventListener('sourceopen', this.pump, { once: true });
    this.url = URL.createObjectURL(this.media);
    // Without this Safari refuses a ManagedMediaSource.
    init.video.disableRemotePlayback = true;
    init.video.src = this.url;
  }

  /** UTC ms of the video's media time 0; null before the first init section. */
  get epochMs(): number | null {
    return this.epoch;
  }

  /** A new init section; media times of what follows count from `epochMs`. Returns where that is in the video's media time, seconds. */
  pushInit(bytes: Uint8Array, mime: string, epochMs: number): number {
    this.epoch ??= epochMs;
    const offsetS = (epochMs - this.epoch) / 1000;
    this.push({ kind: 'init', bytes, mime, offsetS });
    return offsetS;
  }

  pushMedia(bytes: Uint8Array): void {
    const last = this.queue.at(-1);
    // While the buffer is busy fragments gather: append them as one.
    if (last?.kind === 'media') last.bytes = joined(last.bytes, bytes);
    else this.queue.push({ kind: 'media', bytes });
    this.grew(bytes.length);
  }

  ranges(): TimeRange[] {
    const { buffer } = this;
    if (!buffer || this.closed || this.media.readyState === 'closed') return [];
    const { buffered } = buffer;
    return Array.from({ length: buffered.length }, (_, i) => ({ start: buffered.start(i), end: buffered.end(i) }));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.queue = [];
    this.buffer?.removeEventListener('updateend', this.updated);
    URL.revokeObjectURL(this.url);
    if (this.init.video.src === this.url) {
      this.init.video.removeAttribute('src');
      this.init.video.load();
    }
  }

  private push(operation: Operation & { bytes: Uint8Array }): void {
    this.queue.push(operation);
    this.grew(operation.bytes.length);
  }

  private grew(bytes: number): void {
    this.queuedBytes += bytes;
    if (this.queuedBytes > queueLimitBytes) this.fail('the browser could not keep up');
    else this.pump();
  }

  private readonly updated = (): void => {
    const range = evictable(this.init.video.currentTime, this.ranges());
    if (range && this.queue[0]?.kind !== 'evict') this.queue.unshift({ kind: 'evict', range });
    this.init.onAppended();
    this.pump();
  };

  private readonly pump = (): void => {
    if (this.closed || this.media.readyState !== 'open' || this.buffer?.updating) return;
    const next = this.queue.shift();
    if (!next) return;
    try {
      this.run(next);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : String(error));
    }
  };

  private run(operation: Operation): void {
    if (operation.kind === 'evict') {
      this.openBuffer().remove(operation.range.start, operation.range.end);
      return;
    }
    this.queuedBytes -= operation.bytes.length;
    if (operation.kind === 'init') {
      if (!this.buffer) this.addBuffer(operation.mime);
      const buffer = this.openBuffer();
      // A fragment cut off by a lost connection must not swallow the init section that follows.
      buffer.abort();
      if (this.mime !== operation.mime) buffer.changeType(operation.mime);
      this.mime = operation.mime;
      buffer.timestampOffset = operation.offsetS;
    }
    this.openBuffer().appendBuffer(operation.bytes as Uint8Array<ArrayBuffer>);
  }

  private addBuffer(mime: string): void {
    this.buffer = this.media.addSourceBuffer(mime);
    this.mime = mime;
    this.buffer.addEventListener('updateend', this.updated);
    this.buffer.addEventListener('error', () => this.fail('the browser could not decode the stream'));
  }

  private openBuffer(): SourceBuffer {
    if (!this.buffer) throw new Error('media came before its init section');
    return this.buffer;
  }

  private fail(reason: string): void {
    if (this.closed) return;
    this.close();
    this.init.onBroken(reason);
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
