/** The state of a camera: a dot for the eye, a word for everyone. */
import { cx } from './cx.ts';
import type { StateWords } from './words.tsx';

const dots: Record<StateWords['tone'], string> = {
  good: 'bg-good',
  wait: 'bg-warn pulse-soft',
  bad: 'bg-rec',
  off: 'bg-muted',
};

export function StateMark({ words }: { words: StateWords }) {
  return (
    <span className="tabular inline-flex items-center gap-2 text-sm font-normal text-muted">
      <span className={cx('size-2.5 rounded-full', dots[words.tone])} aria-hidden="true" />
      {words.word}
    </span>
  );
}
