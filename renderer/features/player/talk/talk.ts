/**
 * One talk, from the press to the release: microphone → resampled → socket. The invariant: however it ends, the microphone is
 * given back and the socket is closed.
 */
import { talkControl } from '#core/api/onvif-schemas.ts';
import { api } from '../../../client/api.ts';
import { askForMicrophone, endStream, openMicrophone, whyNoMicrophone, type Microphone } from './microphone.ts';
import { pcm16, Resampler } from './resampler.ts';

export type TalkState =
  | { is: 'quiet'; note: string | null }
  | { is: 'asking' }
  | { is: 'connecting' }
  /** `level` 0..1 as the ear has it, not the amplitude. */
  | { is: 'speaking'; level: number }
  | { is: 'failed'; words: string };

/** More than this unsent and the network is too slow: words that come seconds late are worse than none. */
const mostUnsentBytes = 32_768;
const readyWithinMs = 12_000;

export class Talk {
  readonly #cameraId: string;
  readonly #onState: (state: TalkState) => void;
  #over = false;
  #stream: MediaStream | null = null;
  #microphone: Microphone | null = null;
  #socket: WebSocket | null = null;
  #timer: number | undefined;
  #speaking = false;

  constructor(cameraId: string, onState: (state: TalkState) => void) {
    this.#cameraId = cameraId;
    this.#onState = onState;
    void this.#start();
  }

  /** The button was let go. */
  end(): void {
    // While the browser asks the person, its question takes the focus: the button is let go by that alone.
    const note = this.#stream ? null : 'Hold the button and speak when the microphone is allowed.';
    if (this.#close()) this.#onState({ is: 'quiet', note });
  }

  async #start(): Promise<void> {
    const reason = whyNoMicrophone();
    if (reason !== null) {
      this.#fail(reason);
      return;
    }
    this.#onState({ is: 'asking' });
    try {
      const stream = await askForMicrophone();
      if (this.#over) {
        endStream(stream);
        this.#onState({ is: 'quiet', note: 'The microphone is allowed. Hold the button and speak.' });
        return;
      }
      this.#stream = stream;
      this.#onState({ is: 'connecting' });
      const sampleRate = await this.#connect();
      await this.#speak(stream, sampleRate);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      // Let go while the browser asked, and then refused: that is news all the same.
      if (this.#over && this.#stream === null) this.#onState({ is: 'failed', words });
      else this.#fail(words);
    }
  }

  /** Resolves with the rate that the camera takes. */
  #connect(): Promise<number> {
    const url = new URL(api.urlOf('cameraTalk', { params: { id: this.#cameraId } }), window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      const fail = (words: string): void => {
        // Before it was ready this is why; afterwards it ends the talk.
        reject(new Error(words));
        this.#fail(words);
      };
      this.#timer = window.setTimeout(() => fail('The camera did not open its speaker in time.'), readyWithinMs);
      socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        const message = typeof data === 'string' ? talkControl.safeParse(JSON.parse(data)) : null;
        if (!message?.success) return;
        window.clearTimeout(this.#timer);
        if (message.data.type === 'ready') resolve(message.data.sampleRate);
        else fail(message.data.message);
      });
      socket.addEventListener('close', () => fail('The connection to the camera was closed.'));
    });
  }

  async #speak(stream: MediaStream, sampleRate: number): Promise<void> {
    let resampler: Resampler | null = null;
    const microphone = await openMicrophone(stream, (samples) => {
      resampler ??= new Resampler(microphone.sampleRate, sampleRate);
      this.#send(resampler.push(samples));
      if (this.#speaking) this.#onState({ is: 'speaking', level: levelOf(samples) });
    });
    this.#microphone = microphone;
    if (this.#over) {
      microphone.close();
      return;
    }
    this.#speaking = true;
    this.#onState({ is: 'speaking', level: 0 });
  }

  #send(samples: Float32Array): void {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || socket.bufferedAmount > mostUnsentBytes || samples.length === 0)
      return;
    socket.send(pcm16(samples));
  }

  #fail(words: string): void {
    if (this.#close()) this.#onState({ is: 'failed', words });
  }

  /** false: it was over already. */
  #close(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#speaking = false;
    window.clearTimeout(this.#timer);
    this.#microphone?.close();
    if (this.#stream) endStream(this.#stream);
    this.#socket?.close();
    return true;
  }
}

/** -50 dB and less is nothing, full scale is 1. */
function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibel = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-10);
  return Math.max(0, Math.min(1, 1 + decibel / 50));
}
