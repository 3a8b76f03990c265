/**
 * The cameras while their order is changed: as rows or as the tiles of the wall. Pictures are still and dimmed here, because
 * moving a video in the document stops it, and what stands still must not look live.
 */
import type { Camera } from '#core/api/schemas.ts';
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, ArrowUpDown, Check, GripVertical } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import { api } from '../client/api.ts';
import { useCameraOrder } from '../client/cameras.ts';
import { Button, IconButton } from './button.tsx';
import { cx } from './cx.ts';
import { EventPicture } from './event-picture.tsx';
import { useToast } from './toast.tsx';
import { useArranging, type Arranging } from './use-arranging.ts';

/** Begins and ends it; the same button, so that the focus stays. */
export function ArrangeButton({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  return (
    <Button tone={on ? 'primary' : 'plain'} onClick={() => onChange(!on)}>
      {on ? <Check size={17} aria-hidden="true" /> : <ArrowUpDown size={17} aria-hidden="true" />}
      {on ? 'Done' : 'Change order'}
    </Button>
  );
}

interface ArrangeProps {
  /** In their order. */
  cameras: Camera[];
  layout: 'rows' | 'tiles';
  /** Classes of the list. */
  className: string;
}

export function ArrangeCameras({ cameras, layout, className }: ArrangeProps) {
  const toast = useToast();
  const order = useCameraOrder();
  const byId = new Map(cameras.map((camera) => [camera.id, camera]));
  const arranging = useArranging({
    ids: cameras.map(({ id }) => id),
    idsNow: order.ids,
    nameOf: (id) => byId.get(id)?.name ?? 'Removed camera',
    onOrder: (ids) => order.put(ids, (error) => toast(error.message, { tone: 'problem' })),
  });
  return (
    <>
      <p className="mb-3 text-sm text-muted">Drag a camera to its place, or use its arrows.</p>
      <p role="status" className="sr-only">
        {arranging.news}
      </p>
      <ul ref={arranging.list} className={className}>
        {arranging.order.map((id, index) => {
          const camera = byId.get(id);
          return camera ? <Item key={id} {...{ camera, layout, arranging, index }} /> : null;
        })}
      </ul>
    </>
  );
}

interface ItemProps {
  camera: Camera;
  layout: 'rows' | 'tiles';
  arranging: Arranging;
  index: number;
}

function Item({ camera, layout, arranging, index }: ItemProps) {
  const tiles = layout === 'tiles';
  const isDragged = arranging.dragged === camera.id;
  return (
    <li
      data-arranged={camera.id}
      // A finger scrolls the page, except on the grip.
      onPointerDown={(event) => {
        const onButton = event.target instanceof Element && event.target.closest('button') !== null;
        if (event.pointerType === 'mouse' && !onButton) arranging.grab(camera.id, event);
      }}
      className={cx(
        'relative min-w-0 cursor-grab overflow-hidden rounded-card border shadow-card select-none',
        isDragged ? 'cursor-grabbing border-accent' : 'border-line',
        tiles ? 'aspect-video bg-night' : 'flex items-center gap-3 bg-surface p-2 pr-3',
      )}
    >
      <EventPicture
        src={api.urlOf('cameraSnapshot', { params: { id: camera.id }, query: { width: 480 } })}
        className={cx(
          'grayscale',
          tiles ? 'absolute! inset-0 opacity-35' : 'aspect-video w-24 shrink-0 rounded-control',
        )}
      />
      <div
        className={cx(
          'flex min-w-0 items-center gap-1',
          tiles ? 'absolute inset-x-0 bottom-0 bg-black/70 py-1 pr-1 pl-3.5 text-white' : 'flex-1',
        )}
      >
        <span className="min-w-0 flex-1 truncate font-semibold">
          <span className="tabular mr-2 font-normal opacity-80">{index + 1}</span>
          {camera.name}
        </span>
        <Steps {...{ camera, tiles, arranging }} />
        <span
          aria-hidden="true"
          onPointerDown={(event) => {
            event.stopPropagation();
            arranging.grab(camera.id, event);
          }}
          className="flex size-10 touch-none items-center justify-center"
          data-grip=""
        >
          <GripVertical size={18} />
        </span>
      </div>
    </li>
  );
}

const steps: Record<string, 1 | -1> = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 };

function Steps({ camera, tiles, arranging }: { camera: Camera; tiles: boolean; arranging: Arranging }) {
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    arranging.step(camera.id, by);
  };
  const [Back, On] = tiles ? [ArrowLeft, ArrowRight] : [ArrowUp, ArrowDown];
  const colours = tiles ? 'text-white! hover:bg-white/20!' : '';
  return (
    <span className="flex shrink-0" onKeyDown={onKeyDown}>
      <IconButton
        label={`Move ${camera.name} ${tiles ? 'forward' : 'up'}`}
        className={colours}
        onClick={() => arranging.step(camera.id, -1)}
      >
        <Back size={18} aria-hidden="true" />
      </IconButton>
      <IconButton
        label={`Move ${camera.name} ${tiles ? 'back' : 'down'}`}
        className={colours}
        onClick={() => arranging.step(camera.id, 1)}
      >
        <On size={18} aria-hidden="true" />
      </IconButton>
    </span>
  );
}
