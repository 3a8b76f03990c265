/** The compat process: runs only while some stream needs it, and pulls exactly those. */
import type { Service } from '#core/base/lifecycle.ts';
import type { CameraRecord } from '#core/domain/records.ts';
import type { StreamName } from '#core/domain/media.ts';
import type { CompatStream, CompatToHub, HubToCompat } from '#core/domain/worker-protocol.ts';
import type { Child } from './child-port.ts';
import type { Bus, CameraSource } from './recorder-link.ts';

interface Init {
  makeChild: () => Child<HubToCompat, CompatToHub>;
  cameras: CameraSource;
  /** Cameras that are being added. */
  drafts: CameraSource;
  usesCompat: (camera: CameraRecord, stream: StreamName) => boolean;
}

export class CompatLink implements Service {
  readonly #init: Init;
  #child: Child<HubToCompat, CompatToHub> | null = null;
  #bus: Bus | null = null;
  #running = false;

  constructor(init: Init) {
    this.#init = init;
  }

  async start(): Promise<void> {
    this.#running = true;
    this.configure();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#drop();
  }

  setBus(bus: Bus | null): void {
    this.#bus = bus;
    this.configure();
  }

  /** Call after any change of cameras or of the way they are pulled. */
  configure(): void {
    if (!this.#running) return;
    const streams = this.#streams();
    if (streams.length === 0) {
      void this.#drop();
      return;
    }
    if (!this.#child) {
      const child = this.#init.makeChild();
      this.#child = child;
      child.onSpawn = () => this.#tell();
      child.start();
    }
    this.#tell();
  }

  #tell(): void {
    if (!this.#bus || !this.#child) return;
    const { path: busPath, token: busToken } = this.#bus;
    this.#child.send({ type: 'configure', busPath, busToken, streams: this.#streams() });
  }

  #streams(): CompatStream[] {
    const { cameras, drafts, usesCompat } = this.#init;
    const all = [cameras, drafts].flatMap((source) => source.list().map((camera) => ({ source, camera })));
    return all.flatMap(({ source, camera }) =>
      (['main', 'sub'] as const).flatMap((stream): CompatStream[] => {
        const url = stream === 'main' ? camera.url : camera.subUrl;
        if (url === null || !usesCompat(camera, stream)) return [];
        return [{ cameraId: camera.id, cameraName: camera.name, stream, url, ...source.credentials(camera) }];
      }),
    );
  }

  async #drop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    await child?.stop();
  }
}
