/**
 * Keeps one odd camera coming: pull, report the end, wait, pull again. After a refused password it waits for new settings.
 * Invariant: one pull and one bus connection at a time; `stop()` resolves when neither is left.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '#core/base/clock.ts';
import { connectBus } from '#core/base/local-bus.ts';
import { errorText } from '#core/base/errors.ts';
import type { StreamError } from '#core/domain/media.ts';
import type { BusReply, BusRequest, CompatStream } from '#core/domain/worker-protocol.ts';
import { BusSink } from './bus-sink.ts';
import { CompatPull } from './compat-pull.ts';

const firstWaitMs = 1_000;
const mostWaitMs = 30_000;
/** A pull that lasted this long was a good one: the next wait is short again. */
const goodMs = 60_000;

export interface CompatStreamInit {
  stream: CompatStream;
  busPath: string;
  busToken: string;
  clock: Clock;
  onStuck: () => void;
}

export class CompatStreamRunner {
  readonly #init: CompatStreamInit;
  readonly #end = new AbortController();
  #pull: CompatPull | null = null;
  #running: Promise<void> | null = null;

  constructor(init: CompatStreamInit) {
    this.#init = init;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    this.#pull?.stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    let waitMs = firstWaitMs;
    while (!this.#end.signal.aborted) {
      const startMs = this.#init.clock.monoMs();
      const end = await this.#once();
      // Asking again with a wrong password would lock the account at the camera.
      if (end?.code === 'camera_wrong_password' || end?.code === 'unsupported_source') return;
      if (this.#init.clock.monoMs() - startMs > goodMs) waitMs = firstWaitMs;
      await this.#pause(waitMs);
      waitMs = Math.min(mostWaitMs, waitMs * 2);
    }
  }

  /** One pull from connection to end. Null if the recorder could not be reached. */
  async #once(): Promise<StreamError | null> {
    const { stream, busPath, busToken, clock, onStuck } = this.#init;
    let bus;
    try {
      bus = await connectBus<BusReply, BusRequest>(busPath, busToken, 'compat');
    } catch (error) {
      // The recorder restarts; the hub sends its new address when it is up.
      process.stderr.write(`compat: ${errorText(error)}\n`);
      return null;
    }
    const sink = new BusSink(bus, stream.cameraId, stream.stream);
    let end: StreamError | null = null;
    const { url, username, password, cameraId, cameraName } = stream;
    const pull = new CompatPull({
      target: { cameraId, cameraName, url, username, password, audio: true },
      sink: {
        onConfig: (config) => sink.onConfig(config),
        onUnit: (unit) => sink.onUnit(unit),
        onEnd: (error) => {
          end = error;
          sink.onEnd(error);
        },
      },
      clock,
      onStuck,
    });
    this.#pull = pull;
    bus.onClose = () => pull.stop();
    await pull.run();
    this.#pull = null;
    await flushed(bus);
    bus.close();
    return end;
  }

  async #pause(ms: number): Promise<void> {
    try {
      await wait(ms, undefined, { signal: this.#end.signal });
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }
}

/** Waits until the peer has taken what was sent, half a second at most. */
async function flushed(bus: { queuedBytes: number; closed: boolean }): Promise<void> {
  for (let i = 0; i < 50 && bus.queuedBytes > 0 && !bus.closed; i++) await wait(10);
}
