/**
 * The live picture of a camera that is tried: the stream to record large, the one to analyse beside it. What can't be shown says
 * why, and nothing here keeps a camera from being added.
 */
import { ImageOff } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { LiveTile, type LiveStatus } from '../../ui/live-tile.tsx';
import type { ShownDraft } from './use-draft-camera.ts';

interface PreviewPairProps {
  shown: ShownDraft;
  /** Is there a stream for each role. */
  hasMain: boolean;
  hasSub: boolean;
  /** What each stream is, in words. */
  mainWords: string | null;
  subWords: string | null;
  onAgain: () => void;
}

export function PreviewPair({ shown, hasMain, hasSub, mainWords, subWords, onAgain }: PreviewPairProps) {
  return (
    <div className={cx('grid items-start gap-4', hasSub ? 'sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]' : 'max-w-2xl')}>
      <Shown
        shown={shown}
        stream="main"
        title={hasSub ? 'Recorded' : 'Recorded and analysed'}
        words={mainWords}
        missing={hasMain ? null : 'The camera gives no address of a stream with a picture.'}
        onAgain={onAgain}
      />
      {hasSub ? (
        <Shown
          shown={shown}
          stream="sub"
          title="Watched and analysed"
          words={subWords}
          missing={null}
          onAgain={onAgain}
        />
      ) : null}
    </div>
  );
}

interface ShownProps {
  shown: ShownDraft;
  stream: 'main' | 'sub';
  title: string;
  words: string | null;
  missing: string | null;
  onAgain: () => void;
}

function Shown({ shown, stream, title, words, missing, onAgain }: ShownProps) {
  const [status, setStatus] = useState<LiveStatus | null>(null);
  const problem = missing ?? shown.error?.message ?? null;
  const other = status !== null && status.stream !== stream && status.state === 'live';
  return (
    <figure className={cx('min-w-0', stream === 'sub' && 'flex gap-3 sm:block')}>
      <div
        className={cx(
          'relative aspect-video overflow-hidden rounded-control bg-night',
          stream === 'sub' && 'w-5/12 shrink-0 self-start sm:w-auto',
        )}
      >
        {problem !== null ? (
          <div className="absolute inset-0 flex flex-col items-center justify-center gap-2 px-4 text-center text-white">
            <ImageOff size={22} aria-hidden="true" />
            <p role="status" className="line-clamp-4 text-sm font-medium">
              {problem}
            </p>
            {missing === null && stream === 'main' ? (
              <Button size="small" onClick={onAgain}>
                Try again
              </Button>
            ) : null}
          </div>
        ) : shown.id === null ? (
          <div className="absolute inset-0 flex items-center justify-center text-2xl text-white">
            <span className="spinner" aria-hidden="true" />
            <span role="status" className="sr-only">
              Asking for the picture
            </span>
          </div>
        ) : (
          <LiveTile
            key={shown.id}
            cameraId={shown.id}
            stream={stream}
            fit="contain"
            className="absolute inset-0"
            onState={(_state, next) => setStatus(next)}
          />
        )}
        {status?.state === 'live' && problem === null ? (
          <span className="absolute top-2 right-2 flex items-center gap-1.5 rounded-full bg-black/60 px-2 py-0.5 text-xs font-semibold text-white">
            <span className="size-2 rounded-full bg-[#6fcf97]" aria-hidden="true" /> Live
          </span>
        ) : null}
      </div>
      <figcaption className={cx('min-w-0', stream === 'sub' ? 'sm:mt-2' : 'mt-2')}>
        <span className="block font-medium">{title}</span>
        {words === null ? null : <span className="tabular block text-sm text-muted">{words}</span>}
        {other ? (
          <span className="block text-sm text-muted">
            This browser can’t show this stream, so the smaller one is shown. It is recorded all the same.
          </span>
        ) : null}
      </figcaption>
    </figure>
  );
}
