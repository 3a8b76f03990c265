/**
 * Moving cameras: what a person asks, going round the presets, and going home after a person moved it. Invariant: a person
 * goes first: the round waits while somebody moves the camera, and stops when it is switched off or the camera is removed.
 */
import type { z } from 'zod';
import type { ptzCommand, ptzState } from '#core/api/onvif-schemas.ts';
import type { Clock } from '#core/base/clock.ts';
import { errorText, HubError } from '#core/base/errors.ts';
import type { Logger } from '#core/base/logger.ts';
import type { CameraId } from '#core/domain/ids.ts';
import type { PtzAbilities, PtzCommand } from '#core/domain/onvif.ts';
import { localMinute, nextPlace, scheduleCovers, type PatrolPlace } from '#core/domain/patrol.ts';
import type { CameraRecord, PtzSettings } from '#core/domain/records.ts';
import type { CameraAsker } from './camera-asker.ts';
import { readCommand, refuseWhatIsNotOffered } from './ptz-command.ts';

interface Init {
  registry: {
    list(): readonly CameraRecord[];
    get(id: string): CameraRecord;
    change(id: string, input: { ptz: PtzSettings }): CameraRecord;
  };
  asker: CameraAsker;
  clock: Clock;
  logger: Logger;
  /** For tests: the zone whose local time schedules are in. */
  timeZone?: string;
}

interface Held {
  abilities: { of: string; value: PtzAbilities } | null;
  /** When a person moved it last (monotonic); null: it is where it belongs. */
  movedMs: number | null;
  place: PatrolPlace | null;
  /** A step of the round that is under way, or the pause after one that failed. */
  busy: boolean;
  notBeforeMs: number;
}

const tickMs = 1_000;
/** Without a time of its own the round goes on this long after a person's last move. */
const resumeAfterS = 60;
const afterFailureMs = 30_000;
const moves = new Set<PtzCommand['action']>(['move', 'stop', 'relative', 'absolute', 'centre', 'goto_preset']);

export class Ptz {
  readonly #init: Init;
  readonly #held = new Map<CameraId, Held>();
  #timer: NodeJS.Timeout | null = null;

  constructor(init: Init) {
    this.#init = init;
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), tickMs).unref();
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Throws `not_found`, `not_offered` and what the camera answers. */
  async state(id: string, signal: AbortSignal): Promise<z.input<typeof ptzState>> {
    const camera = this.#init.registry.get(id);
    const state = await this.#init.asker.ask(camera, 'ptz_state', { profile: null }, { signal });
    this.#hold(camera).abilities = { of: addressOf(camera), value: state.abilities };
    return { ...state, settings: this.settings(camera), patrolling: this.patrols(camera) };
  }

  /** What a person asks. Throws `not_found`, `not_offered` and what the camera answers. */
  async command(id: string, asked: z.output<typeof ptzCommand>, signal: AbortSignal): Promise<void> {
    const { registry, asker, clock } = this.#init;
    const camera = registry.get(id);
    const command = readCommand(asked);
    const held = this.#hold(camera);
    // Stopping waits for nothing, not even for knowing whether it can move.
    const abilities = command.action === 'stop' ? held.abilities?.value : await this.#abilities(camera, signal);
    if (abilities) refuseWhatIsNotOffered(camera.name, abilities, command);
    if (moves.has(command.action) || (held.movedMs !== null && command.action !== 'home'))
      held.movedMs = clock.monoMs();
    else if (command.action === 'home') held.movedMs = settingsPatrol(camera) ? clock.monoMs() : null;
    // A stop must arrive even when the page that asked for it is closed.
    const options = command.action === 'stop' ? {} : { signal };
    await asker.ask(camera, 'ptz', { profile: abilities?.profile ?? null, command }, options);
    if (moves.has(command.action)) held.movedMs = clock.monoMs();
  }

  settings(camera: CameraRecord): z.input<typeof ptzState>['settings'] {
    return structuredClone(camera.ptz);
  }

  /** Throws `not_found`, `not_offered` (no ONVIF address), `bad_request` (a round without stops). */
  change(id: string, patch: { [K in keyof PtzSettings]?: PtzSettings[K] | undefined }): PtzSettings {
    const { registry, asker } = this.#init;
    const camera = registry.get(id);
    asker.target(camera);
    const ptz: PtzSettings = {
      homeAfterS: patch.homeAfterS === undefined ? camera.ptz.homeAfterS : patch.homeAfterS,
      patrol: patch.patrol ?? camera.ptz.patrol,
    };
    if (ptz.patrol.enabled && ptz.patrol.stops.length === 0)
      throw new HubError('bad_request', 'Choose at least one preset to go round before you switch the patrol on.');
    const held = this.#hold(camera);
    held.place = null;
    held.notBeforeMs = 0;
    // Whoever switches the round on has just looked for its views with the pad, and expects it to go now.
    if (patch.patrol?.enabled) held.movedMs = null;
    return registry.change(id, { ptz }).ptz;
  }

  /** It goes round at present. */
  patrols(camera: CameraRecord): boolean {
    const { clock, asker, timeZone = null } = this.#init;
    const { enabled, stops, schedule } = camera.ptz.patrol;
    if (!enabled || stops.length === 0 || camera.onvifUrl === null || asker.isRefused(camera)) return false;
    return this.#hold(camera).movedMs === null && scheduleCovers(schedule, localMinute(clock.nowMs(), timeZone));
  }

  forget(cameraId: CameraId): void {
    this.#held.delete(cameraId);
  }

  /** Sends each camera where it should go now. Public so that tests own the time. */
  tick(): void {
    for (const camera of this.#init.registry.list()) {
      const { homeAfterS, patrol } = camera.ptz;
      if (camera.onvifUrl === null || (homeAfterS === null && !patrol.enabled)) continue;
      const held = this.#hold(camera);
      if (!held.busy) this.#step(camera, held);
    }
  }

  #step(camera: CameraRecord, held: Held): void {
    const nowMs = this.#init.clock.monoMs();
    const { homeAfterS, patrol } = camera.ptz;
    if (nowMs < held.notBeforeMs || this.#init.asker.isRefused(camera)) return;
    if (held.movedMs !== null) {
      if (nowMs - held.movedMs < (homeAfterS ?? resumeAfterS) * 1_000) return;
      held.movedMs = null;
      held.place = null;
      if (!this.patrols(camera)) {
        if (homeAfterS !== null) void this.#send(camera, held, null);
        return;
      }
    }
    if (!this.patrols(camera)) {
      held.place = null;
      return;
    }
    const next = nextPlace(patrol.stops, held.place, nowMs);
    if (!next) return;
    held.place = next;
    const preset = patrol.stops[next.stop]?.preset;
    if (preset !== undefined) void this.#send(camera, held, preset);
  }

  /** To a preset; null: home, or the first stop where the camera knows no home. */
  async #send(camera: CameraRecord, held: Held, preset: string | null): Promise<void> {
    const { asker, clock, logger } = this.#init;
    held.busy = true;
    try {
      const abilities = await this.#abilities(camera);
      const fallback = camera.ptz.patrol.stops[0]?.preset;
      const command: PtzCommand | null =
        preset !== null
          ? { action: 'goto_preset', preset }
          : abilities.home
            ? { action: 'home' }
            : fallback === undefined
              ? null
              : { action: 'goto_preset', preset: fallback };
      if (command) await asker.ask(camera, 'ptz', { profile: abilities.profile, command });
    } catch (error) {
      held.notBeforeMs = clock.monoMs() + afterFailureMs;
      logger.info({ camera: camera.id, preset, error: errorText(error) }, 'a camera did not go where it should');
    } finally {
      held.busy = false;
    }
  }

  async #abilities(camera: CameraRecord, signal?: AbortSignal): Promise<PtzAbilities> {
    const held = this.#hold(camera);
    const of = addressOf(camera);
    if (held.abilities?.of === of) return held.abilities.value;
    const { abilities } = await this.#init.asker.ask(camera, 'ptz_state', { profile: null }, { signal });
    held.abilities = { of, value: abilities };
    return abilities;
  }

  #hold(camera: CameraRecord): Held {
    const held = this.#held.get(camera.id);
    if (held) return held;
    const fresh: Held = { abilities: null, movedMs: null, place: null, busy: false, notBeforeMs: 0 };
    this.#held.set(camera.id, fresh);
    return fresh;
  }
}

/** What it can do is known of this camera at this address, as this user. */
function addressOf({ onvifUrl, username }: CameraRecord): string {
  return JSON.stringify([onvifUrl, username]);
}

function settingsPatrol({ ptz }: CameraRecord): boolean {
  return ptz.patrol.enabled;
}
