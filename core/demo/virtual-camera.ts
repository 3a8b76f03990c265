/**
 * The virtual camera's RTSP server, with one ticking clock for all sessions and faults on command.
 * Invariant: it listens on loopback unless it was told another address, and every picture that is due is sent once to every playing session.
 */
import net from 'node:net';
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { Service } from '#core/base/lifecycle.ts';
import type { StreamName } from '#core/domain/media.ts';
import type {
  VirtualCameraAuth,
  VirtualCameraFault,
  VirtualCameraFigures,
} from '#core/domain/virtual-camera-protocol.ts';
import type { Playout } from './playout.ts';
import { RtspAuth } from './rtsp-auth.ts';
import { RtspSession, type SessionWorld } from './rtsp-session.ts';
import type { AudioKind } from './sdp.ts';

export interface VirtualCameraInit {
  playout: Playout;
  clock: Clock;
  /** Default 127.0.0.1. */
  host?: string;
  /** 0: any free port. */
  port: number;
  /** It has a loudspeaker. Default false. */
  talk?: boolean;
  auth: VirtualCameraAuth | null;
  audio: AudioKind;
  sessionTimeoutS: number;
}

/** Of what was said to the camera, the last 60 s are kept. */
const heardBytes = 60 * 8_000;

export class VirtualCamera implements Service {
  readonly #init: VirtualCameraInit;
  readonly #sessions = new Set<RtspSession>();
  readonly #world: SessionWorld;
  readonly #counts = { described: 0, wrongPasswords: 0, keepAlives: 0, teardowns: 0 };
  #server: net.Server | null = null;
  #port: number;
  #accepted = 0;
  #tick: NodeJS.Timeout | undefined;
  #back: NodeJS.Timeout | undefined;
  #nextFrame = 0;
  #stallUntilMs = 0;
  #silentUntilMs = 0;
  #refusal: { status: number; times: number } | null = null;
  #swapped = false;
  #lossEvery = 0;
  #clockOffsetMs = 0;
  #wrapSecondsBefore: number | null = null;
  #cap = Infinity;
  #keyframesEvery = 0;
  #garbage: 'noise' | 'no_media' | 'huge' | null = null;
  readonly #talk = { packets: 0, bytes: 0 };
  #heard: Buffer[] = [];

  constructor(init: VirtualCameraInit) {
    this.#init = init;
    this.#port = init.port;
    const mono = (): number => init.clock.monoMs();
    this.#world = {
      playout: init.playout,
      auth: init.auth && new RtspAuth(init.auth),
      audio: init.audio,
      sessionTimeoutS: init.sessionTimeoutS,
      silent: () => mono() < this.#silentUntilMs,
      stalled: () => mono() < this.#stallUntilMs,
      refusal: () => this.#takeRefusal(),
      pictureSize: (path: StreamName) => (this.#swapped ? (path === 'main' ? 'sub' : 'main') : path),
      lossEvery: () => this.#lossEvery,
      clockOffsetMs: () => this.#clockOffsetMs,
      wrapSecondsBefore: () => this.#wrapSecondsBefore,
      talk: init.talk ?? false,
      heard: (sound) => this.#hear(sound),
      full: () => [...this.#sessions].filter((session) => session.path !== null).length >= this.#cap,
      garbage: () => this.#garbage,
      keyframesEvery: () => this.#keyframesEvery,
      count: (what) => this.#counts[what]++,
    };
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    await this.#listen();
    this.#nextFrame = this.#init.playout.frameNow() + 1;
    this.#schedule();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#tick);
    clearTimeout(this.#back);
    await this.#close();
  }

  figures(): VirtualCameraFigures {
    return {
      connections: this.#sessions.size,
      accepted: this.#accepted,
      ...this.#counts,
      talk: { ...this.#talk },
      sessions: [...this.#sessions].map((session) => ({
        path: `/${session.path ?? ''}`,
        frames: session.frames,
        packets: session.packets,
        droppedFrames: session.droppedFrames,
        firstFrame: session.firstFrame,
      })),
    };
  }

  async fault(fault: VirtualCameraFault): Promise<void> {
    const now = this.#init.clock.monoMs();
    switch (fault.kind) {
      case 'drop':
        for (const session of this.#sessions) session.drop();
        return;
      case 'stall':
        this.#stallUntilMs = fault.ms === undefined ? Infinity : now + fault.ms;
        return;
      case 'resume':
        this.#stallUntilMs = 0;
        this.#silentUntilMs = 0;
        return;
      case 'refuse':
        this.#refusal = { status: fault.status, times: fault.times ?? Infinity };
        return;
      case 'accept':
        this.#refusal = null;
        return;
      case 'silent':
        this.#silentUntilMs = now + fault.ms;
        return;
      case 'reboot':
        await this.#close();
        this.#back = setTimeout(() => {
          // Someone took the port meanwhile: then the camera stays away, as a broken one would.
          this.#listen().catch((error: unknown) => process.emitWarning(String(error)));
        }, fault.ms);
        return;
      case 'resolution':
        this.#swapped = !this.#swapped;
        return;
      case 'loss':
        this.#lossEvery = fault.everyPackets;
        return;
      case 'clock':
        this.#clockOffsetMs = fault.offsetMs;
        return;
      case 'wrap':
        this.#wrapSecondsBefore = fault.secondsBefore;
        return;
      case 'connection_cap':
        this.#cap = fault.sessions ?? Infinity;
        return;
      case 'codec':
        if (!this.#init.playout.has(fault.codec))
          throw new HubError('bad_request', `The clip is not there in ${fault.codec}; start with --both-codecs.`);
        this.#init.playout.setCodec(fault.codec);
        for (const session of this.#sessions) session.drop();
        return;
      case 'garbage_sdp':
        this.#garbage = fault.on ? fault.form : null;
        return;
      case 'keyframes':
        this.#keyframesEvery = fault.everyPictures;
        return;
      case 'jump':
        for (const session of this.#sessions) session.jump(fault.seconds * 1000);
        return;
      case 'digest':
      case 'refuse_password':
        this.#world.auth?.apply(fault);
        return;
      case 'none':
        this.#endFaults(fault);
    }
  }

  /** What was said to the camera lately, G.711 u-law. */
  heard(): Buffer {
    return Buffer.concat(this.#heard);
  }

  #hear(sound: Buffer): void {
    this.#talk.packets++;
    this.#talk.bytes += sound.length;
    this.#heard.push(Buffer.from(sound));
    let kept = this.#heard.reduce((sum, part) => sum + part.length, 0);
    while (kept > heardBytes) kept -= this.#heard.shift()?.length ?? kept;
  }

  #endFaults(fault: Extract<VirtualCameraFault, { kind: 'none' }>): void {
    this.#stallUntilMs = 0;
    this.#silentUntilMs = 0;
    this.#refusal = null;
    this.#swapped = false;
    this.#lossEvery = 0;
    this.#clockOffsetMs = 0;
    this.#wrapSecondsBefore = null;
    this.#cap = Infinity;
    this.#keyframesEvery = 0;
    this.#garbage = null;
    this.#init.playout.setCodec(null);
    this.#world.auth?.apply(fault);
  }

  #takeRefusal(): number | null {
    if (!this.#refusal || this.#refusal.times <= 0) return null;
    this.#refusal.times--;
    return this.#refusal.status;
  }

  async #listen(): Promise<void> {
    const server = net.createServer((socket) => {
      this.#accepted++;
      const session = new RtspSession(socket, this.#world);
      this.#sessions.add(session);
      socket.once('close', () => this.#sessions.delete(session));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#init.host ?? '127.0.0.1', resolve);
    });
    this.#port = (server.address() as net.AddressInfo).port;
    this.#server = server;
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const session of this.#sessions) session.drop();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #schedule(): void {
    const { playout } = this.#init;
    const waitMs = playout.frameMs(this.#nextFrame) - playout.wallMs();
    this.#tick = setTimeout(() => this.#send(), Math.max(0, waitMs));
  }

  #send(): void {
    const { playout } = this.#init;
    const newest = playout.frameNow();
    // After a long pause of the process (a suspended machine) old pictures are of no use to anyone.
    if (newest - this.#nextFrame > playout.fps * 2) this.#nextFrame = newest;
    for (; this.#nextFrame <= newest; this.#nextFrame++) {
      for (const session of this.#sessions) session.send(this.#nextFrame);
    }
    const nowMs = playout.wallMs();
    for (const session of this.#sessions) session.expire(nowMs);
    this.#schedule();
  }
}
