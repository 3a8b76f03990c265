/** The `?` sheet: every key that does something on this screen. */
import { Dialog } from '../ui/dialog.tsx';
import { keyName, useShortcutGroups } from '../ui/shortcuts.tsx';
import { Key } from '../ui/surfaces.tsx';

export function KeyboardSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const groups = useShortcutGroups();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard" description="What the keys do here." width="wide">
      <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2">
        {groups.map((group) => (
          <section key={group.title}>
            <h3 className="mb-2 text-sm font-semibold text-accent-ink">{group.title}</h3>
            <dl className="space-y-1.5">
              {group.shortcuts.map((shortcut) => (
                <div key={shortcut.words} className="flex items-center justify-between gap-4">
                  <dt>{shortcut.words}</dt>
                  <dd className="flex shrink-0 gap-1">
                    {shortcut.keys.map((key) => (
                      <Key key={key}>{keyName(key)}</Key>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
