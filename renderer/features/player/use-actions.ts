/** What the buttons and keys of the player do. One object for the whole life of the page. */
import type { Camera } from '#core/api/schemas.ts';
import { useEffect, useMemo, useRef } from 'react';
import { useToast } from '../../ui/toast.tsx';
import type { PlayerActions } from './controls.tsx';
import { speeds } from './recorded-player.ts';
import { savePicture } from './save-picture.ts';
import { eventLeadMs, neighbourEvent } from './timeline-model.ts';
import { centredOn, keepNearPast, spanOf, zoomAround } from './timeline-scale.ts';
import type { MarkedRange } from './timeline.tsx';
import type { Playback } from './use-playback.ts';

export const noMarks: MarkedRange = { inMs: null, outMs: null };

interface ActionContext {
  camera: Camera;
  playback: Playback;
  events: Parameters<typeof neighbourEvent>[0];
  go: (ms: number) => void;
  nowMs: () => number;
  zone: string;
  setMuted: (change: (muted: boolean) => boolean) => void;
  setRange: (change: (range: MarkedRange) => MarkedRange) => void;
  setView: React.Dispatch<React.SetStateAction<{ fromMs: number; toMs: number }>>;
  stage: React.RefObject<HTMLDivElement | null>;
  timeField: React.RefObject<HTMLInputElement | null>;
}

/** What it needs is read when a key comes, so the object never changes. */
export function useActions(context: ActionContext): PlayerActions {
  const latest = useRef(context);
  useEffect(() => {
    latest.current = context;
  });
  const toast = useToast();
  return useMemo<PlayerActions>(() => {
    const now = (): ActionContext => latest.current;
    const atPlayhead = (): number => Math.round(now().playback.playhead.get());
    return {
      togglePlay: () => now().playback.togglePlay(),
      goLive: () => {
        now().playback.goLive();
        now().setView((old) => keepNearPast(centredOn(now().nowMs(), spanOf(old)), now().nowMs()));
      },
      jump: (ms) => now().go(atPlayhead() + ms),
      step: (direction) => now().playback.step(direction),
      neighbour: (direction) => {
        const found = neighbourEvent(now().events, atPlayhead(), direction);
        if (found) now().go(found.startMs - eventLeadMs);
        else
          toast(
            direction === 1
              ? 'No later event on this part of the timeline.'
              : 'No earlier event on this part of the timeline.',
          );
      },
      setSpeed: (speed) => now().playback.setSpeed(speed),
      faster: (direction) => {
        const next = speeds[speeds.indexOf(now().playback.speed) + direction];
        if (next !== undefined && !now().playback.live) now().playback.setSpeed(next);
      },
      toggleMute: () => now().setMuted((muted) => !muted),
      fullScreen: () => {
        const request = document.fullscreenElement
          ? document.exitFullscreen()
          : now().stage.current?.requestFullscreen();
        request?.catch(() => toast('This browser did not allow full screen.', { tone: 'problem' }));
      },
      snapshot: () => {
        const { camera, playback, zone } = now();
        savePicture({
          cameraId: camera.id,
          cameraName: camera.name,
          live: playback.live,
          video: playback.video(),
          atMs: atPlayhead(),
          zone,
        }).catch((error: unknown) =>
          toast(error instanceof Error ? error.message : String(error), { tone: 'problem' }),
        );
      },
      markIn: () =>
        now().setRange(({ outMs }) => ({
          inMs: atPlayhead(),
          outMs: outMs !== null && outMs > atPlayhead() ? outMs : null,
        })),
      markOut: () =>
        now().setRange(({ inMs }) => ({
          inMs: inMs !== null && inMs < atPlayhead() ? inMs : null,
          outMs: atPlayhead(),
        })),
      clearMarks: () => now().setRange(() => noMarks),
      zoom: (factor) => now().setView((old) => keepNearPast(zoomAround(old, atPlayhead(), factor), now().nowMs())),
      focusTime: () => now().timeField.current?.focus(),
    };
  }, [toast]);
}
