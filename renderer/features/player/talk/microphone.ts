/** The microphone as a stream of samples, and why there is none, in words. Closed means the browser's recording light is off. */
import workletUrl from './microphone-worklet.ts?worker&url';

export interface Microphone {
  sampleRate: number;
  close: () => void;
}

/** A page that was opened over plain http from another machine has no microphone at all. */
export function whyNoMicrophone(): string | null {
  if (!window.isSecureContext)
    return 'The browser gives the microphone only to a page it trusts: open Porchlight over https, or on the machine it runs on.';
  // Typed as always there; old and embedded browsers lack it.
  if (!('mediaDevices' in navigator) || typeof AudioWorkletNode === 'undefined')
    return 'This browser gives pages no microphone.';
  return null;
}

/** Asks the person, if the browser has not yet. Throws an Error whose message is for the person. */
export async function askForMicrophone(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (cause) {
    throw new Error(words(cause), { cause });
  }
}

export function endStream(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** `onSamples` gets about 20 ms at a time. The stream is closed with it. */
export async function openMicrophone(
  stream: MediaStream,
  onSamples: (samples: Float32Array) => void,
): Promise<Microphone> {
  const context = new AudioContext({ latencyHint: 'interactive' });
  const close = (): void => {
    endStream(stream);
    // A context that is closed already has nothing left to give back.
    if (context.state !== 'closed') void context.close();
  };
  try {
    await context.audioWorklet.addModule(workletUrl);
    await context.resume();
    const node = new AudioWorkletNode(context, 'porchlight-microphone', { numberOfInputs: 1, numberOfOutputs: 0 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => onSamples(data);
    context.createMediaStreamSource(stream).connect(node);
    return { sampleRate: context.sampleRate, close };
  } catch (cause) {
    close();
    throw new Error('The browser could not open the microphone. Reload the page and try again.', { cause });
  }
}

function words(cause: unknown): string {
  switch (cause instanceof DOMException ? cause.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return 'The microphone is not allowed for this page. Allow it next to the address of the page, then try again.';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'There is no microphone on this device.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The microphone is busy: another program may be using it.';
    default:
      return 'The browser did not give the microphone.';
  }
}
