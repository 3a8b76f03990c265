/**
 * What a camera can do besides sending pictures, at the live picture: moving and speaking. Over the picture where there is room
 * for both, under it otherwise. There only while live: leaving ends every move and every word.
 */
import type { Camera } from '#core/api/schemas.ts';
import { useState } from 'react';
import { createPortal } from 'react-dom';
import { AimLayer } from './ptz/aim-layer.tsx';
import { PtzPanel } from './ptz/ptz-panel.tsx';
import { useMove } from './ptz/use-move.ts';
import { TalkButton } from './talk/talk-button.tsx';

interface LiveDockProps {
  camera: Camera;
  /** Lies over the picture and is as large: what one clicks to aim. */
  over: HTMLElement | null;
  video: () => HTMLVideoElement | null;
  /** Its sound must be off while one speaks, or the camera would hear itself. */
  onSpeaking: (speaking: boolean) => void;
}

export function LiveDock({ camera, over, video, onSpeaking }: LiveDockProps) {
  const talk = camera.onvif?.talk === true;
  const ptz = camera.onvif?.ptz === true;
  if (!talk && !ptz) return null;
  return (
    <div className="mt-2 flex flex-wrap items-end gap-2 over:pointer-events-none over:absolute over:inset-0 over:mt-0 over:flex-nowrap over:justify-between over:p-3 over:*:pointer-events-auto">
      {talk ? <TalkButton cameraId={camera.id} onSpeaking={onSpeaking} /> : <span aria-hidden="true" />}
      {ptz ? <Moving camera={camera} over={over} video={video} /> : null}
    </div>
  );
}

function Moving({ camera, over, video }: Omit<LiveDockProps, 'onSpeaking'>) {
  const [aiming, setAiming] = useState(false);
  const mover = useMove(camera.id);
  return (
    <>
      <PtzPanel camera={camera} mover={mover} aiming={aiming} onAim={setAiming} />
      {aiming && over ? createPortal(<AimLayer cameraId={camera.id} mover={mover} video={video} />, over) : null}
    </>
  );
}
