/** The row of buttons under the picture. Every button has a key; the keys are listed in player-keys.ts. */
import {
  Camera as CameraIcon,
  ChevronFirst,
  ChevronLast,
  Maximize,
  Pause,
  Play,
  RotateCcw,
  RotateCw,
  SkipBack,
  SkipForward,
  Volume2,
  VolumeX,
} from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { speeds, type Speed } from './recorded-player.ts';

export interface PlayerActions {
  togglePlay: () => void;
  goLive: () => void;
  jump: (ms: number) => void;
  step: (direction: 1 | -1) => void;
  neighbour: (direction: 1 | -1) => void;
  setSpeed: (speed: Speed) => void;
  faster: (direction: 1 | -1) => void;
  toggleMute: () => void;
  fullScreen: () => void;
  snapshot: () => void;
  markIn: () => void;
  markOut: () => void;
  clearMarks: () => void;
  zoom: (factor: number) => void;
  focusTime: () => void;
}

interface ControlsProps {
  live: boolean;
  playing: boolean;
  muted: boolean;
  speed: Speed;
  hasSound: boolean;
  actions: PlayerActions;
  children: ReactNode;
}

export const Controls = memo(function Controls({
  live,
  playing,
  muted,
  speed,
  hasSound,
  actions,
  children,
}: ControlsProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-1 gap-y-2">
      <div className="flex items-center" role="group" aria-label="Playback">
        <IconButton label="Previous event ([)" onClick={() => actions.neighbour(-1)}>
          <SkipBack size={19} aria-hidden="true" />
        </IconButton>
        <IconButton label="Back 5 s (←)" onClick={() => actions.jump(-5000)}>
          <RotateCcw size={19} aria-hidden="true" />
        </IconButton>
        <span className="hidden lg:contents">
          <IconButton label="One picture back (,)" onClick={() => actions.step(-1)}>
            <ChevronFirst size={20} aria-hidden="true" />
          </IconButton>
        </span>
        <IconButton
          label={playing ? 'Pause (space)' : 'Play (space)'}
          onClick={actions.togglePlay}
          className="mx-1 size-11 rounded-full bg-accent text-on-accent hover:bg-accent hover:text-on-accent hover:brightness-110"
        >
          {playing ? (
            <Pause size={21} fill="currentColor" aria-hidden="true" />
          ) : (
            <Play size={21} fill="currentColor" className="ml-0.5" aria-hidden="true" />
          )}
        </IconButton>
        <span className="hidden lg:contents">
          <IconButton label="One picture on (.)" onClick={() => actions.step(1)}>
            <ChevronLast size={20} aria-hidden="true" />
          </IconButton>
        </span>
        <IconButton label="On 5 s (→)" onClick={() => actions.jump(5000)} disabled={live}>
          <RotateCw size={19} aria-hidden="true" />
        </IconButton>
        <IconButton label="Next event (])" onClick={() => actions.neighbour(1)} disabled={live}>
          <SkipForward size={19} aria-hidden="true" />
        </IconButton>
      </div>
      <LiveButton live={live} onClick={actions.goLive} />
      <select
        aria-label="Speed"
        value={speed}
        disabled={live}
        onChange={(event) => actions.setSpeed(Number(event.target.value) as Speed)}
        className="select min-h-10 w-20 sm:ml-1 rounded-control border border-line bg-surface pl-2.5 text-ink tabular-nums disabled:opacity-50"
      >
        {speeds.map((value) => (
          <option key={value} value={value}>
            {value}×
          </option>
        ))}
      </select>
      <div className="ml-auto flex items-center" role="group" aria-label="Picture">
        {children}
        <IconButton
          label={hasSound ? (muted ? 'Sound on (M)' : 'Sound off (M)') : 'This camera has no sound'}
          onClick={actions.toggleMute}
          disabled={!hasSound}
        >
          {muted ? <VolumeX size={19} aria-hidden="true" /> : <Volume2 size={19} aria-hidden="true" />}
        </IconButton>
        <IconButton label="Save this picture (S)" onClick={actions.snapshot}>
          <CameraIcon size={19} aria-hidden="true" />
        </IconButton>
        <IconButton label="Full screen (F)" onClick={actions.fullScreen}>
          <Maximize size={19} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
});

function LiveButton({ live, onClick }: { live: boolean; onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-pressed={live}
      aria-label={live ? 'Live' : 'Go live (L)'}
      title={live ? 'This is live' : 'Go live (L)'}
      className={cx(
        'ml-1 inline-flex min-h-10 items-center gap-2 rounded-control px-3 font-semibold transition-colors',
        live ? 'text-ink' : 'text-muted hover:bg-raised hover:text-ink',
      )}
    >
      <span className={cx('size-2 rounded-full', live ? 'rec-dot bg-rec' : 'bg-line-strong')} aria-hidden="true" />
      {live ? 'Live' : 'Go live'}
    </button>
  );
}
