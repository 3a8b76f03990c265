/** One of a few: radio buttons that look like one control. */
import { RadioGroup } from 'radix-ui';
import type { KeyboardEvent, ReactNode } from 'react';
import { cx } from './cx.ts';

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; text: ReactNode }[];
  onChange: (value: T) => void;
  className?: string;
}

const steps: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Radix chooses a moment later and only while the key is still down: a quick press would move the focus and choose nothing. */
function choose(event: KeyboardEvent<HTMLElement>): void {
  const by = steps[event.key];
  if (by === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('[role="radio"]')];
  const at = buttons.findIndex((button) => button === event.target);
  const next = buttons.at((at + by) % buttons.length);
  if (at === -1 || !next) return;
  event.preventDefault();
  next.focus();
  next.click();
}

export function Segmented<T extends string>({ label, value, options, onChange, className }: SegmentedProps<T>) {
  return (
    <RadioGroup.Root
      aria-label={label}
      value={value}
      onValueChange={(next) => onChange(next as T)}
      onKeyDownCapture={choose}
      className={cx('inline-flex max-w-full rounded-control border border-line bg-sunken p-0.5', className)}
    >
      {options.map((option) => (
        <RadioGroup.Item
          key={option.value}
          value={option.value}
          className="inline-flex min-h-8 min-w-0 items-center justify-center gap-1.5 rounded-[0.5rem] px-3 text-sm text-muted transition-colors hover:text-ink data-[state=checked]:bg-raised data-[state=checked]:font-semibold data-[state=checked]:text-ink data-[state=checked]:shadow-card data-[state=checked]:ring-1 data-[state=checked]:ring-line-strong"
        >
          {option.text}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
