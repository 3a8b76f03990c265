/** The one button. `primary` is for the single thing a screen asks for; `quiet` sits in rows and toolbars. */
import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from './cx.ts';

type Tone = 'primary' | 'plain' | 'quiet' | 'danger';

const tones: Record<Tone, string> = {
  primary: 'bg-accent text-on-accent hover:brightness-110 active:brightness-95 font-semibold',
  plain: 'bg-raised text-ink border border-line hover:border-line-strong',
  quiet: 'text-muted hover:text-ink hover:bg-raised',
  danger: 'bg-bad-fill text-white hover:brightness-110 font-semibold',
};

export function buttonClass(tone: Tone = 'plain', size: 'small' | 'normal' = 'normal', extra?: string): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-control transition-[filter,background-color,border-color,color] select-none',
    'disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50',
    size === 'small' ? 'min-h-8 px-3 text-sm' : 'min-h-10 px-4',
    tones[tone],
    extra,
  );
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone;
  size?: 'small' | 'normal';
  /** Work is going on: the button says so and takes no second press. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = 'plain', size = 'normal', busy = false, className, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
      className={buttonClass(tone, size, className)}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : null}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** What it does, for a screen reader and as the tooltip. */
  label: string;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cx(
        'inline-flex size-10 shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-raised hover:text-ink disabled:opacity-40',
        className,
      )}
    >
      {children}
    </button>
  );
}
