/** What every step of the wizard is made of: its title, its row of buttons, and the wait for a camera. */
import { Link } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../ui/button.tsx';

interface StepTitleProps {
  children: string;
  note?: ReactNode;
  /** The step begins at its title, for steps whose first thing is not a field. */
  start?: boolean;
}

export function StepTitle({ children, note, start = false }: StepTitleProps) {
  return (
    <header className="mb-4">
      <h2
        id="step-title"
        tabIndex={-1}
        {...(start ? { 'data-step-start': '' } : {})}
        className="text-lg font-semibold tracking-tight outline-none"
      >
        {children}
      </h2>
      {note === undefined ? null : <div className="mt-0.5 max-w-prose text-pretty text-muted">{note}</div>}
    </header>
  );
}

/** Back on the left, on to the next on the right; giving up is always one press away. */
export function StepButtons({ onBack, children }: { onBack?: () => void; children: ReactNode }) {
  return (
    <div className="mt-6 flex flex-wrap items-center gap-3 border-t border-line pt-5">
      {onBack ? (
        <Button onClick={onBack}>
          <ArrowLeft size={16} aria-hidden="true" /> Back
        </Button>
      ) : null}
      <Link to="/cameras" className={buttonClass('quiet')}>
        Cancel
      </Link>
      <div className="flex w-full flex-wrap gap-3 *:grow sm:ml-auto sm:w-auto">{children}</div>
    </div>
  );
}

export function Asking({ what, onCancel }: { what: string; onCancel: () => void }) {
  return (
    <div className="flex flex-wrap items-center gap-3 rounded-card border border-line bg-sunken px-4 py-3">
      <span className="spinner text-accent-ink" aria-hidden="true" />
      <p role="status" className="min-w-0 flex-1 wrap-anywhere">
        {what}
      </p>
      <Button size="small" onClick={onCancel}>
        Stop
      </Button>
    </div>
  );
}
