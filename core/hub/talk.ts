/**
 * Speaking through a camera, the hub's half: a page's WebSocket on one side, the process that reaches the camera on the
 * other. Invariants: one speaker per camera; both sides end together; what a page sends is bounded, and whole samples only.
 */
import type { WebSocket } from 'ws';
import type { z } from 'zod';
import type { talkControl } from '#core/api/onvif-schemas.ts';
import { HubError } from '#core/base/errors.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { OnvifTarget } from '#core/domain/onvif.ts';
import type { CameraRecord } from '#core/domain/records.ts';

/** An open conversation. */
export interface Talk {
  sampleRate: number;
  send(pcm: Uint8Array): void;
  close(): void;
}

interface Init {
  /** Throws what the camera answers; `onEnd` when it ends later. */
  open: (target: OnvifTarget, onEnd: (error: HubError) => void, signal: AbortSignal) => Promise<Talk>;
  credentials: (camera: CameraRecord) => { username: string | null; password: string | null };
}

/** A second of 48 kHz sound: no page sends more in one message. */
const mostBytes = 96_000;
/** Nobody speaks that long; a page that was forgotten must not hold the loudspeaker. */
const longestMs = 10 * 60_000;

export class TalkDesk {
  readonly #init: Init;
  readonly #speaking = new Set<CameraId>();

  constructor(init: Init) {
    this.#init = init;
  }

  /** Throws `not_offered` and `conflict` before the socket is taken. */
  admit(camera: CameraRecord): (socket: WebSocket) => void {
    if (!/^rtsps?:/i.test(camera.url))
      throw new HubError('not_offered', `Camera '${camera.name}' is no RTSP camera: it can't be spoken through.`);
    if (this.#speaking.has(camera.id))
      throw new HubError('conflict', `Somebody is speaking through camera '${camera.name}' already.`);
    return (socket) => {
      void this.#serve(camera, socket);
    };
  }

  async #serve(camera: CameraRecord, socket: WebSocket): Promise<void> {
    const tell = (message: z.infer<typeof talkControl>): void => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    };
    const fail = ({ code, message }: HubError): void => {
      tell({ type: 'failed', code, message });
      socket.close();
    };
    // Two pages can be admitted before either is served.
    if (this.#speaking.has(camera.id)) {
      fail(new HubError('conflict', `Somebody is speaking through camera '${camera.name}' already.`));
      return;
    }
    this.#speaking.add(camera.id);
    const gone = new AbortController();
    let talk: Talk | null = null;
    const limit = setTimeout(() => socket.close(), longestMs);
    socket.on('close', () => {
      clearTimeout(limit);
      gone.abort();
      talk?.close();
      this.#speaking.delete(camera.id);
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary && data.byteLength <= mostBytes) talk?.send(data);
    });
    const target = {
      ...{ url: camera.url, ...this.#init.credentials(camera), cameraName: camera.name },
      ...{ pins: camera.tlsPins, cameraId: camera.id },
    };
    try {
      const opened = await this.#init.open(target, fail, gone.signal);
      if (gone.signal.aborted) {
        opened.close();
        return;
      }
      talk = opened;
      tell({ type: 'ready', sampleRate: opened.sampleRate });
    } catch (error) {
      if (gone.signal.aborted) return;
      fail(
        error instanceof HubError
          ? error
          : new HubError('internal', 'Something went wrong inside the hub.', { cause: error }),
      );
    }
  }
}
