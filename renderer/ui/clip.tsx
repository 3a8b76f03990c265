/** A short piece of a recording, played in place. The HLS library is loaded the first time one is played. */
import { useEffect, useRef, useState } from 'react';
import { api } from '../client/api.ts';
import { loadHls } from './hls.ts';

interface ClipProps {
  cameraId: string;
  /** UTC milliseconds. */
  fromMs: number;
  toMs: number;
  label: string;
  className?: string;
}

export function Clip({ cameraId, fromMs, toMs, label, className }: ClipProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const src = api.urlOf('playlist', {
      params: { cameraId },
      query: { from: Math.floor(fromMs), to: Math.ceil(toMs) },
    });
    let stopped = false;
    let stop = (): void => element.removeAttribute('src');
    const begin = async (): Promise<void> => {
      const Hls = await loadHls();
      if (stopped) return;
      if (!Hls.isSupported()) {
        element.src = src;
        return;
      }
      // A worker would need blob: in the CSP; the pieces are already fMP4, so there is nothing to transmux.
      const hls = new Hls({ enableWorker: false, maxBufferLength: 30 });
      hls.on(Hls.Events.ERROR, (_event, data) => {
        if (data.fatal) setProblem('This moment can not be played: there is no recording of it, or it was deleted.');
      });
      hls.loadSource(src);
      hls.attachMedia(element);
      stop = () => hls.destroy();
    };
    begin().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
    return () => {
      stopped = true;
      stop();
    };
  }, [cameraId, fromMs, toMs]);
  return (
    <div className={className}>
      {problem === null ? (
        <video
          ref={video}
          aria-label={label}
          controls
          autoPlay
          muted
          loop
          playsInline
          className="absolute inset-0 size-full bg-night object-contain"
        />
      ) : (
        <p
          role="alert"
          className="absolute inset-0 flex items-center justify-center bg-night px-6 text-center text-white"
        >
          {problem}
        </p>
      )}
    </div>
  );
}
