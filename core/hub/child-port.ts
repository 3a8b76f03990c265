/** What the hub's services need of a supervised child; core/supervise implements it, tests fake it. */
import type { Heartbeat } from '#core/domain/worker-protocol.ts';

export interface Child<In, Out> {
  onMessage: (message: Out | Heartbeat) => void;
  onSpawn: () => void;
  onEnd: () => void;
  readonly name: string;
  readonly running: boolean;
  start(): void;
  send(message: In): boolean;
  stop(): Promise<void>;
  kill(reason: string): void;
}
