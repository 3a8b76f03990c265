/**
 * The hub's end of the detector: which model runs, how it does, and models that people bring. Invariant: whatever is wrong
 * with it, the answer is a state and a sentence; motion events go on without it.
 */
import type { z } from 'zod';
import type { detectorStatus, selfTest } from '#core/api/schemas.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Service } from '#core/base/lifecycle.ts';
import type { Logger } from '#core/base/logger.ts';
import { Signal } from '#core/base/signal.ts';
import type { MetaStore } from '#core/domain/records.ts';
import type { DetectorToHub, Heartbeat, HubToDetector } from '#core/domain/worker-protocol.ts';
import type { Child } from './child-port.ts';

/** Models on disk and trying them out; core/detect implements it. */
export interface ModelPort {
  /** Path of the built-in model, made at first use. */
  builtIn(): Promise<string>;
  list(): Promise<{ name: string; bytes: number; builtIn: boolean }[]>;
  /** Path of a model by its name. Throws `model_invalid`. */
  path(name: string): Promise<string>;
  selfTest(name: string): Promise<z.input<typeof selfTest>>;
}

interface Init {
  child: Child<HubToDetector, DetectorToHub>;
  models: ModelPort;
  meta: MetaStore;
  logger: Logger;
}

const builtInName = 'built-in';
const metaKey = 'detector_model';
/** Above this a picture waits longer than the time between two of one camera. */
const slowMs = 200;

export class DetectorLink implements Service {
  /** Where analysers reach it, or null while there is none. */
  readonly changed = new Signal<{ path: string; token: string } | null>();

  readonly #init: Init;
  #state: 'starting' | 'ok' | 'absent' | 'off' = 'off';
  #message: string | null = null;
  #ready: Extract<DetectorToHub, { type: 'ready' }> | null = null;
  #figures: Extract<DetectorToHub, { type: 'figures' }> | null = null;
  #stopped = false;
  /** Models that passed their test since the hub started. */
  readonly #passed = new Set<string>([builtInName]);

  constructor(init: Init) {
    this.#init = init;
    init.child.onMessage = (message) => this.#heard(message);
    init.child.onSpawn = () => {
      // A restart must load the model again, too.
      void this.#configure();
    };
    init.child.onEnd = () => this.#ended();
  }

  async start(): Promise<void> {
    this.#state = 'starting';
    this.#init.child.start();
    if (!this.#init.child.running) this.#absent('The detector is not part of this installation.');
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#init.child.stop();
  }

  get modelName(): string {
    return this.#init.meta.get(metaKey) ?? builtInName;
  }

  get summary(): { state: 'starting' | 'ok' | 'slow' | 'absent' | 'off'; message: string | null } {
    const slow = this.#state === 'ok' && (this.#figures?.meanMs ?? 0) > slowMs;
    return {
      state: slow ? 'slow' : this.#state,
      message: slow
        ? `The detector needs ${Math.round(this.#figures?.meanMs ?? 0)} ms per picture on this machine. Choose a smaller model, or watch fewer cameras.`
        : this.#message,
    };
  }

  get figures(): Extract<DetectorToHub, { type: 'figures' }> | null {
    return this.#figures;
  }

  async status(): Promise<z.input<typeof detectorStatus>> {
    const active = this.#ready?.model.name ?? this.modelName;
    const models = await this.#init.models.list();
    return {
      ...this.summary,
      engine: this.#ready?.engine ?? null,
      model: this.#ready ? this.#ready.model.name : null,
      meanMs: this.#figures && this.#figures.runs > 0 ? this.#figures.meanMs : null,
      models: models.map((model) => ({ ...model, active: model.name === active })),
    };
  }

  async selfTest(name: string): Promise<z.input<typeof selfTest>> {
    const result = await this.#init.models.selfTest(name);
    if (result.passed) this.#passed.add(name);
    else this.#passed.delete(name);
    return result;
  }

  /** Throws `conflict` unless the model's self-test passed, `model_invalid` if it is not there. */
  async use(name: string): Promise<z.input<typeof detectorStatus>> {
    await this.#init.models.path(name);
    if (!this.#passed.has(name))
      throw new HubError('conflict', `Run the self-test of "${name}" first: a model is used only after it passed.`);
    this.#init.meta.set(metaKey, name);
    this.#ready = null;
    this.#figures = null;
    this.#state = 'starting';
    this.#message = null;
    this.changed.emit(null);
    await this.#configure();
    return await this.status();
  }

  async #configure(): Promise<void> {
    const modelName = this.modelName;
    try {
      const modelPath = await this.#modelPath(modelName);
      this.#init.child.send({ type: 'configure', modelPath, modelName, engine: 'auto' });
    } catch (error) {
      this.#init.logger.error({ error: errorText(error), modelName }, 'the detection model is not available');
      this.#absent(
        error instanceof HubError ? error.message : 'The detection model could not be prepared. The log says why.',
      );
    }
  }

  async #modelPath(name: string): Promise<string> {
    if (name === builtInName) return await this.#init.models.builtIn();
    try {
      return await this.#init.models.path(name);
    } catch (error) {
      this.#init.logger.warn({ error: errorText(error), name }, 'the chosen model is gone; the built-in one is used');
      return await this.#init.models.builtIn();
    }
  }

  #heard(message: DetectorToHub | Heartbeat): void {
    switch (message.type) {
      case 'heartbeat':
        return;
      case 'ready':
        this.#ready = message;
        this.#state = 'ok';
        this.#message = null;
        this.changed.emit({ path: message.path, token: message.token });
        return;
      case 'failed':
        this.#absent(message.message);
        return;
      case 'figures':
        this.#figures = message;
        return;
    }
  }

  #absent(message: string): void {
    this.#state = 'absent';
    this.#message = message;
    this.#ready = null;
    this.changed.emit(null);
  }

  #ended(): void {
    this.#ready = null;
    if (this.#stopped) this.#state = 'off';
    else this.#absent('The detector ended and is started again. Until then there are motion events only.');
    this.changed.emit(null);
  }
}
