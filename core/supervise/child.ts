/**
 * One supervised child process: forked, watched, restarted with backoff, stopped in order.
 * Invariant: at most one process exists per SupervisedChild, and after stop() none does, whatever state it was in.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Clock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { Heartbeat } from '#core/domain/worker-protocol.ts';
import { Backoff } from './backoff.ts';
import { childEnvironment } from './child-environment.ts';

export type ChildState = 'stopped' | 'starting' | 'up' | 'waiting' | 'missing';

export interface ChildStatus {
  name: string;
  state: ChildState;
  pid: number | null;
  sinceMs: number;
  restarts: number;
  rssBytes: number;
  cpuMs: number;
  /** Why it ended last, for people; null if it never did. */
  lastEnd: string | null;
}

export interface ChildInit {
  /** For logs and health, e.g. `recorder`. */
  name: string;
  /** Path of the entry point. */
  entry: string;
  clock: Clock;
  logger: Logger;
  /** Added to the allowed part of the hub's environment. Never a secret. */
  env?: Record<string, string>;
  execArgv?: string[];
  heartbeatTimeoutMs?: number;
  /** After the stop message: SIGTERM, then SIGKILL. */
  termAfterMs?: number;
  killAfterMs?: number;
  restart?: { firstMs: number; mostMs: number };
}

export class SupervisedChild<In extends { type: string }, Out extends { type: string }> {
  onMessage: (message: Out | Heartbeat) => void = () => undefined;
  /** A process was started: send it what it needs. Messages are queued by the channel. */
  onSpawn: () => void = () => undefined;
  /** It ended; a new one follows unless stop() was called. */
  onEnd: () => void = () => undefined;

  readonly name: string;
  readonly #init: ChildInit;
  readonly #backoff: Backoff;
  #process: ChildProcess | null = null;
  #state: ChildState = 'stopped';
  #sinceMs: number;
  #wanted = false;
  #retired = false;
  #restarts = 0;
  #usage = { rssBytes: 0, cpuMs: 0 };
  #lastEnd: string | null = null;
  #restartTimer: NodeJS.Timeout | null = null;
  #watchTimer: NodeJS.Timeout | null = null;
  #silentMs = 0;
  #lastTickMs = 0;
  #upSinceMs = 0;

  constructor(init: ChildInit) {
    this.name = init.name;
    this.#init = init;
    this.#backoff = new Backoff(init.restart?.firstMs ?? 500, init.restart?.mostMs ?? 30_000);
    this.#sinceMs = init.clock.nowMs();
  }

  status(): ChildStatus {
    return {
      name: this.name,
      state: this.#state,
      pid: this.#process?.pid ?? null,
      sinceMs: this.#sinceMs,
      restarts: this.#restarts,
      ...this.#usage,
      lastEnd: this.#lastEnd,
    };
  }

  /** stop() was called: it is not wanted any more. */
  get retired(): boolean {
    return this.#retired;
  }

  get running(): boolean {
    return this.#process !== null;
  }

  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#retired = false;
    this.#spawn();
  }

  /** Returns false if there is no process to tell. */
  send(message: In): boolean {
    const child = this.#process;
    if (!child?.connected) return false;
    return child.send(message, (error) => {
      // The exit that made the channel fail is reported by its own event.
      if (error) this.#init.logger.debug({ child: this.name, error: errorText(error) }, 'message not delivered');
    });
  }

  /** Ends the process: the stop message, SIGTERM after 5 s, SIGKILL after 8 s. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#retired = true;
    if (this.#restartTimer) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
    const child = this.#process;
    if (!child) {
      this.#become('stopped');
      return;
    }
    const term = setTimeout(() => child.kill('SIGTERM'), this.#init.termAfterMs ?? 5_000);
    const kill = setTimeout(() => child.kill('SIGKILL'), this.#init.killAfterMs ?? 8_000);
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      if (!this.send({ type: 'stop' } as In)) child.kill('SIGTERM');
    });
    clearTimeout(term);
    clearTimeout(kill);
  }

  /** Ends it at once; it is restarted if it is still wanted. */
  kill(reason: string): void {
    if (!this.#process) return;
    this.#init.logger.warn({ child: this.name, reason }, 'killing a child');
    this.#lastEnd = reason;
    this.#process.kill('SIGKILL');
  }

  #become(state: ChildState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#sinceMs = this.#init.clock.nowMs();
  }

  #spawn(): void {
    const { init, logger } = { init: this.#init, logger: this.#init.logger };
    if (!existsSync(init.entry)) {
      this.#become('missing');
      this.#lastEnd = `${init.entry} is not there`;
      return;
    }
    const child = fork(init.entry, [], {
      serialization: 'advanced',
      execArgv: init.execArgv ?? [],
      env: childEnvironment(process.env, init.env ?? {}),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Its own process group: Ctrl-C in a terminal must reach the hub alone, which then stops its children in order.
      detached: process.platform !== 'win32',
    });
    this.#process = child;
    this.#become('starting');
    this.#silentMs = 0;
    this.#lastTickMs = init.clock.monoMs();
    for (const stream of [child.stdout, child.stderr]) if (stream) this.#logLines(stream);
    child.on('message', (message) => {
      if (this.#process !== child) return;
      this.#heard(message as Out | Heartbeat);
    });
    child.on('error', (error) => {
      logger.error({ child: this.name, error: errorText(error) }, 'child process error');
      // fork failed altogether: there will be no exit event.
      if (child.pid === undefined) this.#ended(child, `it could not be started (${errorText(error)})`);
    });
    child.once('exit', (code, signal) => {
      this.#ended(child, signal ? `it was ended by ${signal}` : `it exited with code ${code ?? '?'}`);
    });
    this.#watchTimer = setInterval(() => this.#watch(), 1_000);
    this.#watchTimer.unref();
    logger.info({ child: this.name, pid: child.pid }, 'child started');
    this.onSpawn();
  }

  #heard(message: Out | Heartbeat): void {
    this.#silentMs = 0;
    if (this.#state === 'starting') {
      this.#become('up');
      this.#upSinceMs = this.#init.clock.monoMs();
    }
    if (message.type === 'heartbeat') {
      const { rssBytes, cpuMs } = message as Heartbeat;
      this.#usage = { rssBytes, cpuMs };
    }
    try {
      this.onMessage(message);
    } catch (error) {
      // A handler's failure (the database, say) is the hub's and must not make the child look ill.
      const stack = error instanceof Error ? error.stack : undefined;
      this.#init.logger.error(
        { child: this.name, type: message.type, error: errorText(error), stack },
        'a message could not be handled',
      );
    }
  }

  #watch(): void {
    const nowMs = this.#init.clock.monoMs();
    const passedMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    // The hub itself slept (suspended machine, debugger): that says nothing about the child.
    if (passedMs > 3_000) {
      this.#silentMs = 0;
      return;
    }
    this.#silentMs += passedMs;
    const timeoutMs = this.#init.heartbeatTimeoutMs ?? 10_000;
    if (this.#silentMs > timeoutMs) this.kill(`it was silent for ${Math.round(this.#silentMs / 1_000)} s`);
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#process !== child) return;
    this.#process = null;
    if (this.#watchTimer) clearInterval(this.#watchTimer);
    this.#watchTimer = null;
    this.#usage = { rssBytes: 0, cpuMs: 0 };
    const wellMs = this.#state === 'up' ? this.#init.clock.monoMs() - this.#upSinceMs : 0;
    if (!this.#wanted) {
      this.#become('stopped');
      this.#init.logger.info({ child: this.name }, 'child stopped');
      this.onEnd();
      return;
    }
    if (!(child.killed && this.#lastEnd?.startsWith('it was silent'))) this.#lastEnd = how;
    const waitMs = this.#backoff.next(wellMs);
    this.#restarts++;
    this.#become('waiting');
    this.#init.logger.warn({ child: this.name, how, waitMs }, 'child ended; it is started again');
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = null;
      if (this.#wanted) this.#spawn();
    }, waitMs);
    this.onEnd();
  }

  /** What a child prints, line by line into the log, bounded per process. */
  #logLines(stream: Readable): void {
    let left = 200;
    const lines = createInterface({ input: stream, crlfDelay: Infinity });
    lines.on('line', (line) => {
      if (left-- > 0) this.#init.logger.warn({ child: this.name, line: line.slice(0, 2_000) }, 'child says');
    });
  }
}
