/** Runs in the browser's audio thread: collects the microphone into pieces of about 20 ms and hands them to the page. */

// The audio thread's own names, which no library of TypeScript's declares.
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(
  name: string,
  processor: new () => AudioWorkletProcessor & { process: (inputs: Float32Array[][]) => boolean },
): void;

const pieceLength = Math.round(sampleRate / 50);

class MicrophoneProcessor extends AudioWorkletProcessor {
  #piece = new Float32Array(pieceLength);
  #filled = 0;

  process(inputs: Float32Array[][]): boolean {
    // No channel at all means the track has ended or not begun.
    for (const sample of inputs[0]?.[0] ?? []) {
      this.#piece[this.#filled] = sample;
      this.#filled += 1;
      if (this.#filled < pieceLength) continue;
      this.port.postMessage(this.#piece, [this.#piece.buffer]);
      this.#piece = new Float32Array(pieceLength);
      this.#filled = 0;
    }
    return true;
  }
}

registerProcessor('porchlight-microphone', MicrophoneProcessor);
