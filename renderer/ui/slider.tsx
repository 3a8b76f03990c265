/** A slider that says its value in words. */
import { Slider as Radix } from 'radix-ui';
import { useId } from 'react';

interface SliderProps {
  label: string;
  hint?: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** The value as a person says it. */
  words: (value: number) => string;
  onChange: (value: number) => void;
  /** The slider was let go, or a key moved it. */
  onCommit?: (value: number) => void;
  disabled?: boolean;
}

export function Slider({
  label,
  hint,
  value,
  min,
  max,
  step,
  words,
  onChange,
  onCommit,
  disabled = false,
}: SliderProps) {
  const id = useId();
  return (
    <div>
      <div className="mb-1 flex items-baseline justify-between gap-4">
        <span id={id} className="text-sm font-medium">
          {label}
        </span>
        <span className="tabular text-sm text-muted">{words(value)}</span>
      </div>
      <Radix.Root
        value={[value]}
        min={min}
        max={max}
        step={step}
        disabled={disabled}
        onValueChange={([next]) => {
          if (next !== undefined) onChange(next);
        }}
        onValueCommit={([next]) => {
          if (next !== undefined) onCommit?.(next);
        }}
        className="relative flex h-8 touch-none items-center select-none data-disabled:opacity-50"
      >
        <Radix.Track className="relative h-1.5 grow rounded-full bg-line">
          <Radix.Range className="absolute h-full rounded-full bg-accent" />
        </Radix.Track>
        <Radix.Thumb
          aria-labelledby={id}
          aria-valuetext={words(value)}
          className="block size-5 rounded-full border-2 border-accent-ink bg-surface shadow-card"
        />
      </Radix.Root>
      {hint === undefined ? null : <p className="text-sm text-muted">{hint}</p>}
    </div>
  );
}
