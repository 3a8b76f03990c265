/** A loaded model that answers pictures with boxes. Invariant: only finite numbers and boxes inside the picture come out. */
import { createHash } from 'node:crypto';
import { HubError } from '#core/base/errors.ts';
import type { Detection } from '#core/domain/detection.ts';
import type { ModelInfo } from '#core/domain/worker-protocol.ts';
import { openSession, type Session } from './engine/session.ts';
import type { Family, RgbImage } from './families/family.ts';
import { recogniseFamily, type ModelNotes } from './families/recognise.ts';

const largestSide = 1920;

export class Detector {
  readonly info: ModelInfo;
  readonly engine: 'native' | 'wasm';
  /** Why the slower engine is used, or null. */
  readonly fallbackReason: string | null;
  readonly #session: Session;
  readonly #family: Family;

  private constructor(session: Session, family: Family, info: ModelInfo, fallbackReason: string | null) {
    this.#session = session;
    this.#family = family;
    this.info = info;
    this.engine = session.engine;
    this.fallbackReason = fallbackReason;
  }

  /** Throws `model_invalid` or `unavailable`. */
  static async load(
    model: Uint8Array,
    name: string,
    notes: ModelNotes,
    engine: 'auto' | 'native' | 'wasm',
  ): Promise<Detector> {
    const { session, fallbackReason } = await openSession(model, engine);
    let family: Family;
    try {
      family = recogniseFamily(session, notes);
    } catch (error) {
      await session.release();
      throw error;
    }
    const info: ModelInfo = {
      name,
      family: family.name,
      inputWidth: family.inputWidth,
      inputHeight: family.inputHeight,
      labels: [...family.labels],
      sha256: createHash('sha256').update(model).digest('hex'),
    };
    return new Detector(session, family, info, fallbackReason);
  }

  /** Throws `bad_request` for a picture that is not what it says, `unavailable` if the model fails. */
  async detect(image: RgbImage, minScore: number): Promise<Detection[]> {
    const { data, width, height } = image;
    const whole = Number.isInteger(width) && Number.isInteger(height);
    if (!whole || width < 8 || height < 8 || width > largestSide || height > largestSide)
      throw new HubError('bad_request', `A picture of ${width} x ${height} can't be looked at.`);
    if (data.length !== width * height * 3)
      throw new HubError(
        'bad_request',
        `A picture of ${width} x ${height} has ${width * height * 3} bytes, not ${data.length}.`,
      );
    const prepared = this.#family.prepare(image);
    const outputs = await this.#session.run(prepared.input);
    return this.#family.decode(outputs, prepared, minScore);
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
