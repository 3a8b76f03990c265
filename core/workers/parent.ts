/**
 * A child process' line to the one that forked it: messages in, messages and heartbeats out.
 * Invariant: without a parent the process ends; a message that can't be handled ends it too, so that it is started afresh
 * in a known state.
 */
import type { Heartbeat } from '#core/domain/worker-protocol.ts';

/** A fifth of the silence after which the shortest patience ends. Each beat wakes two processes. */
const heartbeatEveryMs = 2_000;

/** Sends to the parent; nothing happens where there is none any more. */
export function sendToParent(message: { type: string }): void {
  // With a listener of its own a pipe that broke this moment is no error: `disconnect` follows and ends the process.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Resolves when the message is with the parent, or there is none any more. */
export async function deliverToParent(message: { type: string }): Promise<void> {
  await new Promise<void>((resolve) => {
    if (!process.send || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

/** `handle` names the messages it takes; the parent sends no others. `stop` must release everything; the process exits with 0 after it. */
export function listenToParent(
  handle: (message: never) => void | Promise<void>,
  stop: () => void | Promise<void>,
): void {
  let stopping = false;
  const end = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    // Native code that hangs in its clean-up must not keep the process.
    setTimeout(() => process.exit(0), 4_000).unref();
    await stop();
    process.exit(0);
  };
  process.on('message', (message: { type: string }) => {
    if (message.type === 'stop') void end();
    else void handle(message as never);
  });
  process.once('disconnect', () => void end());
  process.once('SIGTERM', () => void end());
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    const heartbeat: Heartbeat = {
      type: 'heartbeat',
      rssBytes: process.memoryUsage.rss(),
      cpuMs: Math.round((user + system) / 1000),
    };
    sendToParent(heartbeat);
  }, heartbeatEveryMs).unref();
}
