/** One event, large: the best picture with the object framed, the moment played in place, and on to the next. */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { Link } from '@tanstack/react-router';
import { Check, ChevronLeft, ChevronRight, Film, Play, Undo2, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, buttonClass, IconButton } from '../../ui/button.tsx';
import { Clip } from '../../ui/clip.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { clockWithSeconds, dayWords, duration, percent } from '../../ui/format.ts';
import { PictureOverlay } from '../../ui/picture-overlay.tsx';
import { useShortcuts } from '../../ui/shortcuts.tsx';
import { Key } from '../../ui/surfaces.tsx';
import { eventSentence, eventWord, LabelIcon } from '../../ui/words.tsx';

interface ViewerProps {
  event: HubEvent;
  cameraName: string;
  previousId: string | null;
  next: HubEvent | null;
  onGo: (id: string) => void;
  onMark: (reviewed: boolean) => void;
  onUndo: () => void;
  onClose: () => void;
}

/** Shown before and after the event when it is played. */
const leadMs = 4000;
const tailMs = 3000;

export function EventViewer({ event, cameraName, previousId, next, onGo, onMark, onUndo, onClose }: ViewerProps) {
  const [playing, setPlaying] = useState<{ id: string; toMs: number } | null>(null);
  const isPlaying = playing?.id === event.id;
  const play = (): void => setPlaying(isPlaying ? null : { id: event.id, toMs: (event.endMs ?? Date.now()) + tailMs });

  useEffect(() => {
    if (next) new Image().src = next.snapshotUrl;
  }, [next]);

  useShortcuts({
    title: 'Open event',
    inDialog: true,
    shortcuts: [
      { keys: ['j', 'ArrowRight', 'ArrowDown'], words: 'Next', run: () => next && onGo(next.id) },
      { keys: ['k', 'ArrowLeft', 'ArrowUp'], words: 'Previous', run: () => previousId !== null && onGo(previousId) },
      { keys: ['r'], words: 'Mark as reviewed and go on', run: () => onMark(true) },
      { keys: ['u'], words: 'Undo', run: onUndo },
      { keys: ['p', ' '], words: 'Play or stop', run: play },
    ],
  });

  const sentence = eventSentence(event, cameraName);
  const { x, y, w, h } = event.box;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={sentence} width="full" bare>
      <div className="flex flex-col">
        <div className="relative aspect-video max-h-[68dvh] w-full bg-night">
          {isPlaying ? (
            <Clip cameraId={event.cameraId} fromMs={event.startMs - leadMs} toMs={playing.toMs} label={sentence} />
          ) : (
            <PictureOverlay
              key={event.id}
              src={event.snapshotUrl}
              alt={sentence}
              className="absolute! inset-0"
              aria-hidden="true"
            >
              {({ width, height }) => (
                <rect
                  x={x * width}
                  y={y * height}
                  width={w * width}
                  height={h * height}
                  rx={width / 200}
                  className="fill-none stroke-[#f2b04a]"
                  strokeWidth="2"
                  vectorEffect="non-scaling-stroke"
                />
              )}
            </PictureOverlay>
          )}
          <IconButton
            label="Close"
            onClick={onClose}
            className="absolute! top-3 right-3 bg-black/60 text-white! hover:bg-black/80!"
          >
            <X size={18} aria-hidden="true" />
          </IconButton>
          <IconButton
            label="Previous event"
            disabled={previousId === null}
            onClick={() => previousId !== null && onGo(previousId)}
            className="absolute! top-1/2 left-3 -translate-y-1/2 bg-black/60 text-white! hover:bg-black/80!"
          >
            <ChevronLeft size={20} aria-hidden="true" />
          </IconButton>
          <IconButton
            label="Next event"
            disabled={next === null}
            onClick={() => next && onGo(next.id)}
            className="absolute! top-1/2 right-3 -translate-y-1/2 bg-black/60 text-white! hover:bg-black/80!"
          >
            <ChevronRight size={20} aria-hidden="true" />
          </IconButton>
        </div>
        <div className="flex flex-wrap items-center gap-x-6 gap-y-4 p-4 sm:p-5">
          <div className="min-w-0 flex-1 basis-64">
            <p className="flex items-center gap-2 text-lg font-semibold tracking-tight">
              <LabelIcon label={event.label} size={20} />
              <span className="min-w-0 truncate">
                {eventWord(event)} at {cameraName}
              </span>
            </p>
            <p className="tabular mt-0.5 text-sm text-muted">
              {dayWords(event.startMs)}, {clockWithSeconds(event.startMs)}
              {event.endMs === null ? ', going on' : `, ${duration(event.endMs - event.startMs)}`}
              {certainty(event)}
            </p>
            {event.zones.length === 0 ? null : <p className="mt-0.5 text-sm text-muted">In {event.zones.join(', ')}</p>}
          </div>
          <div className="flex w-full flex-wrap gap-2 sm:w-auto [&>*]:grow sm:[&>*]:grow-0">
            <Button onClick={play} aria-pressed={isPlaying}>
              <Play size={17} aria-hidden="true" /> {isPlaying ? 'Picture' : 'Play'} <KeyHint>P</KeyHint>
            </Button>
            <Link
              to="/camera/$cameraId"
              params={{ cameraId: event.cameraId }}
              search={{ at: event.startMs }}
              className={buttonClass('plain')}
            >
              <Film size={17} aria-hidden="true" /> Timeline
            </Link>
            {event.reviewed ? (
              <Button onClick={() => onMark(false)}>
                <Undo2 size={17} aria-hidden="true" /> Not reviewed
              </Button>
            ) : (
              <Button tone="primary" onClick={() => onMark(true)}>
                <Check size={17} aria-hidden="true" /> Mark reviewed <KeyHint>R</KeyHint>
              </Button>
            )}
          </div>
        </div>
      </div>
    </Dialog>
  );
}

function certainty({ source, score, what }: HubEvent): string {
  switch (source) {
    case 'motion':
      return ', motion alone';
    case 'camera':
      return what === null ? ', told by the camera' : `, told by the camera: ${what}`;
    case 'object':
      return `, ${percent(score)} sure`;
  }
}

function KeyHint({ children }: { children: string }) {
  return (
    <span className="hidden lg:inline" aria-hidden="true">
      <Key>{children}</Key>
    </span>
  );
}
