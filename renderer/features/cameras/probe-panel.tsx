/** What a try of an address brought: the picture, what it is, advice; or the reason in plain words. */
import type { AnswerOf } from '#core/api/routes.ts';
import { CircleCheck, ImageOff, Lightbulb } from 'lucide-react';
import { Problem } from '../../ui/surfaces.tsx';
import { videoWords } from '../../ui/words.tsx';

interface ProbePanelProps {
  pending: boolean;
  error: Error | null;
  result: AnswerOf<'probeCamera'> | undefined;
}

export function ProbePanel({ pending, error, result }: ProbePanelProps) {
  return (
    <div aria-live="polite" aria-busy={pending}>
      {pending ? (
        <div className="flex aspect-video items-center justify-center gap-3 rounded-control bg-sunken text-muted">
          <span className="spinner" aria-hidden="true" /> Asking the camera…
        </div>
      ) : error ? (
        <Problem error={error} />
      ) : result ? (
        <Result result={result} />
      ) : null}
    </div>
  );
}

function Result({ result }: { result: AnswerOf<'probeCamera'> }) {
  return (
    <div className="overflow-hidden rounded-control border border-line">
      {result.picture?.startsWith('data:image/jpeg;base64,') ? (
        <img
          src={result.picture}
          alt="First picture of the camera"
          className="aspect-video w-full bg-night object-contain"
        />
      ) : (
        <div className="flex aspect-[3/1] items-center justify-center gap-2 bg-sunken text-sm text-muted">
          <ImageOff size={18} aria-hidden="true" /> Video arrives; a picture of it could not be made.
        </div>
      )}
      <div className="space-y-2 p-4">
        <p className="flex items-center gap-2 font-semibold text-good">
          <CircleCheck size={18} aria-hidden="true" /> The camera answers
        </p>
        <p className="tabular text-sm text-muted">
          {result.video ? videoWords(result.video) : 'video'}
          {result.audio ? ` · sound: ${result.audio.codec.toUpperCase()}` : ' · no sound'}
        </p>
        {result.advice.length > 0 ? (
          <ul className="space-y-1.5 pt-1">
            {result.advice.map((advice) => (
              <li key={advice} className="flex gap-2 text-sm">
                <Lightbulb size={16} className="mt-0.5 shrink-0 text-accent-ink" aria-hidden="true" />
                <span className="min-w-0 break-words">{advice}</span>
              </li>
            ))}
          </ul>
        ) : null}
      </div>
    </div>
  );
}
