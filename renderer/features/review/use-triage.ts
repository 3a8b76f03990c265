/**
 * The state of going through events: which one is current, which are selected, what can be undone. Marks are optimistic
 * (client/review.ts), so that the next key can follow at once.
 */
import type { Event as HubEvent } from '#core/api/schemas.ts';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useMarkReviewed } from '../../client/review.ts';
import { counted } from '../../ui/format.ts';
import { useToast } from '../../ui/toast.tsx';

export interface Triage {
  currentId: string | null;
  selected: ReadonlySet<string>;
  setCurrent: (id: string) => void;
  toggle: (id: string) => void;
  selectAll: () => void;
  clear: () => void;
  /** Marks these, remembers it for undo. */
  mark: (ids: string[], reviewed: boolean) => void;
  undo: () => void;
  /** The event `step` places away in the list, or null past either end. */
  neighbour: (id: string, step: number) => string | null;
}

export function useTriage(events: HubEvent[]): Triage {
  const [wanted, setCurrent] = useState<string | null>(null);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const undoable = useRef<{ ids: string[]; reviewed: boolean }[]>([]);
  const { mutate } = useMarkReviewed();
  const toast = useToast();

  const places = useMemo(() => new Map(events.map((event, index) => [event.id, index])), [events]);
  const currentId = wanted !== null && places.has(wanted) ? wanted : (events[0]?.id ?? null);
  const selected = useMemo(() => new Set([...picked].filter((id) => places.has(id))), [picked, places]);

  const toggle = useCallback((id: string) => {
    setPicked((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  const send = (ids: string[], reviewed: boolean): void =>
    mutate({ ids, reviewed }, { onError: (error) => toast(error.message, { tone: 'problem' }) });

  const undo = (): void => {
    const last = undoable.current.pop();
    if (!last) return;
    send(last.ids, !last.reviewed);
    const [first] = last.ids;
    if (first !== undefined) setCurrent(first);
  };

  const mark = (ids: string[], reviewed: boolean): void => {
    if (ids.length === 0) return;
    undoable.current.push({ ids, reviewed });
    send(ids, reviewed);
    if (ids.length > 1) {
      toast(`${counted(ids.length, 'event')} ${reviewed ? 'reviewed' : 'put back'}`, {
        action: { text: 'Undo', run: undo },
      });
    }
  };

  return {
    currentId,
    selected,
    setCurrent,
    toggle,
    selectAll: () => setPicked(new Set(events.map((event) => event.id))),
    clear: () => setPicked(new Set()),
    mark,
    undo,
    neighbour: (id, step) => events[(places.get(id) ?? -1) + step]?.id ?? null,
  };
}
