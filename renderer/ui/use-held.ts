/** A Held for a component: let go of when the window is left, the page is hidden or the component goes. */
import { useEffect, useRef, useState } from 'react';
import { Held, type HeldOptions } from './held.ts';

/** `options` may change at any time; the latest functions are called. */
export function useHeld<T>(options: HeldOptions<T>): Held<T> {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const [held] = useState(
    () =>
      new Held<T>({
        repeatMs: options.repeatMs,
        combine: (values) => latest.current.combine(values),
        send: (value) => latest.current.send(value),
        stop: () => latest.current.stop(),
        onProblem: (error) => latest.current.onProblem(error),
      }),
  );
  useEffect(() => {
    const release = (): void => held.releaseAll();
    const onHidden = (): void => {
      if (document.hidden) release();
    };
    window.addEventListener('blur', release);
    window.addEventListener('pagehide', release);
    document.addEventListener('visibilitychange', onHidden);
    return () => {
      window.removeEventListener('blur', release);
      window.removeEventListener('pagehide', release);
      document.removeEventListener('visibilitychange', onHidden);
      release();
    };
  }, [held]);
  return held;
}
