/** Things that run. `start` resolves when the thing is usable; `stop` when it holds nothing any more, and may be called twice. */
export interface Service {
  start(): Promise<void>;
  stop(): Promise<void>;
}
