/**
 * `WS /api/live-events`: what changes, as it changes. Writes each message into the query cache and reconnects with backoff;
 * after a reconnect everything is asked again, because messages were missed. Other parts may listen with `onLiveEvent`.
 */
import { liveEvent, type LiveEvent } from '#core/api/schemas.ts';
import type { QueryClient } from '@tanstack/react-query';
import { api, type ApiError } from './api.ts';
import { applyLiveEvent } from './cache.ts';

export type LinkState = 'connecting' | 'open' | 'lost';

const listeners = new Set<(message: LiveEvent) => void>();
/** Hear every message after the cache has it. Returns the function that ends the subscription. */
export function onLiveEvent(listener: (message: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const firstDelayMs = 500;
const longestDelayMs = 10_000;

/** Starts the socket; returns the function that stops it. `onState` is told of each change. */
export function followLiveEvents(queryClient: QueryClient, onState: (state: LinkState) => void): () => void {
  let socket: WebSocket | null = null;
  let timer: number | undefined;
  let stopped = false;
  let delayMs = firstDelayMs;
  let opened = false;

  const connect = (): void => {
    onState(opened ? 'lost' : 'connecting');
    const url = new URL(api.urlOf('liveEvents', {}), window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    socket = new WebSocket(url);
    socket.addEventListener('open', () => {
      delayMs = firstDelayMs;
      if (opened) void queryClient.invalidateQueries();
      opened = true;
      onState('open');
    });
    socket.addEventListener('message', (message: MessageEvent<unknown>) => {
      if (typeof message.data !== 'string') return;
      const parsed = liveEvent.safeParse(JSON.parse(message.data));
      // A hub that is newer may say things this interface does not know: leave them.
      if (!parsed.success) return;
      applyLiveEvent(queryClient, parsed.data);
      for (const listener of listeners) listener(parsed.data);
    });
    socket.addEventListener('close', () => {
      if (stopped) return;
      onState('lost');
      // Tells at once whether the hub is gone or only our session is: a 401 leads to the sign-in page.
      api
        .call('health', {})
        .catch((error: unknown) => onState((error as ApiError).status === 401 ? 'connecting' : 'lost'));
      timer = window.setTimeout(connect, delayMs * (0.75 + Math.random() / 2));
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    });
  };
  connect();
  return () => {
    stopped = true;
    window.clearTimeout(timer);
    socket?.close();
  };
}
