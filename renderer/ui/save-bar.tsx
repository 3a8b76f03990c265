/** Appears when something was changed and not yet saved. Sits in a form: its button submits. */
import { Button } from './button.tsx';
import { Problem } from './surfaces.tsx';

interface SaveBarProps {
  dirty: boolean;
  busy: boolean;
  error: Error | null;
  onDiscard: () => void;
}

export function SaveBar({ dirty, busy, error, onDiscard }: SaveBarProps) {
  if (!dirty && !error) return null;
  return (
    <div className="sticky bottom-20 z-20 mt-5 max-w-6xl space-y-2 md:bottom-5">
      {error ? <Problem error={error} /> : null}
      <div className="flex flex-wrap items-center justify-end gap-3 rounded-card border border-line-strong bg-raised px-4 py-2.5 shadow-pop">
        <p role="status" className="min-w-0 flex-1 text-sm">
          Not saved yet
        </p>
        <Button tone="quiet" onClick={onDiscard}>
          Discard
        </Button>
        <Button type="submit" tone="primary" busy={busy}>
          Save
        </Button>
      </div>
    </div>
  );
}
