/**
 * A camera that is shown before it is added. It lives while it is wanted: another wish, leaving the screen and closing the
 * window end it at the hub. The hub also forgets it by itself when nobody looks, should the last word not arrive.
 */
import type { newDraft } from '#core/api/onvif-schemas.ts';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import { api, ApiError } from '../../client/api.ts';

export type DraftWish = z.input<typeof newDraft>;

export interface ShownDraft {
  /** For the live socket; null before the hub has answered. */
  id: string | null;
  /** Why it can't be shown. */
  error: Error | null;
}
const nothing: ShownDraft = { id: null, error: null };

async function remove(id: string): Promise<void> {
  try {
    await api.call('removeDraft', { params: { id }, keepalive: true });
  } catch (error) {
    // Gone already, or the hub is away and will forget it: either way nothing is left behind.
    if (!(error instanceof ApiError)) throw error;
  }
}

export function useDraftCamera(wish: DraftWish | null) {
  const [shown, setShown] = useState<ShownDraft>(nothing);
  const [round, setRound] = useState(0);
  const ending = useRef<() => Promise<void>>(null);
  const key = wish === null ? null : JSON.stringify(wish);

  useEffect(() => {
    if (key === null) return;
    let wanted = true;
    const made: Promise<string | null> = api.call('addDraft', { body: JSON.parse(key) as DraftWish }).then(
      ({ id }) => {
        if (wanted) setShown({ id, error: null });
        return id;
      },
      (error: unknown) => {
        if (wanted) setShown({ id: null, error: error instanceof Error ? error : new Error(String(error)) });
        return null;
      },
    );
    const end = async (): Promise<void> => {
      if (!wanted) return;
      wanted = false;
      setShown(nothing);
      const id = await made;
      if (id !== null) await remove(id);
    };
    const onHide = (): void => void end();
    // Back out of the browser's cache: the draft is gone, so a new one is asked for.
    const onShow = (event: PageTransitionEvent): void => {
      if (event.persisted) setRound((old) => old + 1);
    };
    ending.current = end;
    window.addEventListener('pagehide', onHide);
    window.addEventListener('pageshow', onShow);
    return () => {
      window.removeEventListener('pagehide', onHide);
      window.removeEventListener('pageshow', onShow);
      void end();
    };
  }, [key, round]);

  /** Resolves once the hub has let go of the camera: some cameras give two pictures at a time and no third. */
  const end = useCallback(async (): Promise<void> => ending.current?.(), []);
  /** Asks for it anew, e.g. after it could not be made. */
  const again = useCallback((): void => setRound((old) => old + 1), []);
  return { ...shown, end, again };
}
