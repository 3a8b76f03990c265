/**
 * Something that goes on only while it is held: sent at once, again and again, and stopped when the last hand lets go. Whoever
 * receives it stops by itself when nothing more comes (dead man), so a lost "stop" costs one repetition and no more.
 */
export interface HeldOptions<T> {
  /** What several hands (two arrow keys) mean together; null: nothing. */
  combine: (values: T[]) => T | null;
  send: (value: T) => Promise<unknown>;
  stop: () => Promise<unknown>;
  /** Told once per hold; the hold has ended then. */
  onProblem: (error: Error) => void;
  repeatMs: number;
}

/** A slow hub must not be buried under repetitions. */
const mostInFlight = 2;

export class Held<T> {
  readonly #options: HeldOptions<T>;
  readonly #hands = new Map<string, T>();
  #sent: string | null = null;
  #timer: number | undefined;
  #inFlight = 0;
  /** A move that was on its way when we stopped may arrive after the stop: stop once more then. */
  #stopAgain = false;

  constructor(options: HeldOptions<T>) {
    this.#options = options;
  }

  press(hand: string, value: T): void {
    this.#hands.set(hand, value);
    this.#follow();
  }

  release(hand: string): void {
    if (this.#hands.delete(hand)) this.#follow();
  }

  releaseAll(): void {
    this.#hands.clear();
    this.#follow();
  }

  #follow(): void {
    const value = this.#hands.size === 0 ? null : this.#options.combine([...this.#hands.values()]);
    const text = value === null ? null : JSON.stringify(value);
    if (text === this.#sent) return;
    this.#sent = text;
    window.clearInterval(this.#timer);
    if (value === null) {
      this.#stopAgain = this.#inFlight > 0;
      this.#stop();
      return;
    }
    this.#send(value);
    this.#timer = window.setInterval(() => {
      if (this.#inFlight < mostInFlight) this.#send(value);
    }, this.#options.repeatMs);
  }

  #send(value: T): void {
    this.#inFlight += 1;
    this.#options
      .send(value)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#inFlight -= 1;
        if (this.#inFlight > 0 || !this.#stopAgain || this.#sent !== null) return;
        this.#stopAgain = false;
        this.#stop();
      });
  }

  #stop(): void {
    this.#options.stop().catch((error: unknown) => this.#options.onProblem(asError(error)));
  }

  /** Ends the hold without a word more to the camera that just refused; its own dead man ends the move. */
  #fail(error: unknown): void {
    const told = this.#sent === null;
    window.clearInterval(this.#timer);
    this.#hands.clear();
    this.#sent = null;
    this.#stopAgain = false;
    if (!told) this.#options.onProblem(asError(error));
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
