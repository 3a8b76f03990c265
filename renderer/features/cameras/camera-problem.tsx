/** An error of a camera with the way on: the hub's sentence, a word of help, a button per next step. */
import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Button, buttonClass } from '../../ui/button.tsx';
import { exampleAt, streamExamples } from './camera-address.ts';
import { guideOf, type NextStep } from './problem-guide.ts';

interface CameraProblemProps {
  error: Error;
  /** The address that was tried, for the examples. */
  address: string;
  /** Stands at the field already: only the help and the buttons are shown. */
  atField?: boolean;
  /** What a step does here; a step without one is not offered. */
  steps: Partial<Record<Exclude<NextStep, 'examples' | 'cameras'>, () => void>>;
  /** A stream address was chosen from the examples. */
  onExample?: ((url: string) => void) | undefined;
}

const words: Record<Exclude<NextStep, 'cameras'>, string> = {
  address: 'Change the address',
  password: 'Change the password',
  again: 'Try again',
  examples: 'Try the stream address instead',
  plain: 'Try without encryption',
};

export function CameraProblem({ error, address, atField = false, steps, onExample }: CameraProblemProps) {
  const guide = guideOf(error);
  const [examples, setExamples] = useState(false);
  return (
    <div
      {...(atField ? {} : { role: 'alert' })}
      className="flex gap-3 rounded-card border border-bad/40 bg-bad-soft px-4 py-3"
    >
      <TriangleAlert size={18} className="mt-0.5 shrink-0 text-bad" aria-hidden="true" />
      <div className="min-w-0 flex-1 space-y-2">
        {atField ? null : <p className="font-medium wrap-anywhere">{error.message}</p>}
        {guide.help === null ? null : <p className="text-sm text-pretty">{guide.help}</p>}
        <div className="flex flex-wrap gap-2 empty:hidden">
          {guide.next.map((step) => {
            if (step === 'cameras')
              return (
                <Link key={step} to="/cameras" className={buttonClass('plain', 'small')}>
                  All cameras
                </Link>
              );
            if (step === 'examples')
              return onExample ? (
                <Button key={step} size="small" aria-expanded={examples} onClick={() => setExamples(!examples)}>
                  {words.examples}
                </Button>
              ) : null;
            const run = steps[step];
            return run ? (
              <Button key={step} size="small" onClick={run}>
                {words[step]}
              </Button>
            ) : null;
          })}
        </div>
        {examples && onExample ? <Examples address={address} onExample={onExample} /> : null}
      </div>
    </div>
  );
}

function Examples({ address, onExample }: { address: string; onExample: (url: string) => void }) {
  return (
    <div>
      <p className="text-sm">Choose the maker, then change what differs. The manual calls it “RTSP address”.</p>
      <ul className="mt-2 grid gap-1">
        {streamExamples.map(({ make, path }) => (
          <li key={path}>
            <button
              type="button"
              onClick={() => onExample(exampleAt(address, path))}
              className="flex w-full flex-wrap items-baseline gap-x-3 rounded-control border border-line bg-surface px-3 py-1.5 text-left text-sm hover:border-line-strong"
            >
              <span className="w-32 font-medium">{make}</span>
              <span className="min-w-0 font-mono text-[0.8125rem] wrap-anywhere text-muted">{path}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
