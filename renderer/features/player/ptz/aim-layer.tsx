/** Over the live picture: a click brings that point to the centre, the wheel zooms. The mark shows what was asked for. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { usePtzCommand } from '../../../client/onvif.ts';
import { useToast } from '../../../ui/toast.tsx';
import { speeds } from './directions.ts';
import { picturePoint } from './picture-point.ts';
import type { Mover } from './use-move.ts';

interface AimLayerProps {
  cameraId: string;
  mover: Mover;
  video: () => HTMLVideoElement | null;
}

const wheelHoldMs = 250;
const markMs = 900;

export function AimLayer({ cameraId, mover, video }: AimLayerProps) {
  const layer = useRef<HTMLDivElement>(null);
  const [mark, setMark] = useState<{ x: number; y: number; n: number } | null>(null);
  const { mutate: command } = usePtzCommand(cameraId);
  const toast = useToast();
  useWheelZoom(layer, mover);
  useEffect(() => {
    if (!mark) return;
    const timer = window.setTimeout(() => setMark(null), markMs);
    return () => window.clearTimeout(timer);
  }, [mark]);

  const aim = (event: React.MouseEvent): void => {
    const box = layer.current?.getBoundingClientRect();
    if (!box) return;
    const element = video();
    const shape = element && element.videoWidth > 0 ? element.videoWidth / element.videoHeight : 16 / 9;
    const point = picturePoint(event.clientX, event.clientY, box, shape);
    if (!point) return;
    setMark((old) => ({ x: event.clientX - box.left, y: event.clientY - box.top, n: (old?.n ?? 0) + 1 }));
    command({ action: 'centre', ...point }, { onError: (error) => toast(error.message, { tone: 'problem' }) });
  };
  return (
    // For pointers only: with keys the arrows do the same.
    <div ref={layer} onClick={aim} className="absolute inset-0 cursor-crosshair touch-manipulation" data-aim="">
      <span aria-hidden="true" className="aim-centre" />
      {mark ? (
        <span key={mark.n} aria-hidden="true" className="aim-mark" style={{ left: mark.x, top: mark.y }} />
      ) : null}
    </div>
  );
}

/** A turn of the wheel counts as a short hold; turns that follow each other are one. */
function useWheelZoom(layer: React.RefObject<HTMLDivElement | null>, mover: Mover): void {
  useLayoutEffect(() => {
    const element = layer.current;
    if (!element) return;
    let timer: number | undefined;
    // Added by hand: React listens passively, and the page would scroll.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      if (event.deltaY === 0) return;
      window.clearTimeout(timer);
      mover.press('wheel', { pan: 0, tilt: 0, zoom: event.deltaY < 0 ? speeds.medium : -speeds.medium });
      timer = window.setTimeout(() => mover.release('wheel'), wheelHoldMs);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      window.clearTimeout(timer);
      mover.release('wheel');
      element.removeEventListener('wheel', onWheel);
    };
  }, [layer, mover]);
}
