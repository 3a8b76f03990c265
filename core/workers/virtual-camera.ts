/** Process entry of the virtual camera. Speaks core/domain/virtual-camera-protocol.ts; ends when its parent does. */
import { systemClock } from '#core/base/clock.ts';
import { errorText } from '#core/base/errors.ts';
import { readClip } from '#core/demo/clip.ts';
import { Playout, type LoadedClip, type Programme } from '#core/demo/playout.ts';
import { sceneAt } from '#core/demo/schedule.ts';
import { VirtualCamera } from '#core/demo/virtual-camera.ts';
import type { FromVirtualCamera, ToVirtualCamera, VirtualClip } from '#core/domain/virtual-camera-protocol.ts';

let camera: VirtualCamera | null = null;
let playout: Playout | null = null;

function tell(message: FromVirtualCamera): void {
  if (process.connected) process.send?.(message);
}

function load(clips: readonly VirtualClip[]): LoadedClip[] {
  return clips.map(({ name, mainPath, subPath }) => ({ name, main: readClip(mainPath), sub: readClip(subPath) }));
}

async function configure(message: Extract<ToVirtualCamera, { type: 'configure' }>): Promise<void> {
  await camera?.stop();
  const clips = load(message.clips);
  const startMs = systemClock.nowMs();
  const programme: Programme = (slot, slotStartMs) =>
    sceneAt(slot, slotStartMs, slotStartMs >= startMs - 60_000 ? 'live' : 'past');
  playout = new Playout(clips, programme, systemClock);
  camera = new VirtualCamera({
    playout,
    clock: systemClock,
    port: message.port,
    auth: message.auth,
    audio: message.audio,
    sessionTimeoutS: message.sessionTimeoutS,
  });
  for (const fault of message.faults) await camera.fault(fault);
  await camera.start();
  tell({ type: 'ready', port: camera.port });
}

async function handle(message: ToVirtualCamera): Promise<void> {
  switch (message.type) {
    case 'configure':
      await configure(message);
      return;
    case 'clips':
      playout?.setClips(load(message.clips));
      return;
    case 'fault':
      await camera?.fault(message.fault);
      tell({ type: 'fault-set', requestId: message.requestId });
      return;
    case 'figures':
      if (camera) tell({ type: 'figures', requestId: message.requestId, figures: camera.figures() });
      return;
    case 'stop':
      await camera?.stop();
      process.exit(0);
  }
}

process.on('message', (message: ToVirtualCamera) => {
  handle(message).catch((error: unknown) => {
    tell({ type: 'failed', message: errorText(error) });
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
setInterval(() => {
  const { user, system } = process.cpuUsage();
  tell({ type: 'heartbeat', rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 });
}, 1_000);
