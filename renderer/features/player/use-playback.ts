/**
 * Live or recorded: which one is on screen, and the way between them. Owns the RecordedPlayer and the playhead; everything is
 * in UTC milliseconds of the hub's clock.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { LiveState, LiveStatus } from '../../ui/live-tile.tsx';
import { Playhead } from './playhead.ts';
import { RecordedPlayer, type RecordedState, type Speed } from './recorded-player.ts';

/** Closer to now than this there is nothing recorded yet: it means live. */
const liveWithinMs = 4000;

export interface Playback {
  live: boolean;
  liveState: LiveState;
  recorded: RecordedState;
  playhead: Playhead;
  speed: Speed;
  /** The moment asked for last; null while live. */
  soughtMs: number | null;
  video: () => HTMLVideoElement | null;
  recordedRef: (video: HTMLVideoElement | null) => void;
  liveRef: (video: HTMLVideoElement | null) => void;
  onLiveState: (state: LiveState, status: LiveStatus) => void;
  /** `slackMs`: how much earlier will do, when the wish is not exact. */
  seek: (ms: number, slackMs?: number) => void;
  goLive: () => void;
  togglePlay: () => void;
  pause: () => void;
  step: (direction: 1 | -1) => void;
  setSpeed: (speed: Speed) => void;
  /** Called before the address is changed to name this moment, so that it is not taken for a wish. */
  noteAddress: (ms: number | undefined) => void;
}

const atRest: RecordedState = { seeking: false, playing: true, problem: null };

export function usePlayback(cameraId: string, atMs: number | undefined, nowMs: () => number): Playback {
  const [soughtMs, setSoughtMs] = useState<number | null>(atMs ?? null);
  const [recorded, setRecorded] = useState<RecordedState>({ ...atRest, seeking: atMs !== undefined });
  const [liveState, setLiveState] = useState<LiveState>('connecting');
  const [speed, setSpeedState] = useState<Speed>(1);
  const [playhead] = useState(() => new Playhead(atMs ?? nowMs()));
  const player = useRef<RecordedPlayer>(null);
  const element = useRef<HTMLVideoElement>(null);
  /** What a new player starts with. */
  const start = useRef<{ ms: number; playing: boolean; speed: Speed }>({ ms: atMs ?? 0, playing: true, speed: 1 });
  const live = soughtMs === null;

  const goLive = useCallback(() => {
    start.current = { ...start.current, playing: true, speed: 1 };
    setSpeedState(1);
    setSoughtMs(null);
    playhead.set(nowMs());
  }, [playhead, nowMs]);

  const recordedRef = useCallback(
    (video: HTMLVideoElement | null) => {
      player.current?.close();
      player.current = null;
      element.current = video;
      if (!video) return;
      const next = new RecordedPlayer({
        cameraId,
        video,
        onState: setRecorded,
        onTime: (ms) => playhead.set(ms),
        onEnd: () => {
          // The end of what is recorded is now: go on live. Anywhere else stay and say so.
          if (nowMs() - playhead.get() < 60_000) goLive();
        },
      });
      player.current = next;
      next.setSpeed(start.current.speed);
      if (start.current.playing) next.play();
      next.seek(start.current.ms);
    },
    [cameraId, playhead, nowMs, goLive],
  );

  const liveRef = useCallback((video: HTMLVideoElement | null) => {
    element.current = video;
  }, []);

  const onLiveState = useCallback((state: LiveState) => setLiveState(state), []);
  useLivePlayhead(live, liveState, playhead, nowMs);

  const seek = useCallback(
    (ms: number, slackMs = 0) => {
      if (ms > nowMs() - liveWithinMs) {
        goLive();
        return;
      }
      const to = Math.max(0, Math.round(ms));
      start.current = { ...start.current, ms: to };
      playhead.set(to);
      setSoughtMs(to);
      player.current?.seek(to, slackMs);
    },
    [goLive, nowMs, playhead],
  );

  /** From live a step back begins: the moment on screen, paused. */
  const pause = useCallback(() => {
    start.current = { ...start.current, playing: false };
    if (player.current) player.current.pause();
    else seek(Math.min(playhead.get(), nowMs() - liveWithinMs - 500));
  }, [seek, playhead, nowMs]);

  const togglePlay = useCallback(() => {
    if (!player.current || start.current.playing) {
      pause();
      return;
    }
    start.current = { ...start.current, playing: true };
    player.current.play();
  }, [pause]);

  const step = useCallback(
    (direction: 1 | -1) => {
      pause();
      player.current?.step(direction);
    },
    [pause],
  );

  const setSpeed = useCallback((next: Speed) => {
    start.current = { ...start.current, speed: next };
    setSpeedState(next);
    player.current?.setSpeed(next);
  }, []);

  // The address changed by itself (a link, the back button): go there. What we wrote into it ourselves is where we are already,
  // or where we were a moment ago.
  const written = useRef(atMs);
  const noteAddress = useCallback((ms: number | undefined) => {
    written.current = ms;
  }, []);
  useEffect(() => {
    if (atMs === written.current) return;
    written.current = atMs;
    if (atMs === undefined) goLive();
    else seek(atMs);
  }, [atMs, seek, goLive]);

  return {
    live,
    liveState,
    recorded: live ? atRest : recorded,
    playhead,
    speed,
    soughtMs,
    video: () => element.current,
    recordedRef,
    liveRef,
    onLiveState,
    seek,
    goLive,
    togglePlay,
    pause,
    step,
    setSpeed,
    noteAddress,
  };
}

/** Live: the playhead is now while pictures come, and stands still when they don't. */
function useLivePlayhead(live: boolean, state: LiveState, playhead: Playhead, nowMs: () => number): void {
  useEffect(() => {
    if (!live || (state !== 'live' && state !== 'connecting')) return;
    playhead.set(nowMs());
    const timer = window.setInterval(() => playhead.set(nowMs()), 250);
    return () => window.clearInterval(timer);
  }, [live, state, playhead, nowMs]);
}
