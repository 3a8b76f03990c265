/**
 * The two WebSockets of the contract. Live view: init as a text frame, media as binary frames; a viewer who does not keep up
 * is moved to the next keyframe instead of being buffered. Live events: what changes, to every page that listens.
 */
import type { WebSocket } from 'ws';
import type { LiveControl, LiveEvent } from '#core/api/schemas.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { LiveBus } from './live-bus.ts';

/** Unsent bytes at which a viewer has fallen behind. */
const behindBytes = 2_000_000;
/** A page that does not read its events at all. */
const deafBytes = 8_000_000;

/** Joins one viewer to a camera. `describe` says in words why there is no picture. */
export function serveLive(
  socket: WebSocket,
  bus: LiveBus,
  camera: CameraRecord,
  stream: StreamName,
  describe: () => { state: string; message: string | null },
): void {
  let waitsForKey = false;
  const control = (message: LiveControl): void => socket.send(JSON.stringify(message));
  const end = bus.subscribe(camera.id, stream, {
    onInit(init, section) {
      waitsForKey = false;
      control({ type: 'init', mime: init.mime, width: init.width, height: init.height, epochMs: init.epochMs, stream });
      socket.send(section, { binary: true });
    },
    onFragment(key, media) {
      if (socket.bufferedAmount > behindBytes) waitsForKey = true;
      else if (key) waitsForKey = false;
      if (!waitsForKey) socket.send(media, { binary: true });
    },
    onGone() {
      control({ type: 'state', ...describe() });
    },
  });
  socket.on('close', end);
  // Viewers have nothing to say; what they send is not read.
}

/** The pages that listen for changes. */
export class EventSockets {
  readonly #sockets = new Set<WebSocket>();

  add(socket: WebSocket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  send(event: LiveEvent): void {
    if (this.#sockets.size === 0) return;
    const text = JSON.stringify(event);
    for (const socket of this.#sockets) {
      // It reads its state anew when it connects again.
      if (socket.bufferedAmount > deafBytes) socket.terminate();
      else socket.send(text);
    }
  }
}
