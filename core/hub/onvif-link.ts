/**
 * The hub's end of the ONVIF process: asks cameras, searches for them, hears what they report. The process runs while some
 * camera of the home speaks ONVIF, and otherwise only as long as somebody asks.
 * Invariant: every question is answered once, by the process, by its deadline or by the process' end; one whose asker went
 * away is cancelled at the camera, too.
 */
import { HubError } from '#core/base/errors.ts';
import type { Service } from '#core/base/lifecycle.ts';
import { Signal } from '#core/base/signal.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type {
  CameraReport,
  FoundDevice,
  OnvifOperation,
  OnvifOperations,
  OnvifTarget,
  WatchStatus,
} from '#core/domain/onvif.ts';
import type { HubToOnvif, OnvifCall, OnvifToHub, OnvifWatch } from '#core/domain/onvif-protocol.ts';
import type { Heartbeat } from '#core/domain/worker-protocol.ts';
import type { Child } from './child-port.ts';
import type { Talk } from './talk.ts';

export type OnvifChild = Child<HubToOnvif, OnvifToHub>;

interface Init {
  makeChild: () => OnvifChild;
  /** How long it stays when nobody needs it. */
  idleMs?: number;
}

interface Pending {
  finish: (output: unknown) => void;
  fail: (error: Error) => void;
  found: ((device: FoundDevice) => void) | null;
}

interface TalkPending {
  ended: (error: HubError) => void;
}

interface CallOptions {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

const defaultTimeoutMs = 10_000;
const talkTimeoutMs = 12_000;
/** The process answers by its own deadline; this much later it counts as lost. */
const graceMs = 2_000;
/** A page that asks in a loop must not fill the process. */
const mostPending = 64;
/** A search that answers more than this is no household. */
const mostFound = 1_024;

export class OnvifLink implements Service {
  readonly report = new Signal<CameraReport>();
  readonly watchStatus = new Signal<WatchStatus>();
  /** A camera showed a certificate at an address where none was kept. */
  readonly firstCertificate = new Signal<{ cameraId: CameraId; address: string; fingerprint: string }>();

  readonly #init: Init;
  readonly #pending = new Map<number, Pending>();
  readonly #states = new Map<CameraId, WatchStatus>();
  readonly #talks = new Map<number, TalkPending>();
  #child: OnvifChild | null = null;
  #watched: OnvifWatch[] = [];
  #kept = false;
  #running = false;
  #nextRequest = 1;
  #idle: NodeJS.Timeout | null = null;

  constructor(init: Init) {
    this.#init = init;
  }

  async start(): Promise<void> {
    this.#running = true;
    this.#consider();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#running = false;
    if (this.#idle) clearTimeout(this.#idle);
    await this.#drop();
  }

  /** Rejects with what the camera answered, `camera_silent` at the deadline, or `unavailable`. */
  async call<N extends OnvifOperation>(
    operation: N,
    target: OnvifTarget,
    input: OnvifOperations[N]['input'],
    { timeoutMs = defaultTimeoutMs, signal }: CallOptions = {},
  ): Promise<OnvifOperations[N]['output']> {
    const output = await this.#ask(
      // A union of calls can't be made from a type parameter; the parts fit by the signature above.
      (requestId) => ({ type: 'call', requestId, target, operation, input, timeoutMs }) as OnvifCall,
      timeoutMs,
      signal,
      null,
    );
    return output as OnvifOperations[N]['output'];
  }

  /** Resolves with the search's problems when it is over. Throws `bad_request` (address), `unavailable`. */
  async discover(
    address: string | null,
    timeoutMs: number,
    onFound: (device: FoundDevice) => void,
    signal?: AbortSignal,
  ): Promise<string[]> {
    let left = mostFound;
    const output = await this.#ask(
      (requestId) => ({ type: 'discover', requestId, address, timeoutMs }),
      timeoutMs,
      signal,
      (device) => {
        if (left-- > 0) onFound(device);
      },
    );
    return output as string[];
  }

  /** Opens a camera's loudspeaker. `onEnd`: the camera, or the process, ended it. Throws what the camera answers. */
  async talk(target: OnvifTarget, onEnd: (error: HubError) => void, signal: AbortSignal): Promise<Talk> {
    let id = 0;
    const sampleRate = await this.#ask(
      (requestId) => ({ type: 'talk', requestId: (id = requestId), target }),
      talkTimeoutMs,
      signal,
      null,
    );
    this.#talks.set(id, { ended: onEnd });
    return {
      sampleRate: sampleRate as number,
      send: (pcm) => {
        if (this.#talks.has(id)) this.#child?.send({ type: 'talk-audio', requestId: id, pcm });
      },
      close: () => {
        if (this.#talks.delete(id)) this.#child?.send({ type: 'cancel', requestId: id });
        this.#consider();
      },
    };
  }

  /** The whole wanted state. `keep`: some camera speaks ONVIF, so the process stays even without subscriptions. */
  watch(cameras: readonly OnvifWatch[], keep: boolean): void {
    const before = JSON.stringify(this.#watched);
    this.#watched = [...cameras];
    this.#kept = keep || cameras.length > 0;
    const ids = new Set(cameras.map(({ cameraId }) => cameraId));
    for (const id of this.#states.keys()) if (!ids.has(id)) this.#states.delete(id);
    if (JSON.stringify(this.#watched) !== before) this.#tellWatched();
    this.#consider();
  }

  /** A camera that refused is asked again: a person says so. */
  watchAgain(cameraId: CameraId): void {
    const watched = this.#watched;
    const others = watched.filter((camera) => camera.cameraId !== cameraId);
    if (others.length === watched.length) return;
    this.#child?.send({ type: 'watch', cameras: others });
    this.#tellWatched();
  }

  /** How the subscription to a camera's events does; null when there is none. */
  state(cameraId: CameraId): WatchStatus | null {
    return this.#states.get(cameraId) ?? null;
  }

  get states(): readonly WatchStatus[] {
    return [...this.#states.values()];
  }

  async #ask(
    message: (requestId: number) => HubToOnvif,
    timeoutMs: number,
    signal: AbortSignal | undefined,
    found: Pending['found'],
  ): Promise<unknown> {
    if (signal?.aborted) throw cancelled();
    if (this.#pending.size >= mostPending)
      throw new HubError('too_many', 'Cameras are being asked too much at once. Try again in a moment.');
    const child = this.#need();
    const requestId = this.#nextRequest++;
    const outcome = Promise.withResolvers<unknown>();
    const cancel = (error: HubError): void => {
      child?.send({ type: 'cancel', requestId });
      outcome.reject(error);
    };
    const late = setTimeout(
      () =>
        cancel(new HubError('camera_silent', 'The camera did not answer in time. Is it switched on and connected?')),
      timeoutMs + graceMs,
    );
    const gone = (): void => cancel(cancelled());
    signal?.addEventListener('abort', gone, { once: true });
    this.#pending.set(requestId, { finish: outcome.resolve, fail: outcome.reject, found });
    if (!child?.send(message(requestId))) outcome.reject(absent());
    try {
      return await outcome.promise;
    } finally {
      clearTimeout(late);
      signal?.removeEventListener('abort', gone);
      this.#pending.delete(requestId);
      this.#consider();
    }
  }

  /** The process, started if it is not there; null when it can't be. */
  #need(): OnvifChild | null {
    if (!this.#running) return null;
    if (this.#child) return this.#child;
    const child = this.#init.makeChild();
    this.#child = child;
    child.onMessage = (message) => this.#heard(message);
    child.onSpawn = () => this.#tellWatched();
    child.onEnd = () => this.#ended(child);
    child.start();
    return child;
  }

  /** Starts it, keeps it or lets it go after a while, as it is needed. */
  #consider(): void {
    if (!this.#running) return;
    if (this.#kept || this.#pending.size > 0 || this.#talks.size > 0) {
      if (this.#idle) clearTimeout(this.#idle);
      this.#idle = null;
      if (this.#kept) this.#need();
      return;
    }
    if (!this.#child || this.#idle) return;
    this.#idle = setTimeout(() => {
      this.#idle = null;
      if (!this.#kept && this.#pending.size === 0 && this.#talks.size === 0) void this.#drop();
    }, this.#init.idleMs ?? 120_000);
    this.#idle.unref();
  }

  #tellWatched(): void {
    this.#child?.send({ type: 'watch', cameras: this.#watched });
  }

  #heard(message: OnvifToHub | Heartbeat): void {
    switch (message.type) {
      case 'heartbeat':
      case 'ready':
        return;
      case 'found':
        this.#pending.get(message.requestId)?.found?.(message.device);
        return;
      case 'discovered':
        this.#pending.get(message.requestId)?.finish(message.problems);
        return;
      case 'answer':
        this.#pending.get(message.requestId)?.finish(message.output);
        return;
      case 'failed':
        this.#pending.get(message.requestId)?.fail(new HubError(message.code, message.message));
        return;
      case 'talk-ready':
        this.#pending.get(message.requestId)?.finish(message.sampleRate);
        return;
      case 'talk-ended': {
        const talk = this.#talks.get(message.requestId);
        this.#talks.delete(message.requestId);
        talk?.ended(new HubError(message.code, message.message));
        this.#consider();
        return;
      }
      case 'certificate':
        this.firstCertificate.emit(message);
        return;
      case 'report':
        this.report.emit(message.report);
        return;
      case 'watch-status':
        // What was said before the process heard that the camera is not watched any more.
        if (!this.#watched.some(({ cameraId }) => cameraId === message.status.cameraId)) return;
        this.#states.set(message.status.cameraId, message.status);
        this.watchStatus.emit(message.status);
        return;
    }
  }

  #ended(child: OnvifChild): void {
    if (this.#child !== child) return;
    for (const pending of [...this.#pending.values()])
      pending.fail(
        new HubError(
          'unavailable',
          'The part that speaks with ONVIF cameras ended and is started again. Try once more.',
        ),
      );
    const talks = [...this.#talks.values()];
    this.#talks.clear();
    for (const talk of talks) talk.ended(new HubError('unavailable', 'The conversation broke off. Try again.'));
    const interrupted = [...this.#states.values()];
    this.#states.clear();
    for (const { cameraId } of interrupted)
      this.watchStatus.emit({ cameraId, state: 'connecting', via: null, message: null });
  }

  async #drop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    for (const pending of [...this.#pending.values()]) pending.fail(absent());
    this.#states.clear();
    await child?.stop();
  }
}

function absent(): HubError {
  return new HubError('unavailable', 'Cameras can not be asked over ONVIF at present. Try again in a moment.');
}

/** Nobody reads it: the asker went away. */
function cancelled(): HubError {
  return new HubError('unavailable', 'It was cancelled.');
}
