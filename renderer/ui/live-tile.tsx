/**
 * The live picture of one camera. The invariant: an undimmed picture is live. When no new picture comes it is dimmed and says
 * so. Sleeps when the page is hidden or the tile is off screen for 30 s, so that nobody's camera works for nobody.
 */
import { useEffect, useRef, useState } from 'react';
import { cx } from './cx.ts';
import { clockWithSeconds } from './format.ts';
import { LivePlayer, type LiveState, type LiveStatus } from './live-player.ts';

export type { LiveState, LiveStatus } from './live-player.ts';

interface LiveTileProps {
  cameraId: string;
  stream: 'main' | 'sub';
  className?: string;
  onState?: (state: LiveState, status: LiveStatus) => void;
  /** Default true. Sound is only played when this is false and the browser allows it. */
  muted?: boolean;
  fit?: 'cover' | 'contain';
  /** The video element, for taking a picture or going full screen. */
  videoRef?: (video: HTMLVideoElement | null) => void;
}

const sleepAfterMs = 30_000;

export function LiveTile({
  cameraId,
  stream,
  className,
  onState,
  muted = true,
  fit = 'cover',
  videoRef,
}: LiveTileProps) {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer>(null);
  const [status, setStatus] = useState<LiveStatus>({ state: 'connecting', message: null, stream, lastPictureMs: null });
  const tell = useRef(onState);
  const quiet = useRef(muted);
  useEffect(() => {
    tell.current = onState;
    quiet.current = muted;
    player.current?.setSound(!muted);
  }, [onState, muted]);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.muted = quiet.current;
    const live = new LivePlayer({
      cameraId,
      stream,
      video: element,
      sound: !quiet.current,
      onStatus: (next) => {
        setStatus(next);
        tell.current?.(next.state, next);
      },
    });
    player.current = live;
    const release = whileLookedAt(element, live);
    return () => {
      release();
      live.stop();
      player.current = null;
    };
  }, [cameraId, stream]);

  useEffect(() => {
    videoRef?.(video.current);
    return () => videoRef?.(null);
  }, [videoRef]);

  const old = status.state !== 'live';
  return (
    <div
      className={cx('overflow-hidden bg-night', className)}
      data-live-state={status.state}
      data-live-stream={status.stream}
    >
      {/* The caller places the outer box, maybe absolutely: the inner one is what the picture fills. */}
      <div className="relative size-full">
        <video
          ref={video}
          playsInline
          muted
          disablePictureInPicture
          tabIndex={-1}
          aria-hidden="true"
          className={cx(
            'absolute inset-0 size-full transition-opacity duration-300',
            fit === 'cover' ? 'object-cover' : 'object-contain',
            old && 'opacity-40 grayscale',
          )}
        />
        {old ? <Veil status={status} /> : null}
      </div>
    </div>
  );
}

function Veil({ status }: { status: LiveStatus }) {
  const { state, message, lastPictureMs } = status;
  return (
    <div
      role="status"
      className="absolute inset-0 flex flex-col items-center justify-center gap-2 px-5 pb-4 text-center text-white"
    >
      {state === 'connecting' ? <span className="spinner text-2xl text-[#c3ccd6]" aria-hidden="true" /> : null}
      <p className="line-clamp-3 text-sm font-medium">{message ?? stateWords[state]}</p>
      {lastPictureMs !== null && state !== 'connecting' ? (
        <p className="rounded-full bg-black/60 px-2.5 py-0.5 text-xs font-medium text-[#c3ccd6]">
          Last picture {clockWithSeconds(lastPictureMs)}, not live
        </p>
      ) : null}
    </div>
  );
}

const stateWords: Record<LiveState, string> = {
  connecting: 'Waiting for the picture…',
  live: '',
  stale: 'No new picture from the camera.',
  offline: 'No picture at present.',
  unsupported: 'This browser can’t show this camera’s video.',
  asleep: 'Paused while nobody was looking.',
};

/** Starts the player when the tile can be seen and stops it 30 s after it can't. Returns the function that ends watching. */
function whileLookedAt(element: HTMLElement, player: LivePlayer): () => void {
  let onScreen = true;
  let running = false;
  let timer: number | undefined;
  const look = (): void => {
    const wanted = onScreen && !document.hidden;
    window.clearTimeout(timer);
    if (wanted && !running) {
      running = true;
      player.start();
    } else if (!wanted && running) {
      timer = window.setTimeout(() => {
        running = false;
        player.stop(true);
      }, sleepAfterMs);
    }
  };
  const observer = new IntersectionObserver(
    (entries) => {
      onScreen = entries.at(-1)?.isIntersecting ?? true;
      look();
    },
    { rootMargin: '200px' },
  );
  observer.observe(element);
  document.addEventListener('visibilitychange', look);
  look();
  return () => {
    window.clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener('visibilitychange', look);
  };
}
