/** A slider in the camera's own numbers: follows the hand, is sent when it is let go, and jumps back when the camera refuses. */
import { useState } from 'react';
import { number } from '../../ui/format.ts';
import { Slider } from '../../ui/slider.tsx';

interface ImagingSliderProps {
  label: string;
  range: { min: number; max: number };
  /** Null: the camera does not say. */
  value: number | null;
  onCommit: (value: number) => Promise<unknown>;
}

export function ImagingSlider({ label, range, value, onCommit }: ImagingSliderProps) {
  const { min, max } = range;
  /** While the hand is at it and until the camera answered. */
  const [held, setHeld] = useState<number | null>(null);
  const [touched, setTouched] = useState(false);
  const shown = held ?? value ?? (min + max) / 2;
  // Ranges of 0..1 and of 0..255 both occur.
  const step = max - min > 10 ? 1 : (max - min) / 100;
  return (
    <Slider
      label={label}
      value={shown}
      min={min}
      max={max}
      step={step}
      words={(at) => (value === null && !touched ? 'unknown' : number(at))}
      onChange={(next) => {
        setTouched(true);
        setHeld(next);
      }}
      onCommit={(next) => {
        setHeld(next);
        // The reason of a refusal is shown by whoever sends; here the slider goes back to what is.
        void onCommit(next).then(
          () => setHeld(null),
          () => setHeld(null),
        );
      }}
    />
  );
}
