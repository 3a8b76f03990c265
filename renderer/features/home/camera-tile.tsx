/**
 * One camera on the wall. The invariant: a picture without a dimmed veil is live. Whatever is older (camera offline, stream
 * still starting, viewer fallen behind) is dimmed and says so.
 */
import type { Camera } from '#core/api/schemas.ts';
import { Link } from '@tanstack/react-router';
import { Activity, CameraOff } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../client/api.ts';
import { cx } from '../../ui/cx.ts';
import { LiveTile, type LiveState } from '../../ui/live-tile.tsx';
import { cameraWords } from '../../ui/words.tsx';

export function CameraTile({ camera }: { camera: Camera }) {
  const [picture, setPicture] = useState<LiveState>('connecting');
  const reachable = camera.state === 'live' || camera.state === 'connecting';
  const stream = camera.streams.some((status) => status.stream === 'sub') ? 'sub' : 'main';
  const recording = camera.streams.some((status) => status.recording);
  return (
    <Link
      to="/camera/$cameraId"
      params={{ cameraId: camera.id }}
      className={cx(
        'group relative block aspect-video overflow-hidden rounded-card border bg-night shadow-card transition-[border-color]',
        camera.motion && camera.state === 'live' ? 'border-accent' : 'border-line hover:border-line-strong',
      )}
    >
      <div className="tile-foot pointer-events-none absolute z-10 inset-x-0 bottom-0 flex items-center gap-3 px-3.5 pt-10 pb-2.5">
        <span className="min-w-0 flex-1 truncate font-semibold text-white">{camera.name}</span>
        {camera.motion && camera.state === 'live' ? (
          <span className="flex shrink-0 items-center gap-1 text-xs font-semibold text-[#ffd592]">
            <Activity size={14} aria-hidden="true" /> Motion
          </span>
        ) : null}
        {reachable && picture === 'live' ? (
          <span className="flex shrink-0 items-center gap-1.5 text-xs font-semibold text-white">
            <span className="size-2 rounded-full bg-[#6fcf97]" aria-hidden="true" /> Live
          </span>
        ) : null}
        {recording ? (
          <span className="flex shrink-0 items-center gap-1.5 text-xs font-semibold text-white">
            <span className="rec-dot size-2 rounded-full bg-[#ff5a4f]" aria-hidden="true" /> REC
          </span>
        ) : null}
      </div>
      {reachable ? (
        <LiveTile cameraId={camera.id} stream={stream} onState={setPicture} className="absolute inset-0" />
      ) : (
        <LastPicture key={camera.state} camera={camera} />
      )}
    </Link>
  );
}

/** The last picture, never as if live: grey, dimmed, under the sentence that says since when and why. */
function LastPicture({ camera }: { camera: Camera }) {
  const [hasPicture, setHasPicture] = useState(true);
  const words = cameraWords(camera);
  return (
    <>
      {hasPicture && camera.state !== 'off' ? (
        <img
          src={api.urlOf('cameraSnapshot', { params: { id: camera.id }, query: { width: 640 } })}
          alt=""
          onError={() => setHasPicture(false)}
          className="absolute inset-0 size-full object-cover opacity-25 grayscale"
        />
      ) : null}
      <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 px-5 pb-6 text-center">
        <CameraOff size={26} className="text-[#c3ccd6]" aria-hidden="true" />
        <p className="line-clamp-3 text-sm font-medium text-white">{words.sentence}</p>
        {hasPicture && camera.state !== 'off' ? (
          <p className="rounded-full bg-black/60 px-2.5 py-0.5 text-xs font-medium text-[#c3ccd6]">
            Last picture, not live
          </p>
        ) : null}
      </div>
    </>
  );
}
