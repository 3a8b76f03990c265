/** Type a time, press Enter, be there. T focuses it from anywhere on the page. */
import { CornerDownLeft } from 'lucide-react';
import { useId, useState, type SubmitEvent, type Ref } from 'react';
import { cx } from '../../ui/cx.ts';
import { parseTimeEntry } from './time-entry.ts';

interface TimeFieldProps {
  inputRef: Ref<HTMLInputElement>;
  zone: string;
  nowMs: () => number;
  /** The day that is looked at. */
  shownMs: () => number;
  onGo: (ms: number) => void;
}

export function TimeField({ inputRef, zone, nowMs, shownMs, onGo }: TimeFieldProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState<{ text: string; bad: boolean } | null>(null);
  const go = (event: SubmitEvent): void => {
    event.preventDefault();
    const entry = parseTimeEntry(text, { nowMs: nowMs(), shownMs: shownMs(), zone });
    if (!entry.ok) {
      setAnswer({ text: entry.error, bad: true });
      return;
    }
    if (entry.ms > nowMs()) {
      setAnswer({ text: 'That time is still to come.', bad: true });
      return;
    }
    setAnswer(entry.note === null ? null : { text: entry.note, bad: false });
    setText('');
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    onGo(entry.ms);
  };
  return (
    <form onSubmit={go} className="relative min-w-0">
      <label htmlFor={id} className="sr-only">
        Go to a time
      </label>
      <input
        ref={inputRef}
        id={id}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAnswer(null);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        placeholder="At 14:32"
        autoComplete="off"
        spellCheck={false}
        enterKeyHint="go"
        aria-invalid={answer?.bad === true || undefined}
        aria-describedby={answer ? `${id}-answer` : undefined}
        className="min-h-10 w-33 rounded-control border border-line-strong bg-surface pr-9 pl-3 text-ink placeholder:text-muted hover:border-muted aria-invalid:border-bad sm:w-44"
      />
      <button
        type="submit"
        aria-label="Go to this time"
        className="absolute inset-y-0 right-0 flex w-9 items-center justify-center rounded-control text-muted hover:text-ink"
      >
        <CornerDownLeft size={16} aria-hidden="true" />
      </button>
      {answer ? (
        <p
          id={`${id}-answer`}
          role={answer.bad ? 'alert' : 'status'}
          className={cx(
            'absolute right-0 bottom-full z-20 mb-2 w-64 rounded-control border bg-raised px-3 py-2 text-sm shadow-pop',
            answer.bad ? 'border-bad' : 'border-line-strong',
          )}
        >
          {answer.text}
        </p>
      ) : null}
    </form>
  );
}
