/**
 * Watches what one camera reports by itself, for as long as it is wanted: subscribes, renews, rebuilds after any failure.
 * Invariants: a refused password is not tried again by itself (F15); pauses between attempts grow to a minute; state and
 * every change of it are told; nothing a camera sends ends the process.
 */
import { errorText, HubError, type ErrorCode } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { CameraReport, OnvifTarget, WatchState, WatchStatus } from '#core/domain/onvif.ts';
import { EventCalls } from './events-calls.ts';
import { timeOf, type Notice } from './events-notices.ts';
import { SignalStates } from './events-states.ts';
import { signalsOfMessage, type TopicSignal } from './events-topics.ts';
import type { OnvifConnection } from './soap-port.ts';
import { asBoolean } from './tree.ts';
import { listenUntilBroken } from './watch-base.ts';
import { pullUntilBroken, type WatchPart } from './watch-pull.ts';
import { pause, systemTiming, type Timing } from './watch-timing.ts';
import { readUrl } from './zone.ts';

export interface WatcherInit {
  cameraId: CameraId;
  target: OnvifTarget;
  connect: (target: OnvifTarget, signal: AbortSignal) => Promise<OnvifConnection>;
  report: (report: CameraReport) => void;
  /** Called on change only. */
  status: (status: WatchStatus) => void;
  /** A mistake of ours, for the log; the watch goes on. */
  bug?: (error: unknown) => void;
  timing?: Timing;
}

const firstPauseMs = 1_000;
const mostPauseMs = 60_000;
/** A subscription that stood this long was well: the next failure is a first one. */
const wellMs = 30_000;
/** Pull points that failed one after the other before base notification is tried. */
const mostPullFailures = 3;
/** How long base notification stands in for pull points that are offered and fail. */
const baseMs = 1_800_000;
/** A camera without events may get them with its next firmware. */
const unsupportedPauseMs = 600_000;
/** A password that worked before may be right though it was refused (clock, restart): tried again this much later. */
const refusedPausesMs = [300_000, 1_800_000];
/** The first word on a state this soon after subscribing is how things are, whatever it is called. */
const firstWordMs = 2_000;
/** What arrives this soon after subscribing, and is older than the subscription, is a replay whatever it is called. */
const replayMs = 5_000;
const olderMs = 2_000;
const mostSeen = 256;
const mostUnknown = 64;
/** These say nothing about pull points. */
const retried = new Set<ErrorCode>(['camera_wrong_password', 'camera_clock', 'camera_refused_connection']);

export class Watcher {
  /** Topics that mean nothing to us, with their counts; at most 64. */
  readonly unknownTopics = new Map<string, number>();
  readonly #init: WatcherInit;
  readonly #timing: Timing;
  readonly #states: SignalStates;
  readonly #abort = new AbortController();
  #running: Promise<void> | null = null;
  #status: WatchStatus;
  #pauseMs = firstPauseMs;
  #pullFailures = 0;
  #pullWorked = false;
  #proved = false;
  #refusals = 0;
  #standsMs: number | null = null;
  #subscribedMs = 0;
  /** Things that were heard of since subscribing. */
  #seen = new Set<string>();

  constructor(init: WatcherInit) {
    this.#init = init;
    this.#timing = init.timing ?? systemTiming;
    this.#status = { cameraId: init.cameraId, state: 'connecting', via: null, message: null };
    this.#states = new SignalStates(this.#timing, (change) => init.report({ cameraId: init.cameraId, ...change }));
  }

  get status(): WatchStatus {
    return this.#status;
  }

  start(): void {
    if (this.#running) return;
    this.#init.status(this.#status);
    this.#running = this.#run();
  }

  /** Ends what is on, gives the subscription back if the camera answers within 2 s. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#states.endAll();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      let waitMs: number | null;
      try {
        await this.#attempt();
        continue;
      } catch (error) {
        if (this.#ended()) return;
        waitMs = this.#failed(error);
      }
      if (waitMs === null) return;
      await pause(this.#timing, waitMs, signal);
    }
  }

  async #attempt(): Promise<void> {
    const { signal } = this.#abort;
    const { clock } = this.#timing;
    this.#standsMs = null;
    const connection = await this.#init.connect(this.#init.target, signal);
    if (signal.aborted) return;
    if (!connection.has('events')) throw notOffered(this.#init.target);
    const calls = new EventCalls(connection, () => clock.nowMs(), signal);
    const part = (via: 'pull' | 'base'): WatchPart => ({
      timing: this.#timing,
      signal,
      heard: (notices) => this.#heard(notices, connection.clockOffsetMs),
      subscribed: () => {
        this.#subscribedMs = clock.monoMs();
        this.#seen = new Set();
      },
      watching: () => this.#watching(via),
    });
    const pullError = await this.#pull(connection, calls, part('pull'));
    if (this.#ended()) return;
    // Being called may fail unseen (a firewall): pulling is given another chance now and then.
    const mostMs = pullError === null ? Infinity : baseMs;
    try {
      await listenUntilBroken(calls, readUrl(withScheme(this.#init.target.url)).host, part('base'), mostMs);
      this.#pullFailures = mostPullFailures - 1;
    } catch (error) {
      // The camera may have been restarted.
      this.#pullFailures = 0;
      // What is offered and fails says more than what is not offered at all.
      throw hasCode(error, 'not_offered') && pullError !== null ? pullError : error;
    }
  }

  /** Returns when it is of no use to go on pulling: why, or null where the camera offers no pull points. */
  async #pull(connection: OnvifConnection, calls: EventCalls, part: WatchPart): Promise<HubError | null> {
    // Many that work deny it, so it is tried all the same.
    const denied = asBoolean(connection.capabilities('events')?.attributes['WSPullPointSupport']) === false;
    try {
      await pullUntilBroken(calls, part);
      return null;
    } catch (error) {
      if (hasCode(error, 'not_offered') && !this.#pullWorked) return null;
      if (!(error instanceof HubError) || this.#pullWorked || retried.has(error.code)) throw error;
      this.#pullFailures++;
      if (!denied && this.#pullFailures < mostPullFailures) throw error;
      return error;
    }
  }

  /** How long to wait before the next attempt; null: there is none. */
  #failed(error: unknown): number | null {
    const { clock, random } = this.#timing;
    if (!(error instanceof HubError)) this.#init.bug?.(error);
    const message = error instanceof HubError ? error.message : `Events are not received: ${errorText(error)}`;
    if (hasCode(error, 'camera_wrong_password')) {
      this.#states.endAll();
      this.#tell('refused', message);
      const waitMs = refusedPausesMs[Math.min(this.#refusals++, refusedPausesMs.length - 1)] ?? mostPauseMs;
      return this.#proved ? waitMs : null;
    }
    // What stood before was offered: a fault of that kind is the subscription's, not the camera's.
    if (hasCode(error, 'not_offered') && !this.#stands() && !this.#pullWorked) {
      this.#tell('unsupported', notOffered(this.#init.target).message);
      return unsupportedPauseMs;
    }
    if (this.#standsMs !== null && clock.monoMs() - this.#standsMs >= wellMs) this.#pauseMs = firstPauseMs;
    this.#tell('retrying', message);
    const waitMs = this.#pauseMs * (0.75 + random() / 2);
    this.#pauseMs = Math.min(mostPauseMs, this.#pauseMs * 2);
    return waitMs;
  }

  #watching(via: 'pull' | 'base'): void {
    this.#proved = true;
    this.#refusals = 0;
    this.#standsMs ??= this.#timing.clock.monoMs();
    if (via === 'pull') this.#pullWorked = true;
    this.#tell('watching', null, via);
  }

  #heard(notices: readonly Notice[], offsetMs: number): boolean {
    if (this.#ended()) return false;
    const arrivedMs = this.#timing.clock.nowMs();
    let news = false;
    for (const { topic, items, operation, utcMs } of notices) {
      const signals = signalsOfMessage(topic, items);
      if (signals.length === 0) this.#count(topic);
      const timeMs = timeOf(utcMs, offsetMs, arrivedMs);
      const ageMs = utcMs === null ? 0 : arrivedMs - (utcMs - offsetMs);
      for (const signal of signals) {
        const replay = this.#isReplay(signal, ageMs) || operation === 'initialized';
        const now = operation === 'deleted' ? { ...signal, active: false } : signal;
        news = this.#states.heard(now, replay, timeMs) || news;
      }
    }
    return news;
  }

  /** Some cameras repeat their state as `Changed`: the first word on a thing right after subscribing, or older than that. */
  #isReplay({ signal, key, pulse }: TopicSignal, ageMs: number): boolean {
    const id = `${signal} ${key}`;
    if (this.#seen.has(id) || this.#seen.size >= mostSeen) return false;
    this.#seen.add(id);
    const sinceMs = this.#timing.clock.monoMs() - this.#subscribedMs;
    return (sinceMs < firstWordMs && !pulse) || (sinceMs <= replayMs && ageMs > sinceMs + olderMs);
  }

  #count(topic: string): void {
    const known = this.unknownTopics.get(topic);
    if (known !== undefined || this.unknownTopics.size < mostUnknown) this.unknownTopics.set(topic, (known ?? 0) + 1);
  }

  #tell(state: WatchState, message: string | null, via: 'pull' | 'base' | null = null): void {
    const before = this.#status;
    if (before.state === state && before.via === via && before.message === message) return;
    this.#status = { cameraId: this.#init.cameraId, state, via, message };
    this.#init.status(this.#status);
  }

  #stands(): boolean {
    return this.#standsMs !== null;
  }

  #ended(): boolean {
    return this.#abort.signal.aborted;
  }
}

const hasCode = (error: unknown, code: ErrorCode): boolean => error instanceof HubError && error.code === code;

function notOffered({ cameraName }: OnvifTarget): HubError {
  return new HubError('not_offered', `Camera '${cameraName}' does not report events by itself over ONVIF.`);
}

const withScheme = (url: string): string => (url.includes('://') ? url : `http://${url}`);
