/**
 * The picture: live, or the past. While a seek has no picture yet the small preview stands in for it, so the eye has something
 * at once.
 */
import { memo, useEffect, useState } from 'react';
import { api } from '../../client/api.ts';
import { cx } from '../../ui/cx.ts';
import { LiveTile, type LiveState, type LiveStatus } from '../../ui/live-tile.tsx';
import type { RecordedState } from './recorded-player.ts';

interface StageProps {
  cameraId: string;
  cameraName: string;
  live: boolean;
  muted: boolean;
  /** The moment asked for last, for the preview. */
  soughtMs: number | null;
  recorded: RecordedState;
  recordedRef: (video: HTMLVideoElement | null) => void;
  liveRef: (video: HTMLVideoElement | null) => void;
  onLiveState: (state: LiveState, status: LiveStatus) => void;
}

export const Stage = memo(function Stage(props: StageProps) {
  const { cameraId, cameraName, live, muted, soughtMs, recorded, recordedRef, liveRef, onLiveState } = props;
  return (
    <div
      className="absolute inset-0 bg-night"
      data-player-mode={live ? 'live' : 'recorded'}
      data-seeking={recorded.seeking || undefined}
    >
      {live ? (
        <LiveTile
          cameraId={cameraId}
          stream="main"
          fit="contain"
          muted={muted}
          className="absolute inset-0"
          videoRef={liveRef}
          onState={onLiveState}
        />
      ) : (
        <>
          <video
            ref={recordedRef}
            playsInline
            muted={muted}
            disablePictureInPicture
            tabIndex={-1}
            aria-label={`Recording of ${cameraName}`}
            className="absolute inset-0 size-full object-contain"
          />
          <Preview cameraId={cameraId} atMs={soughtMs} wanted={recorded.seeking} />
          {recorded.problem === null ? null : (
            <div
              role="alert"
              className="absolute inset-0 flex items-center justify-center bg-black/60 px-6 text-center"
            >
              <p className="max-w-md font-medium text-white text-balance">{recorded.problem}</p>
            </div>
          )}
        </>
      )}
    </div>
  );
});

/** A seek inside the buffer is faster than this: no flash of a coarse picture. */
const patienceMs = 80;

function Preview({ cameraId, atMs, wanted }: { cameraId: string; atMs: number | null; wanted: boolean }) {
  const [loaded, setLoaded] = useState<number | null>(null);
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!wanted) return;
    const timer = window.setTimeout(() => setLate(true), patienceMs);
    return () => {
      window.clearTimeout(timer);
      setLate(false);
    };
  }, [wanted, atMs]);
  if (atMs === null || !wanted) return null;
  const at = Math.floor(atMs / 1000) * 1000;
  return (
    <img
      src={api.urlOf('preview', { params: { cameraId }, query: { at, width: 640 } })}
      alt=""
      onLoad={() => setLoaded(at)}
      className={cx('absolute inset-0 size-full object-contain', loaded === at && late ? '' : 'invisible')}
    />
  );
}
