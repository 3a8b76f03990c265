/**
 * The virtual camera, whole: RTSP, ONVIF over HTTP, discovery, and one place to switch its faults. Invariant: what was
 * started is stopped by `stop()`, and a fault that concerns both sides is in force on both when `fault()` has resolved.
 */
import { createHash, randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '#core/base/clock.ts';
import type { CameraSignal } from '#core/domain/onvif.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { DigestAlgorithm } from '../digest.ts';
import { Playout, type LoadedClip } from '../playout.ts';
import { VirtualCamera } from '../virtual-camera.ts';
import { Authority } from './authority.ts';
import { noAnswerFaults } from './bad-answers.ts';
import type { VirtualOnvifCamera, VirtualOnvifFigures, VirtualOnvifOptions } from './camera-contract.ts';
import { scopesOf } from './device.ts';
import { DiscoveryResponder, type Announced } from './discovery.ts';
import { isRtspFault, readFault, type CameraFault, type OwnFault } from './faults.ts';
import { OnvifHttpServer } from './http-server.ts';
import { makeWorld } from './make-world.ts';
import { SceneWatch } from './scene-watch.ts';
import { servicePaths, type ServiceName, type World } from './world.ts';

export async function startVirtualOnvifCamera(options: VirtualOnvifOptions): Promise<VirtualOnvifCamera> {
  const camera = new RunningCamera(options);
  try {
    await camera.start();
  } catch (error) {
    await camera.stop();
    throw error;
  }
  return camera;
}

/** Grey, 8x8: what a camera without a decoder has to show. */
const greyJpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQEAYABgAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q==',
  'base64',
);

class RunningCamera implements VirtualOnvifCamera {
  readonly uuid: string;
  readonly #options: VirtualOnvifOptions;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #world: World;
  readonly #playout: Playout;
  readonly #rtsp: VirtualCamera;
  readonly #http: OnvifHttpServer;
  readonly #answers = noAnswerFaults();
  readonly #without: Set<ServiceName>;
  readonly #watch: SceneWatch;
  readonly #announced: Announced;
  #discovery: DiscoveryResponder | null = null;
  #ownDiscovery = false;
  #authority: Authority | null = null;
  #rules: { kinds: ('wsse' | 'digest')[]; algorithms: DigestAlgorithm[]; requestsPerNonce: number; picky: boolean };
  #refusing = false;
  #toldHost: string | null = null;
  #silentUntilMs = 0;
  #away = false;
  #repeats = 1;
  #reboots = 0;
  #timers = new Set<NodeJS.Timeout>();

  constructor(options: VirtualOnvifOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#host = options.host ?? '127.0.0.1';
    this.#without = new Set(options.without);
    this.#rules = { kinds: ['wsse', 'digest'], algorithms: ['MD5'], requestsPerNonce: 0, picky: false };
    this.#playout = new Playout(options.clips, options.programme ?? ((): string => ''), this.#clock);
    const name = options.name ?? 'Virtual camera';
    // The same camera after a restart: told apart by name and the port it was given.
    this.uuid = options.onvifPort ? uuidOf(`${name}:${this.#host}:${options.onvifPort}`) : randomUUID();
    this.#world = makeWorld({
      clock: this.#clock,
      uuid: this.uuid,
      name,
      playout: this.#playout,
      without: this.#without,
      audio: options.audio ?? 'aac',
      talk: options.talk ?? true,
      reboot: (ms) => this.#later(rebootDelayMs, () => this.#reboot(ms)),
    });
    const secret = this.#secret();
    this.#rtsp = new VirtualCamera({
      playout: this.#playout,
      clock: this.#clock,
      host: this.#host,
      port: options.rtspPort ?? 0,
      auth: secret && { scheme: 'digest', ...secret },
      audio: options.audio ?? 'aac',
      talk: options.talk ?? true,
      sessionTimeoutS: options.sessionTimeoutS ?? 60,
    });
    this.#http = new OnvifHttpServer({
      host: this.#host,
      port: options.onvifPort ?? 0,
      world: this.#world,
      authority: () => this.#authority,
      faults: this.#answers,
      silentUntilMs: () => this.#silentUntilMs,
      toldHost: () => this.#toldHost,
      snapshot: (profile) => this.#snapshot(profile),
    });
    this.#watch = new SceneWatch(this.#playout, (signal, active) => this.raise(signal, active));
    this.#announced = {
      uuid: this.uuid,
      scopes: () => scopesOf(this.#world),
      host: this.#host,
      port: () => this.#http.port,
      path: servicePaths.device,
      repeats: () => this.#repeats,
      present: () => !this.#away && this.#clock.monoMs() >= this.#silentUntilMs,
    };
  }

  get onvifPort(): number {
    return this.#http.port;
  }
  get rtspPort(): number {
    return this.#rtsp.port;
  }
  get onvifUrl(): string {
    return `http://${this.#shownHost()}:${this.#http.port}${servicePaths.device}`;
  }
  get rtspUrl(): string {
    return `rtsp://${this.#shownHost()}:${this.#rtsp.port}`;
  }

  async start(): Promise<void> {
    this.#renewAuthority();
    for (const fault of this.#options.faults ?? []) await this.fault(fault);
    await this.#rtsp.start();
    this.#world.rtspPort = this.#rtsp.port;
    await this.#http.start();
    const { discovery = false } = this.#options;
    if (discovery === true) {
      this.#discovery = new DiscoveryResponder();
      this.#ownDiscovery = true;
      await this.#discovery.start();
    } else if (discovery !== false) this.#discovery = discovery;
    this.#discovery?.add(this.#announced);
    this.#watch.start();
  }

  async stop(): Promise<void> {
    this.#watch.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#world.events.forgetAll();
    this.#discovery?.remove(this.#announced);
    if (this.#ownDiscovery) await this.#discovery?.stop();
    await Promise.all([this.#http.stop(), this.#rtsp.stop()]);
  }

  raise(signal: CameraSignal, active: boolean): void {
    this.#world.events.raise(signal, active);
  }

  setClips(clips: LoadedClip[]): void {
    this.#playout.setClips(clips);
  }

  heard(): Buffer {
    return this.#rtsp.heard();
  }

  figures(): VirtualOnvifFigures {
    const { head, imaging, presets, moves, relays, events, profiles, clockOffsetMs } = this.#world;
    const { panTilt, zoom } = head.moving();
    return {
      onvif: { ...this.#http.figures, subscriptions: events.size },
      rtsp: this.#rtsp.figures(),
      ptz: {
        moves,
        position: head.position(),
        moving: panTilt || zoom,
        presets: [...presets.values()].map((one) => one.name),
      },
      imaging: { ...imaging, focus: imaging.focus.position().zoom },
      encoders: profiles.map(({ encoder: { token, width, height, fps, kbps, gov } }) => ({
        token,
        width,
        height,
        fps,
        kbps,
        gov,
      })),
      relays,
      clockOffsetMs,
      reboots: this.#reboots,
      discoveryProbes: this.#discovery?.probes ?? 0,
    };
  }

  async fault(input: CameraFault): Promise<void> {
    const fault = readFault(input);
    if (isRtspFault(fault)) {
      await this.#rtsp.fault(fault);
      if (fault.kind === 'codec') this.#tellCodec();
    } else await this.#ownFault(fault);
  }

  async #ownFault(fault: OwnFault): Promise<void> {
    const { faults } = this.#world.events;
    switch (fault.kind) {
      case 'none':
        await this.#endFaults();
        return;
      case 'clock':
        this.#world.clockOffsetMs = fault.offsetMs;
        await this.#rtsp.fault(fault);
        return;
      case 'silent':
        this.#silentUntilMs = this.#clock.monoMs() + fault.ms;
        await this.#rtsp.fault(fault);
        return;
      case 'reboot':
        await this.#reboot(fault.ms);
        return;
      case 'digest':
        this.#rules = { ...this.#rules, algorithms: fault.algorithms, requestsPerNonce: fault.requestsPerNonce };
        this.#renewAuthority();
        await this.#rtsp.fault(fault);
        return;
      case 'auth':
        this.#rules.kinds = fault.kinds;
        this.#renewAuthority();
        return;
      case 'picky':
        this.#rules.picky = fault.on;
        this.#renewAuthority();
        return;
      case 'refuse_password':
        this.#refusing = fault.on;
        this.#renewAuthority();
        await this.#rtsp.fault(fault);
        return;
      case 'discovery_repeats':
        this.#repeats = fault.times;
        return;
      case 'slow_soap':
        this.#answers.bytesPerSecond = fault.bytesPerSecond;
        return;
      case 'big_xml':
        this.#answers.extraBytes = fault.bytes;
        return;
      case 'bad_xml':
        this.#answers.form = fault.form;
        return;
      case 'odd_prefixes':
        this.#answers.oddPrefixes = fault.on;
        return;
      case 'no_long_poll':
        faults.noLongPoll = fault.on;
        return;
      case 'missing_off':
        faults.missingOff = fault.on;
        return;
      case 'replay':
        faults.replay = fault.as;
        return;
      case 'no_pull_point':
        faults.noPullPoint = fault.on;
        return;
      case 'reference_parameters':
        faults.referenceParameters = fault.on;
        return;
      case 'forget_subscriptions':
        this.#world.events.forgetAll();
        return;
      case 'without':
        this.#without.clear();
        for (const service of fault.services) this.#without.add(service);
        return;
      case 'addresses':
        this.#toldHost = fault.relative ? '' : fault.host;
    }
  }

  async #endFaults(): Promise<void> {
    this.#rules = { kinds: ['wsse', 'digest'], algorithms: ['MD5'], requestsPerNonce: 0, picky: false };
    this.#refusing = false;
    this.#repeats = 1;
    this.#toldHost = null;
    this.#silentUntilMs = 0;
    this.#world.clockOffsetMs = 0;
    Object.assign(this.#answers, noAnswerFaults());
    Object.assign(this.#world.events.faults, {
      noLongPoll: false,
      noPullPoint: false,
      missingOff: false,
      referenceParameters: false,
      replay: 'Initialized',
    });
    this.#without.clear();
    for (const service of this.#options.without ?? []) this.#without.add(service);
    this.#renewAuthority();
    await this.#rtsp.fault({ kind: 'none' });
    this.#tellCodec();
  }

  async #reboot(ms: number): Promise<void> {
    if (this.#away) return;
    this.#away = true;
    this.#reboots++;
    this.#discovery?.announce(this.#announced, 'Bye');
    this.#world.events.forgetAll();
    await this.#http.stop();
    await this.#rtsp.fault({ kind: 'reboot', ms });
    this.#later(ms, async () => {
      await this.#http.start();
      this.#away = false;
      this.#discovery?.announce(this.#announced, 'Hello');
    });
  }

  /** Encoders say what is on air. */
  #tellCodec(): void {
    for (const { token, encoder } of this.#world.profiles) {
      const { codec } = this.#playout.clip(this.#playout.frameNow(), token);
      encoder.codec = codec === 'h265' ? 'H265' : 'H264';
    }
  }

  #later(ms: number, act: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      // Someone took the port meanwhile: then the camera stays away, as a broken one would.
      act().catch((error: unknown) => process.emitWarning(String(error)));
    }, ms);
    this.#timers.add(timer);
  }

  #secret(): { username: string; password: string } | null {
    const { username, password } = this.#options;
    return username === undefined || password === undefined ? null : { username, password };
  }

  #renewAuthority(): void {
    const secret = this.#secret();
    // A password that nobody can type: NUL does not pass through XML, nor through a header.
    this.#authority =
      secret && new Authority({ ...secret, ...this.#rules, ...(this.#refusing ? { password: '\0' } : {}) });
  }

  async #snapshot(stream: StreamName): Promise<Buffer> {
    const { snapshot } = this.#options;
    if (!snapshot) return greyJpeg;
    const clip = this.#playout.clip(this.#playout.frameNow(), stream);
    let at = this.#playout.frameNow() % clip.pictures.length;
    while (at > 0 && clip.pictures[at]?.key !== true) at--;
    const { codec = 'h264', parameterSets, width, height } = clip;
    return snapshot({ codec, parameterSets, width, height, data: clip.pictures[at]?.data ?? Buffer.alloc(0) });
  }

  #shownHost(): string {
    if (this.#host === '0.0.0.0') return '127.0.0.1';
    if (this.#host === '::') return '[::1]';
    return this.#host.includes(':') ? `[${this.#host}]` : this.#host;
  }
}

/** The answer goes out first. */
const rebootDelayMs = 300;

function uuidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
