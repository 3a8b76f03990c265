/** The ONVIF process, forked for real, with its answers by question. */
import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { OnvifOperation, OnvifOperations, OnvifTarget } from '#core/domain/onvif.ts';
import type { HubToOnvif, OnvifCall, OnvifToHub } from '#core/domain/onvif-protocol.ts';

const entry = join(import.meta.dirname, '../../core/workers/onvif.ts');

export type Outcome = { ok: true; output: unknown } | { ok: false; code: string; message: string };

export class OnvifProcess {
  readonly heard: OnvifToHub[] = [];
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  #next = 1;
  readonly #waiting = new Map<number, (outcome: Outcome) => void>();

  constructor() {
    this.child = fork(entry, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.on('message', (message: OnvifToHub) => {
      this.heard.push(message);
      if (message.type === 'answer') this.#waiting.get(message.requestId)?.({ ok: true, output: message.output });
      if (message.type === 'discovered') this.#waiting.get(message.requestId)?.({ ok: true, output: message.problems });
      if (message.type === 'failed')
        this.#waiting.get(message.requestId)?.({ ok: false, code: message.code, message: message.message });
    });
  }

  send(message: HubToOnvif): void {
    this.child.send(message);
  }

  ask<N extends OnvifOperation>(
    target: OnvifTarget,
    operation: N,
    input: OnvifOperations[N]['input'],
    timeoutMs = 5_000,
  ): { requestId: number; outcome: Promise<Outcome> } {
    const requestId = this.#next++;
    const outcome = new Promise<Outcome>((resolve) => this.#waiting.set(requestId, resolve));
    this.send({ type: 'call', requestId, target, operation, input, timeoutMs } as OnvifCall);
    return { requestId, outcome };
  }

  discover(address: string | null, timeoutMs: number): { requestId: number; outcome: Promise<Outcome> } {
    const requestId = this.#next++;
    const outcome = new Promise<Outcome>((resolve) => this.#waiting.set(requestId, resolve));
    this.send({ type: 'discover', requestId, address, timeoutMs });
    return { requestId, outcome };
  }

  answersTo(requestId: number): number {
    return this.heard.filter((message) => 'requestId' in message && message.requestId === requestId).length;
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.connected) this.send({ type: 'stop' });
    await this.exited;
  }
}
