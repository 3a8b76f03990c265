/** What is under the pointer: picture, exact time, and why there is nothing if there is nothing. */
import { useEffect, useMemo, useRef, useState } from 'react';
import { api } from '../../client/api.ts';
import { cx } from '../../ui/cx.ts';
import { duration } from '../../ui/format.ts';
import { LabelIcon, eventWord } from '../../ui/words.tsx';
import { pictureSlotMs, ScrubPictures } from './scrub-pictures.ts';
import { gapText, type Hit } from './timeline-model.ts';
import { exactTime } from './words.ts';

interface TipProps {
  pictures: ScrubPictures;
  x: number;
  widthPx: number;
  ms: number;
  msPerPx: number;
  hit: Hit;
  zone: string;
}

const tipPx = 208;

export function TimelineTip({ pictures, x, widthPx, ms, msPerPx, hit, zone }: TipProps) {
  const left = Math.max(0, Math.min(widthPx - tipPx, x - tipPx / 2));
  const hasPicture = hit.kind === 'recorded' || hit.kind === 'event';
  return (
    <div
      className="pointer-events-none absolute bottom-full z-20 mb-2 w-52 overflow-hidden rounded-control border border-line bg-raised text-center text-sm shadow-pop"
      style={{ left }}
      data-timeline-tip={hit.kind}
    >
      {hasPicture ? <ScrubPicture pictures={pictures} ms={ms} msPerPx={msPerPx} /> : null}
      <div className="px-2.5 py-1.5">
        <TipWords hit={hit} />
        <div className="tabular-nums">{exactTime(ms, zone)}</div>
      </div>
    </div>
  );
}

function TipWords({ hit }: { hit: Hit }) {
  switch (hit.kind) {
    case 'event': {
      const [event] = hit.mark.events;
      if (!event) return null;
      const many = hit.mark.events.length;
      return (
        <div className="flex items-center justify-center gap-1.5 font-semibold">
          <LabelIcon label={event.label} />
          {many > 1 ? `${eventWord(event)} and ${many - 1} more` : eventWord(event)}
        </div>
      );
    }
    case 'gap':
      return (
        <div className="font-semibold text-balance">
          {gapText(hit.gap.reason)}, {duration(hit.gap.endMs - hit.gap.startMs)}
        </div>
      );
    case 'none':
      return <div className="text-muted">Nothing recorded</div>;
    case 'future':
      return <div className="text-muted">Not yet</div>;
    case 'recorded':
      return null;
  }
}

async function loadPicture(cameraId: string, at: number, signal: AbortSignal): Promise<ImageBitmap> {
  const url = api.urlOf('preview', { params: { cameraId }, query: { at, width: 320 } });
  const response = await fetch(url, { signal, credentials: 'same-origin' });
  if (!response.ok) throw new Error(`no preview (${response.status})`);
  return createImageBitmap(await response.blob());
}

/** Kept as long as the timeline is there, so that going over the same place again costs nothing. */
export function useScrubPictures(cameraId: string): ScrubPictures {
  const pictures = useMemo(() => new ScrubPictures((at, signal) => loadPicture(cameraId, at, signal)), [cameraId]);
  useEffect(() => () => pictures.clear(), [pictures]);
  return pictures;
}

/** Keeps the last picture until the next is there: a blank between two looks like a fault. */
function ScrubPicture({ pictures, ms, msPerPx }: { pictures: ScrubPictures; ms: number; msPerPx: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState(false);
  const slot = pictureSlotMs(ms, msPerPx);
  const before = useRef(slot);
  useEffect(() => {
    const paint = (picture: ImageBitmap | null): void => {
      setShown(picture !== null);
      if (picture) paintInto(canvas.current, picture);
    };
    pictures.onPicture = (slotMs, picture) => {
      // One that was fetched ahead is not what is pointed at.
      if (slotMs === slot) paint(picture);
    };
    const picture = pictures.want(slot);
    if (picture !== undefined) paint(picture);
    const step = slot - before.current;
    before.current = slot;
    if (step !== 0) pictures.ahead(slot + step);
    return () => {
      pictures.onPicture = null;
    };
  }, [pictures, slot]);
  return (
    <div className="relative aspect-video bg-night">
      <canvas ref={canvas} width={320} height={180} className={cx('block size-full', !shown && 'invisible')} />
    </div>
  );
}

function paintInto(canvas: HTMLCanvasElement | null, picture: ImageBitmap): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}
