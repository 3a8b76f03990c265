/**
 * Keyboard shortcuts. A screen names its keys once with `useShortcuts`; the same list is what the `?` sheet shows, so the
 * sheet can't lie. Keys are ignored while somebody types, while a dialog is open (unless the group belongs to it), and when a
 * control that has the focus used the key itself.
 */
import { createContext, use, useCallback, useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';

export interface Shortcut {
  /** As in KeyboardEvent.key: 'r', 'ArrowLeft', ' ', 'Escape'. Any of them will do. */
  keys: string[];
  words: string;
  run: () => void;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: Shortcut[];
  /** This group belongs to a dialog: it works while one is open, and the groups of the page do not. */
  inDialog?: boolean;
}

interface Registry {
  put: (id: string, group: ShortcutGroup) => void;
  drop: (id: string) => void;
  groups: ShortcutGroup[];
}

const Context = createContext<Registry | null>(null);

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !['button', 'checkbox', 'radio', 'range'].includes(target.type);
}

/** Enter and space belong to a control that has the focus. */
function presses(target: EventTarget | null, key: string): boolean {
  return (
    (key === 'Enter' || key === ' ') &&
    target instanceof HTMLElement &&
    target.matches('button, a[href], [role="button"]')
  );
}

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const registered = useRef(new Map<string, ShortcutGroup>());
  // Only the titles and words are drawn; the functions are read from the ref when a key comes.
  const [groups, setGroups] = useState<ShortcutGroup[]>([]);
  // These two never change: an effect that depends on them must not run again because the list of groups did.
  const put = useCallback((id: string, group: ShortcutGroup): void => {
    const isNew = registered.current.get(id)?.title !== group.title;
    registered.current.set(id, group);
    if (isNew) setGroups([...registered.current.values()]);
  }, []);
  const drop = useCallback((id: string): void => {
    if (registered.current.delete(id)) setGroups([...registered.current.values()]);
  }, []);
  const registry = useMemo<Registry>(() => ({ put, drop, groups }), [put, drop, groups]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (presses(event.target, event.key)) return;
      const dialogOpen = document.querySelector('[data-modal]') !== null;
      const all = [...registered.current.values()].reverse();
      for (const group of all) {
        if ((group.inDialog ?? false) !== dialogOpen) continue;
        const found = group.shortcuts.find((shortcut) => shortcut.keys.includes(event.key));
        if (!found) continue;
        event.preventDefault();
        found.run();
        return;
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  return <Context value={registry}>{children}</Context>;
}

function useRegistry(): Registry {
  const registry = use(Context);
  if (!registry) throw new Error('useShortcuts outside ShortcutProvider');
  return registry;
}

/** Registers a group while the component is there. Pass null to register nothing. */
export function useShortcuts(group: ShortcutGroup | null): void {
  const id = useId();
  const { put, drop } = useRegistry();
  useEffect(() => {
    if (group) put(id, group);
    else drop(id);
  });
  useEffect(() => () => drop(id), [id, drop]);
}

export function useShortcutGroups(): ShortcutGroup[] {
  return useRegistry().groups;
}

const names: Record<string, string> = {
  ' ': 'Space',
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
  Delete: 'Del',
};
export const keyName = (key: string): string => names[key] ?? (key.length === 1 ? key.toUpperCase() : key);
