/**
 * A button that works while it is held, by finger, mouse or key. A press that has no length (a screen reader's) counts as a
 * short one, so that everybody can use it.
 */
import { useEffect, useRef, type ReactNode } from 'react';
import { cx } from './cx.ts';

interface HoldButtonProps {
  label: string;
  className?: string;
  disabled?: boolean;
  onPress: () => void;
  onRelease: () => void;
  children: ReactNode;
}

const nudgeMs = 400;

export function HoldButton({ label, className, disabled = false, onPress, onRelease, children }: HoldButtonProps) {
  const down = useRef(false);
  /** When a real press ended last: the click that follows it is no press of its own. */
  const endedMs = useRef(-Infinity);
  const timer = useRef<number>(undefined);
  const end = useRef(onRelease);
  useEffect(() => {
    end.current = onRelease;
  });
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
      if (down.current) end.current();
    },
    [],
  );

  const press = (): void => {
    if (down.current || disabled) return;
    window.clearTimeout(timer.current);
    down.current = true;
    onPress();
  };
  const release = (): void => {
    if (!down.current) return;
    down.current = false;
    endedMs.current = performance.now();
    onRelease();
  };
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        press();
      }}
      onPointerUp={release}
      onPointerCancel={release}
      onLostPointerCapture={release}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        if (!event.repeat) press();
      }}
      onKeyUp={(event) => {
        if (event.key === 'Enter' || event.key === ' ') release();
      }}
      onBlur={release}
      onClick={() => {
        if (down.current || performance.now() - endedMs.current < 500) return;
        press();
        timer.current = window.setTimeout(release, nudgeMs);
      }}
      // A long touch would open the menu of the browser.
      onContextMenu={(event) => event.preventDefault()}
      className={cx('touch-none select-none', className)}
    >
      {children}
    </button>
  );
}
