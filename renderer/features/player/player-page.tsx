/** One camera: live, and its past on a timeline. */
import type { Camera } from '#core/api/schemas.ts';
import { useNavigate } from '@tanstack/react-router';
import { Minus, Plus, Settings2 } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useCamera, useCameras } from '../../client/queries.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { loadHls } from '../../ui/hls.ts';
import { useShortcuts } from '../../ui/shortcuts.tsx';
import { Loading, Problem } from '../../ui/surfaces.tsx';
import { cameraWords } from '../../ui/words.tsx';
import { Controls, type PlayerActions } from './controls.tsx';
import { ExportPanel } from './export-panel.tsx';
import { LiveDock } from './live-dock.tsx';
import { useHubNow } from './hub-clock.ts';
import { browserZone } from './local-time.ts';
import { playerKeys } from './player-keys.ts';
import { usePlayheadSecond, type Playhead } from './playhead.ts';
import { Stage } from './stage.tsx';
import { TimeField } from './time-field.tsx';
import { useTimelineData } from './timeline-data.ts';
import { centredOn, keepNearPast, spanOf } from './timeline-scale.ts';
import { Timeline, type MarkedRange } from './timeline.tsx';
import { noMarks, useActions } from './use-actions.ts';
import { usePlayback, type Playback } from './use-playback.ts';
import { clockAt, dayAt } from './words.ts';

interface PlayerPageProps {
  cameraId: string;
  /** Where to start, UTC milliseconds; live when left out. */
  atMs?: number;
}

export function PlayerPage({ cameraId, atMs }: PlayerPageProps) {
  const camera = useCamera(cameraId);
  if (camera.isPending) return <Loading what="Asking for the camera" />;
  if (camera.isError) return <Problem error={camera.error} onRetry={() => void camera.refetch()} />;
  if (!camera.data) return <Problem error={new Error('There is no such camera. It may have been removed.')} />;
  return <Player key={cameraId} camera={camera.data} atMs={atMs} />;
}

const firstSpanMs = 60 * 60_000;

function Player({ camera, atMs }: { camera: Camera; atMs: number | undefined }) {
  const nowMs = useHubNow();
  const zone = useMemo(browserZone, []);
  const [view, setView] = useState(() => keepNearPast(centredOn(atMs ?? nowMs(), firstSpanMs), nowMs()));
  const [range, setRange] = useState(noMarks);
  const [muted, setMuted] = useState(true);
  const [speaking, setSpeaking] = useState(false);
  const [over, setOver] = useState<HTMLElement | null>(null);
  const playback = usePlayback(camera.id, atMs, nowMs);
  const data = useTimelineData(camera.id, view);
  const stage = useRef<HTMLDivElement>(null);
  const timeField = useRef<HTMLInputElement>(null);
  const stageTop = useTop(stage);
  const { playhead, live, seek } = playback;
  useAddress(camera.id, playback.soughtMs, playback.noteAddress);
  // The library is there before the first seek asks for it.
  useEffect(() => {
    loadHls().catch(() => undefined); // The seek itself asks again and says so.
  }, []);

  const go = useCallback(
    (ms: number) => {
      seek(ms);
      setView((old) => (ms >= old.fromMs && ms <= old.toMs ? old : keepNearPast(centredOn(ms, spanOf(old)), nowMs())));
    },
    [seek, nowMs],
  );
  const onScrub = useCallback(
    (ms: number, done: boolean) => {
      if (done) seek(ms);
      else playhead.set(Math.min(ms, nowMs()));
    },
    [seek, playhead, nowMs],
  );
  const actions = useActions({
    camera,
    playback,
    events: data.events,
    go,
    nowMs,
    zone,
    setMuted,
    setRange,
    setView,
    stage,
    timeField,
  });
  useShortcuts(useMemo(() => playerKeys(actions), [actions]));

  const hasSound = camera.audio && camera.streams.some((stream) => stream.audio !== null);
  return (
    <div className="mx-auto flex max-w-[88rem] flex-col gap-3">
      <PlayerHead camera={camera} playback={playback} zone={zone} nowMs={nowMs} />
      <div ref={stage} className="relative fullscreen:bg-night">
        <div
          style={{ maxHeight: `max(12rem, calc(100dvh - ${stageTop}px - 14.5rem))` }}
          className="relative aspect-video w-full overflow-hidden rounded-card border border-line bg-night shadow-card in-fullscreen:aspect-auto in-fullscreen:h-full in-fullscreen:max-h-none! in-fullscreen:rounded-none in-fullscreen:border-0"
        >
          <Stage
            cameraId={camera.id}
            cameraName={camera.name}
            live={live}
            muted={muted || speaking}
            soughtMs={playback.soughtMs}
            recorded={playback.recorded}
            recordedRef={playback.recordedRef}
            liveRef={playback.liveRef}
            onLiveState={playback.onLiveState}
          />
          <div ref={setOver} className="contents" />
        </div>
        {live ? <LiveDock camera={camera} over={over} video={playback.video} onSpeaking={setSpeaking} /> : null}
      </div>
      <Controls
        live={live}
        playing={live || playback.recorded.playing}
        muted={muted}
        speed={playback.speed}
        hasSound={hasSound}
        actions={actions}
      >
        <TimeField inputRef={timeField} zone={zone} nowMs={nowMs} shownMs={playhead.get} onGo={go} />
      </Controls>
      <div className="rounded-card border border-line bg-surface px-2 pt-1 pb-0.5">
        <Timeline
          cameraId={camera.id}
          data={data}
          view={view}
          onView={setView}
          playhead={playhead}
          live={live}
          shiftTaken={live && camera.onvif?.ptz === true}
          range={range}
          zone={zone}
          nowMs={nowMs}
          onSeek={seek}
          onScrub={onScrub}
        />
        <TimelineFoot cameraId={camera.id} zone={zone} actions={actions} range={range} />
      </div>
      {data.error ? <Problem error={data.error} /> : null}
    </div>
  );
}

/** How far down the page an element begins: what is above it (a banner, a wrapped title) decides how tall the picture may be. */
function useTop(element: React.RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(96);
  useEffect(() => {
    const measure = (): void => {
      if (element.current) setTop(Math.round(element.current.getBoundingClientRect().top + window.scrollY));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    return () => observer.disconnect();
  }, [element]);
  return top;
}

/** The address names the moment, so that reload, back and a copied link lead to it. */
function useAddress(cameraId: string, soughtMs: number | null, note: (ms: number | undefined) => void): void {
  const navigate = useNavigate();
  const written = useRef(soughtMs);
  useEffect(() => {
    if (written.current === soughtMs) return;
    const timer = window.setTimeout(() => {
      written.current = soughtMs;
      note(soughtMs ?? undefined);
      const search = soughtMs === null ? {} : { at: soughtMs };
      void navigate({ to: '/camera/$cameraId', params: { cameraId }, search, replace: true, resetScroll: false });
    }, 400);
    return () => window.clearTimeout(timer);
  }, [navigate, cameraId, soughtMs, note]);
}

interface HeadProps {
  camera: Camera;
  playback: Playback;
  zone: string;
  nowMs: () => number;
}

function PlayerHead({ camera, playback, zone, nowMs }: HeadProps) {
  const navigate = useNavigate();
  return (
    <header className="flex items-center justify-between gap-x-4">
      <div className="flex min-w-0 items-center gap-1">
        <CameraSwitcher camera={camera} playback={playback} />
        <IconButton
          label="Settings of this camera"
          onClick={() => void navigate({ to: '/cameras/$cameraId', params: { cameraId: camera.id } })}
        >
          <Settings2 size={18} aria-hidden="true" />
        </IconButton>
      </div>
      <PlayheadClock playhead={playback.playhead} zone={zone} nowMs={nowMs} camera={camera} live={playback.live} />
    </header>
  );
}

/** Another camera at the same moment. */
function CameraSwitcher({ camera, playback }: { camera: Camera; playback: Playback }) {
  const cameras = useCameras().data ?? [camera];
  const navigate = useNavigate();
  return (
    <h1 className="min-w-0">
      <select
        aria-label="Camera"
        value={camera.id}
        onChange={(event) => {
          const search = playback.live ? {} : { at: Math.round(playback.playhead.get()) };
          void navigate({ to: '/camera/$cameraId', params: { cameraId: event.target.value }, search });
        }}
        className="select -ml-3 min-h-10 max-w-[44vw] truncate rounded-control pl-3 text-lg font-semibold tracking-tight hover:bg-raised sm:text-2xl"
      >
        {cameras.map((other) => (
          <option key={other.id} value={other.id}>
            {other.name}
          </option>
        ))}
      </select>
    </h1>
  );
}

interface ClockProps {
  playhead: Playhead;
  zone: string;
  nowMs: () => number;
  camera: Camera;
  live: boolean;
}

function PlayheadClock({ playhead, zone, nowMs, camera, live }: ClockProps) {
  const second = usePlayheadSecond(playhead);
  const down = live && (camera.state === 'offline' || camera.state === 'wrong_password');
  return (
    <p className="flex flex-col items-end tabular-nums sm:flex-row sm:items-baseline sm:gap-2.5" data-playhead={second}>
      <span className={cx('text-xs sm:text-sm', down ? 'text-bad' : 'text-muted')}>
        {down ? cameraWords(camera).word : dayAt(second, zone, nowMs())}
      </span>
      <time dateTime={new Date(second).toISOString()} className="text-lg leading-6 font-semibold sm:text-2xl">
        {clockAt(second, zone)}
      </time>
    </p>
  );
}

interface FootProps {
  cameraId: string;
  zone: string;
  actions: PlayerActions;
  range: MarkedRange;
}

function TimelineFoot({ cameraId, zone, actions, range }: FootProps) {
  const marked = range.inMs !== null || range.outMs !== null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-1 pb-1.5">
      {marked ? (
        <ExportPanel cameraId={cameraId} range={range} zone={zone} onClear={actions.clearMarks} />
      ) : (
        <span className="hidden min-w-0 truncate text-xs text-muted sm:inline">{zone.replaceAll('_', ' ')}</span>
      )}
      <div className="ml-auto flex items-center gap-1">
        <FootButton onClick={actions.markIn} text="Mark start" keyName="I" />
        <FootButton onClick={actions.markOut} text="Mark end" keyName="O" />
        <IconButton label="Timeline wider (-)" onClick={() => actions.zoom(2)} className="size-9">
          <Minus size={16} aria-hidden="true" />
        </IconButton>
        <IconButton label="Timeline closer (+)" onClick={() => actions.zoom(0.5)} className="size-9">
          <Plus size={16} aria-hidden="true" />
        </IconButton>
      </div>
    </div>
  );
}

function FootButton({ onClick, text, keyName }: { onClick: () => void; text: string; keyName: string }) {
  return (
    <Button tone="quiet" size="small" onClick={onClick} title={`${text} of an export (${keyName})`}>
      {text}
    </Button>
  );
}
