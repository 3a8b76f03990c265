/**
 * Keyboard shortcuts. A screen names its keys once with `useShortcuts`; the same list is what the `?` sheet shows, so the
 * sheet can't lie. Keys are ignored while somebody types, while a dialog is open (unless the group belongs to it), and when a
 * control that has the focus used the key itself. A held key is let go of whatever happens: key up, window left, page hidden.
 * What is drawn answers: keys are registered before the browser paints, since the next key can come as soon as it has.
 */
import {
  createContext,
  use,
  useCallback,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';

export interface Shortcut {
  /** As in KeyboardEvent.key: 'r', 'ArrowLeft', ' ', 'Escape', 'Shift+ArrowLeft', 'Shift+H'. Any of them will do. */
  keys: string[];
  words: string;
  run: (key: string) => void;
  /** For keys that work while they are held: `run` is called once per press, this once it ends. */
  release?: (key: string) => void;
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

/** 'Shift+H' for an H with Shift, whatever Caps Lock says; null without Shift. */
function withShift({ shiftKey, key }: KeyboardEvent): string | null {
  return shiftKey ? `Shift+${key.length === 1 ? key.toUpperCase() : key}` : null;
}

/** A key with Shift means its own shortcut first; '?' and '<' are typed with Shift and have none. */
function find(groups: ShortcutGroup[], event: KeyboardEvent): { shortcut: Shortcut; key: string } | null {
  for (const key of [withShift(event), event.key]) {
    if (key === null) continue;
    for (const group of groups) {
      const shortcut = group.shortcuts.find(({ keys }) => keys.includes(key));
      if (shortcut) return { shortcut, key };
    }
  }
  return null;
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

  useLayoutEffect(() => {
    /** By physical key: with Shift let go first, the key that comes up has another name. */
    const held = new Map<string, () => void>();
    const releaseAll = (): void => {
      const ends = [...held.values()];
      held.clear();
      for (const end of ends) end();
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (held.has(event.code)) {
        event.preventDefault();
        return;
      }
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (presses(event.target, event.key)) return;
      const dialogOpen = document.querySelector('[data-modal]') !== null;
      const groups = [...registered.current.values()].filter((group) => (group.inDialog ?? false) === dialogOpen);
      const found = find(groups.reverse(), event);
      if (!found) return;
      event.preventDefault();
      const { shortcut, key } = found;
      // A key that was down before this page could see it come up would never end.
      if (shortcut.release && event.repeat) return;
      if (shortcut.release) held.set(event.code, () => shortcut.release?.(key));
      shortcut.run(key);
    };
    const onKeyUp = (event: KeyboardEvent): void => {
      if (event.key === 'Shift') {
        releaseAll();
        return;
      }
      const end = held.get(event.code);
      held.delete(event.code);
      end?.();
    };
    const onHidden = (): void => {
      if (document.hidden) releaseAll();
    };
    window.addEventListener('keydown', onKeyDown);
    window.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', releaseAll);
    document.addEventListener('visibilitychange', onHidden);
    return () => {
      releaseAll();
      window.removeEventListener('keydown', onKeyDown);
      window.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', releaseAll);
      document.removeEventListener('visibilitychange', onHidden);
    };
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
  useLayoutEffect(() => {
    if (group) put(id, group);
    else drop(id);
  });
  useLayoutEffect(() => () => drop(id), [id, drop]);
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
export const keyName = (key: string): string =>
  key.startsWith('Shift+')
    ? `Shift ${keyName(key.slice(6))}`
    : (names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
