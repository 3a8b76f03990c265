/** Push to talk: held, with the button or a key. Says what it waits for, shows that it hears, and why it could not. */
import { Mic } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { cx } from '../../../ui/cx.ts';
import { HoldButton } from '../../../ui/hold-button.tsx';
import { useShortcuts } from '../../../ui/shortcuts.tsx';
import { Talk, type TalkState } from './talk.ts';

interface TalkButtonProps {
  cameraId: string;
  onSpeaking: (speaking: boolean) => void;
}

const saidForMs = 12_000;

export function TalkButton({ cameraId, onSpeaking }: TalkButtonProps) {
  const [state, setState] = useState<TalkState>({ is: 'quiet', note: null });
  const talk = useRef<Talk>(null);
  const count = useRef(0);
  const press = useCallback(() => {
    talk.current?.end();
    count.current += 1;
    const number = count.current;
    // A talk that was let go may still learn something; a newer one has the word.
    talk.current = new Talk(cameraId, (next) => {
      if (number === count.current) setState(next);
    });
  }, [cameraId]);
  const release = useCallback(() => {
    talk.current?.end();
    talk.current = null;
  }, []);
  useEffect(() => {
    const onHidden = (): void => {
      if (document.hidden) release();
    };
    window.addEventListener('blur', release);
    document.addEventListener('visibilitychange', onHidden);
    return () => {
      window.removeEventListener('blur', release);
      document.removeEventListener('visibilitychange', onHidden);
      release();
    };
  }, [release]);
  const speaking = state.is === 'speaking';
  // Words that were read cover the picture for nothing.
  useEffect(() => {
    if (state.is !== 'failed' && state.is !== 'quiet') return;
    if (wordsOf(state) === '') return;
    const timer = window.setTimeout(() => setState({ is: 'quiet', note: null }), saidForMs);
    return () => window.clearTimeout(timer);
  }, [state]);
  useEffect(() => {
    onSpeaking(speaking);
    return () => onSpeaking(false);
  }, [speaking, onSpeaking]);
  useShortcuts(
    useMemo(
      () => ({
        title: 'Speaking',
        shortcuts: [{ keys: ['Shift+T'], words: 'Speak through the camera while held', run: press, release }],
      }),
      [press, release],
    ),
  );
  const said = wordsOf(state);
  return (
    <div
      className="flex w-full flex-wrap items-center gap-2 rounded-card border border-line bg-surface p-1.5 over:w-auto over:flex-nowrap over:shadow-pop"
      data-talk={state.is}
    >
      <HoldButton
        label={speaking ? 'Speaking: let go to end' : 'Hold to speak (Shift T)'}
        onPress={press}
        onRelease={release}
        className={cx(
          'flex min-h-11 shrink-0 grow items-center justify-center gap-2 rounded-control px-3.5 font-semibold transition-colors',
          speaking ? 'bg-bad-fill text-white' : 'bg-raised text-ink hover:bg-line',
        )}
      >
        <Mic size={19} aria-hidden="true" /> {speaking ? 'Speaking' : 'Hold to speak'}
      </HoldButton>
      {speaking ? <Level level={state.level} /> : null}
      <p
        role="status"
        className={cx(
          'min-w-0 basis-full text-sm empty:hidden over:max-w-72 over:basis-auto',
          state.is === 'failed' ? 'text-bad' : 'text-muted',
          said !== '' && 'px-1.5 pb-1 over:py-0 over:pl-0',
        )}
      >
        {said}
      </p>
    </div>
  );
}

function wordsOf(state: TalkState): string {
  switch (state.is) {
    case 'quiet':
      return state.note ?? '';
    case 'asking':
      return 'Asking for the microphone…';
    case 'connecting':
      return 'Connecting to the camera…';
    case 'speaking':
      return '';
    case 'failed':
      return state.words;
  }
}

/** Hears something: the person sees that the right microphone is on. */
function Level({ level }: { level: number }) {
  const percent = Math.round(level * 100);
  return (
    <div
      role="meter"
      aria-label="How loud the microphone is"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="mr-1.5 h-2.5 w-24 overflow-hidden rounded-full bg-line"
    >
      <div className="h-full rounded-full bg-good" style={{ width: `${percent}%` }} />
    </div>
  );
}
