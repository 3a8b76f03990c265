/**
 * Process entry of the virtual camera on its own (`npm run camera`). Prints one line when all cameras answer. An expected
 * failure is one sentence on standard error.
 */
import { HubError } from './base/errors.ts';
import { systemClock } from './base/clock.ts';
import { openClips } from './camera-clips.ts';
import { startVirtualOnvifCamera } from './demo/onvif/camera.ts';
import type { SnapshotSource, VirtualOnvifCamera } from './demo/onvif/camera-contract.ts';
import { cameraUsage, parseCameraOptions, type CameraOptions } from './demo/onvif/camera-options.ts';
import { ControlServer } from './demo/onvif/control.ts';
import { DiscoveryResponder } from './demo/onvif/discovery.ts';

async function main(): Promise<void> {
  const options = parseCameraOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(cameraUsage);
    return;
  }
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const { clips, programme, onMore } = await openClips(options, systemClock, say);
  const discovery = options.discovery ? await openDiscovery(say) : null;
  const cameras: VirtualOnvifCamera[] = [];
  const control = new ControlServer(cameras);
  stopOnSignals(async () => {
    await Promise.all(cameras.map((camera) => camera.stop()));
    await discovery?.stop();
    await control.stop();
  });
  const sound = clips[0]?.main.aac ? options.audio : 'none';
  for (let n = 0; n < options.count; n++) {
    const camera = await startVirtualOnvifCamera({
      clips,
      ...(programme ? { programme } : {}),
      host: options.host,
      onvifPort: options.onvifPort === 0 ? 0 : options.onvifPort + n,
      rtspPort: options.rtspPort === 0 ? 0 : options.rtspPort + n,
      ...(options.username !== null && options.password !== null
        ? { username: options.username, password: options.password }
        : {}),
      name: options.count === 1 ? options.name : `${options.name} ${n + 1}`,
      audio: sound,
      talk: options.talk,
      without: options.without,
      discovery: discovery ?? false,
      faults: options.faults,
      snapshot,
    });
    cameras.push(camera);
    onMore((more) => camera.setClips(more));
  }
  const controlPort = await control.start(options.controlPort);
  tellReady(options, cameras, controlPort);
}

function tellReady(options: CameraOptions, cameras: readonly VirtualOnvifCamera[], controlPort: number): void {
  const control = `http://127.0.0.1:${controlPort}`;
  if (options.json) {
    const list = cameras.map(({ onvifUrl, rtspUrl, uuid }) => ({ onvifUrl, rtspUrl, uuid }));
    process.stdout.write(`${JSON.stringify({ ready: true, control, cameras: list })}\n`);
    return;
  }
  for (const { onvifUrl, rtspUrl } of cameras)
    process.stdout.write(`Camera is ready: ONVIF ${onvifUrl}, RTSP ${rtspUrl}/main and /sub\n`);
  process.stdout.write(`Control: ${control} (POST /fault, POST /event, GET /figures)\n`);
}

async function openDiscovery(say: (text: string) => void): Promise<DiscoveryResponder | null> {
  const discovery = new DiscoveryResponder();
  try {
    await discovery.start();
    return discovery;
  } catch (error) {
    // Another program has the port for itself: the camera can still be typed in.
    say(`This camera does not answer searches: ${error instanceof Error ? error.message : String(error)}.`);
    return null;
  }
}

/** libav is loaded when somebody asks for a picture. */
async function snapshot(picture: SnapshotSource): Promise<Buffer> {
  const { jpegOfKeyframe } = await import('./media/codec/keyframe-jpeg.ts');
  return jpegOfKeyframe(picture);
}

function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const end = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('SIGHUP', end);
  // A parent that forked it and is gone wants no camera left behind.
  process.on('disconnect', end);
}

function fail(error: unknown): never {
  const code = (error as { code?: unknown } | null)?.code;
  const busy = code === 'EADDRINUSE';
  if (code === 'EADDRNOTAVAIL') {
    process.stderr.write('This computer does not have the address named by --host.\n');
    process.exit(2);
  }
  const known = error instanceof HubError ? error.message : null;
  const text = busy
    ? `A port is in use: ${error instanceof Error ? error.message : ''}. Choose others with --onvif-port and --rtsp-port.`
    : (known ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)));
  process.stderr.write(`${text}\n`);
  process.exit(busy ? 3 : known === null ? 1 : 2);
}

try {
  await main();
} catch (error) {
  fail(error);
}
