/** Where the pad points: velocities in the camera's own view, right and up positive. */
import {
  ArrowDown,
  ArrowDownLeft,
  ArrowDownRight,
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  ArrowUpLeft,
  ArrowUpRight,
  type LucideIcon,
} from 'lucide-react';

export interface Velocity {
  pan: number;
  tilt: number;
  zoom: number;
}

export const directions: { name: string; icon: LucideIcon; pan: number; tilt: number }[] = [
  { name: 'up and left', icon: ArrowUpLeft, pan: -1, tilt: 1 },
  { name: 'up', icon: ArrowUp, pan: 0, tilt: 1 },
  { name: 'up and right', icon: ArrowUpRight, pan: 1, tilt: 1 },
  { name: 'left', icon: ArrowLeft, pan: -1, tilt: 0 },
  { name: 'right', icon: ArrowRight, pan: 1, tilt: 0 },
  { name: 'down and left', icon: ArrowDownLeft, pan: -1, tilt: -1 },
  { name: 'down', icon: ArrowDown, pan: 0, tilt: -1 },
  { name: 'down and right', icon: ArrowDownRight, pan: 1, tilt: -1 },
];

export const speeds = { slow: 0.2, medium: 0.5, fast: 1 } as const;
export type SpeedName = keyof typeof speeds;

const clamp = (value: number): number => Math.max(-1, Math.min(1, value));

/** Two keys at once are a diagonal; opposite ones are nothing. */
export function together(parts: Velocity[]): Velocity | null {
  const sum = { pan: 0, tilt: 0, zoom: 0 };
  for (const part of parts) {
    sum.pan += part.pan;
    sum.tilt += part.tilt;
    sum.zoom += part.zoom;
  }
  const whole = { pan: clamp(sum.pan), tilt: clamp(sum.tilt), zoom: clamp(sum.zoom) };
  return whole.pan === 0 && whole.tilt === 0 && whole.zoom === 0 ? null : whole;
}
