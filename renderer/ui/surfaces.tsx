/** What screens are made of: page head, card, empty state, problem, keyboard key, bar. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { cx } from './cx.ts';

interface PageHeadProps {
  title: string;
  /** One sentence under the title. */
  note?: ReactNode;
  actions?: ReactNode;
}

export function PageHead({ title, note, actions }: PageHeadProps) {
  return (
    <header className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight text-balance wrap-anywhere sm:text-[1.75rem]">{title}</h1>
        {note === undefined ? null : <div className="mt-1 text-muted">{note}</div>}
      </div>
      {actions === undefined ? null : <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

interface CardProps {
  title?: string;
  note?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Card({ title, note, children, className }: CardProps) {
  return (
    <section className={cx('rounded-card border border-line bg-surface p-5 shadow-card sm:p-6', className)}>
      {title === undefined ? null : <h2 className="text-base font-semibold">{title}</h2>}
      {note === undefined ? null : <div className="mt-1 text-sm text-muted">{note}</div>}
      <div className={title === undefined && note === undefined ? '' : 'mt-4'}>{children}</div>
    </section>
  );
}

interface EmptyProps {
  picture: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ picture, title, children, action }: EmptyProps) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-4 py-14 text-center">
      <div className="mb-5 text-accent-ink">{picture}</div>
      <h2 className="text-xl font-semibold tracking-tight text-balance">{title}</h2>
      {children === undefined ? null : <div className="mt-2 text-muted text-pretty">{children}</div>}
      {action === undefined ? null : <div className="mt-6 flex flex-wrap justify-center gap-3">{action}</div>}
    </div>
  );
}

/** Something went wrong, in the hub's words, with the way on. */
export function Problem({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-3 rounded-card border border-bad/40 bg-bad-soft px-4 py-3"
    >
      <TriangleAlert size={18} className="shrink-0 text-bad" aria-hidden="true" />
      <p className="min-w-0 flex-1 break-words">{error.message}</p>
      {onRetry ? (
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div role="status" className="flex items-center gap-3 py-10 text-muted">
      <span className="spinner" aria-hidden="true" />
      {what}…
    </div>
  );
}

export function Key({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-6 min-w-6 items-center justify-center rounded-md border border-line-strong border-b-2 bg-raised px-1.5 font-sans text-xs font-semibold text-ink">
      {children}
    </kbd>
  );
}

/** A bar whose parts are shares of the whole, 0..1. The words next to it carry the meaning. */
export function Bar({ share, label }: { share: number; label: string }) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-2 overflow-hidden rounded-full bg-line"
    >
      <div className="h-full rounded-full bg-accent" style={{ width: `${percent}%` }} />
    </div>
  );
}
