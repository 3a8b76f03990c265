/**
 * Takes the hub's questions to cameras and answers each exactly once: in time, in order, over a kept connection.
 * Invariants: a password that a camera refused is not sent to it again for 30 s, however often a page asks (F15); a move
 * never reaches a camera after the stop that was asked later; nothing thrown escapes.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#core/base/clock.ts';
import { HubError, type ErrorCode } from '#core/base/errors.ts';
import type { OnvifOperation, OnvifOperations, OnvifTarget, PtzCommand } from '#core/domain/onvif.ts';
import type { OnvifCall } from '#core/domain/onvif-protocol.ts';
import type { OnvifSession } from './connection.ts';
import { Lanes, type LaneLimits } from './lanes.ts';
import type { OnvifConnection } from './soap-port.ts';

export type OperationTable<Context> = {
  [N in OnvifOperation]: (
    connection: OnvifConnection,
    input: OnvifOperations[N]['input'],
    context: Context,
  ) => Promise<OnvifOperations[N]['output']>;
};

export interface CallContext {
  target: OnvifTarget;
  /** Host and port: the same camera under the same name. */
  camera: string;
  /** Ends with the call: nothing may be begun after it. */
  signal: AbortSignal;
  /** When the hub stops waiting for the answer, on the monotonic clock of the process. */
  endMs?: number;
  /** The connection without the call's end: for what must happen after it, such as stopping what was set moving. */
  lasting: OnvifSession;
}

export interface DeskAnswer {
  answer: (requestId: number, output: OnvifOperations[OnvifOperation]['output']) => void;
  failed: (requestId: number, code: ErrorCode, message: string) => void;
  /** A bug of ours: for the log. */
  bug: (operation: OnvifOperation, error: unknown) => void;
}

export interface DeskInit {
  clock: Clock;
  connect: (target: OnvifTarget, signal: AbortSignal) => Promise<OnvifSession>;
  operations: OperationTable<CallContext>;
  to: DeskAnswer;
  limits?: Partial<LaneLimits>;
}

interface Kept {
  connection: OnvifSession;
  usedMs: number;
}

interface Open {
  call: OnvifCall;
  camera: string;
  /** Who asks: a refusal and a proof are of the password, whatever certificate is shown. */
  key: string;
  abort: AbortController;
  timer: NodeJS.Timeout;
  endMs: number;
  leave: () => void;
  started: boolean;
}

const idleMs = 60_000;
const refusedForMs = 30_000;
const mostKept = 64;
const mostRefusals = 256;
/** Longest that any question may take, whatever the hub asks for. */
const mostTimeoutMs = 120_000;
const movements = new Set<PtzCommand['action']>(['move', 'relative', 'absolute', 'centre', 'home', 'goto_preset']);
/** After these the camera's addresses, clock or state may be others: it is asked anew. */
const staleAfter = new Set<OnvifOperation>(['set_clock', 'reboot']);
const staleCodes = new Set<ErrorCode>([
  'camera_wrong_password',
  'camera_clock',
  'camera_silent',
  'camera_refused_connection',
  'camera_closed',
  'camera_not_onvif',
  'camera_path_not_found',
  'camera_certificate',
]);

export class CallDesk {
  readonly #init: DeskInit;
  readonly #lanes: Lanes;
  readonly #open = new Map<number, Open>();
  readonly #kept = new Map<string, Kept>();
  readonly #refused = new Map<string, { atMs: number; message: string }>();
  readonly #proved = new Set<string>();
  readonly #sweep: NodeJS.Timeout;

  constructor(init: DeskInit) {
    this.#init = init;
    this.#lanes = new Lanes((key) => this.#proved.has(key), init.limits);
    this.#sweep = setInterval(() => this.#forget(), 10_000);
    this.#sweep.unref();
  }

  take(call: OnvifCall): void {
    const { requestId, target } = call;
    if (this.#open.has(requestId)) return;
    const timeoutMs = Math.min(Math.max(call.timeoutMs, 1), mostTimeoutMs);
    const timer = setTimeout(() => this.#fail(requestId, silent(target, timeoutMs)), timeoutMs);
    const [camera, key] = [cameraOf(target), keyOf(target)];
    const open: Open = {
      call,
      camera,
      key,
      abort: new AbortController(),
      timer,
      endMs: performance.now() + timeoutMs,
      leave: () => undefined,
      started: false,
    };
    this.#open.set(requestId, open);
    this.#overtake(open);
    const lane = { camera, key, order: call.operation === 'ptz' ? 'ptz' : null, urgent: actionOf(call) === 'stop' };
    try {
      this.#refuseAgain(key);
      open.leave = this.#lanes.add(lane, () => this.#run(open));
    } catch (error) {
      this.#fail(requestId, error);
    }
  }

  cancel(requestId: number): void {
    this.#fail(requestId, new HubError('unavailable', 'The question to the camera was called off.'));
  }

  /** Somebody else in this process was refused with this password: it is not tried here either. */
  noteRefusal(target: OnvifTarget, message: string): void {
    this.#refuse(keyOf(target), message);
  }

  /** Throws `camera_wrong_password` where the camera said so not long ago. */
  checkRefusal(target: OnvifTarget): void {
    this.#refuseAgain(keyOf(target));
  }

  /** Calls everything off; the answers say so. */
  stop(): void {
    clearInterval(this.#sweep);
    for (const requestId of [...this.#open.keys()])
      this.#fail(requestId, new HubError('unavailable', 'The process that speaks with cameras is ending.'));
  }

  async #run(open: Open): Promise<void> {
    const { call, key, abort } = open;
    open.started = true;
    try {
      // A timed-out call must free its place even when what it waits for never ends.
      const output = await orAborted(this.#perform(open), abort.signal);
      if (call.operation !== 'clock') this.#proved.add(key);
      if (staleAfter.has(call.operation)) this.#kept.delete(key);
      this.#close(call.requestId);
      this.#init.to.answer(call.requestId, output);
    } catch (error) {
      if (abort.signal.aborted) return;
      if (error instanceof HubError && staleCodes.has(error.code)) this.#kept.delete(key);
      if (error instanceof HubError && error.code === 'camera_wrong_password' && !this.#refused.has(key))
        this.#refuse(key, error.message);
      this.#fail(call.requestId, error);
    }
  }

  async #perform({ call, camera, key, abort, endMs }: Open): Promise<OnvifOperations[OnvifOperation]['output']> {
    const { signal } = abort;
    this.#refuseAgain(key);
    const lasting = await this.#connection(call.target, key, signal);
    const context: CallContext = { target: call.target, camera, signal, endMs, lasting };
    // The table maps each operation to its own input; TypeScript can't follow that through a union.
    const operation = this.#init.operations[call.operation] as (
      connection: OnvifConnection,
      input: OnvifCall['input'],
      context: CallContext,
    ) => Promise<OnvifOperations[OnvifOperation]['output']>;
    return await operation(withSignal(lasting, signal), call.input, context);
  }

  async #connection(target: OnvifTarget, key: string, signal: AbortSignal): Promise<OnvifSession> {
    const usedMs = this.#init.clock.monoMs();
    const kept = this.#kept.get(key);
    // One that was made, or has learnt, under other certificates than those of now is not used.
    if (kept && isDeepStrictEqual(kept.connection.pins, target.pins)) {
      kept.usedMs = usedMs;
      return kept.connection;
    }
    const connection = await this.#init.connect(target, signal);
    this.#kept.set(key, { connection, usedMs });
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return connection;
  }

  #refuse(key: string, message: string): void {
    this.#proved.delete(key);
    this.#kept.delete(key);
    this.#refused.set(key, { atMs: this.#init.clock.monoMs(), message });
  }

  /** Throws what the camera said when it refused this password not long ago. */
  #refuseAgain(key: string): void {
    const refused = this.#refused.get(key);
    if (!refused) return;
    if (this.#init.clock.monoMs() - refused.atMs < refusedForMs)
      throw new HubError('camera_wrong_password', refused.message);
    this.#refused.delete(key);
  }

  /** A stop drops all movements of the camera that still wait, a move the moves: a stale one must never follow. */
  #overtake(newest: Open): void {
    const action = actionOf(newest.call);
    if (action !== 'stop' && action !== 'move') return;
    for (const other of [...this.#open.values()]) {
      if (other === newest || other.started || other.camera !== newest.camera) continue;
      const overtaken = actionOf(other.call);
      if (!sameHead(newest.call, other.call)) continue;
      if (overtaken === null || !(overtaken === 'move' || (action === 'stop' && movements.has(overtaken)))) continue;
      other.leave();
      this.#close(other.call.requestId);
      this.#init.to.answer(other.call.requestId, {});
    }
  }

  #fail(requestId: number, error: unknown): void {
    const open = this.#close(requestId);
    if (!open) return;
    open.leave();
    open.abort.abort(error);
    if (error instanceof HubError) {
      this.#init.to.failed(requestId, error.code, error.message);
      return;
    }
    this.#init.to.bug(open.call.operation, error);
    const what = `Porchlight made a mistake while it spoke with camera '${open.call.target.cameraName}'.`;
    this.#init.to.failed(requestId, 'internal', `${what} The log has the details.`);
  }

  #close(requestId: number): Open | null {
    const open = this.#open.get(requestId);
    if (!open) return null;
    this.#open.delete(requestId);
    clearTimeout(open.timer);
    return open;
  }

  #forget(): void {
    const nowMs = this.#init.clock.monoMs();
    for (const [key, { usedMs }] of this.#kept) if (nowMs - usedMs > idleMs) this.#kept.delete(key);
    for (const [key, { atMs }] of this.#refused)
      if (nowMs - atMs > refusedForMs || this.#refused.size > mostRefusals) this.#refused.delete(key);
    if (this.#proved.size > mostRefusals) this.#proved.clear();
  }
}

const actionOf = (call: OnvifCall): PtzCommand['action'] | null =>
  call.operation === 'ptz' ? call.input.command.action : null;

/** One address may have several heads, by profile; a command without one means whichever there is. */
function sameHead(a: OnvifCall, b: OnvifCall): boolean {
  if (a.operation !== 'ptz' || b.operation !== 'ptz') return false;
  return a.input.profile === null || b.input.profile === null || a.input.profile === b.input.profile;
}

function cameraOf({ url }: OnvifTarget): string {
  const parsed = URL.parse(url.includes('://') ? url : `http://${url}`);
  return (parsed?.host ?? url).toLowerCase();
}

/** Which address with which user and password, without holding the password. */
function keyOf({ url, username, password }: OnvifTarget): string {
  return createHash('sha256')
    .update(JSON.stringify([url, username, password]))
    .digest('base64');
}

function silent({ cameraName }: OnvifTarget, timeoutMs: number): HubError {
  const seconds = (timeoutMs / 1_000).toFixed(timeoutMs < 10_000 ? 1 : 0);
  const message = `Camera '${cameraName}' did not answer within ${seconds} s. Check that it is on and reachable.`;
  return new HubError('camera_silent', message);
}

/** The same connection, whose calls end with `signal`. */
function withSignal(connection: OnvifConnection, signal: AbortSignal): OnvifConnection {
  return {
    call: (request) =>
      connection.call({ ...request, signal: request.signal ? AbortSignal.any([request.signal, signal]) : signal }),
    has: (service) => connection.has(service),
    capabilities: (service) => connection.capabilities(service),
    allowed: (address, kind) => connection.allowed(address, kind),
    get clockOffsetMs() {
      return connection.clockOffsetMs;
    },
  };
}

/** Rejects with the signal's reason once it is aborted, whatever `work` does. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
