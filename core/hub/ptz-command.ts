/** A move as the contract says it, in the words of the ONVIF process, and what a camera does not offer refused in a sentence. */
import type { z } from 'zod';
import type { ptzCommand } from '#core/api/onvif-schemas.ts';
import { HubError } from '#core/base/errors.ts';
import type { PtzAbilities, PtzCommand } from '#core/domain/onvif.ts';

export function readCommand(asked: z.output<typeof ptzCommand>): PtzCommand {
  switch (asked.action) {
    case 'move': {
      const { pan, tilt, zoom, timeoutMs } = asked;
      return { action: 'move', velocity: { pan, tilt, zoom }, timeoutMs };
    }
    case 'relative':
      return { action: 'relative', by: { pan: asked.pan, tilt: asked.tilt, zoom: asked.zoom } };
    case 'absolute':
      return { action: 'absolute', to: { pan: asked.pan, tilt: asked.tilt, zoom: asked.zoom } };
    default:
      return asked;
  }
}

/** Throws `not_offered`. */
export function refuseWhatIsNotOffered(name: string, abilities: PtzAbilities, command: PtzCommand): void {
  const missing = whatIsMissing(abilities, command);
  if (missing !== null) throw new HubError('not_offered', `Camera '${name}' ${missing}`);
}

function whatIsMissing(abilities: PtzAbilities, command: PtzCommand): string | null {
  switch (command.action) {
    case 'move':
      return abilities.continuous ? null : 'can not be moved freely. Use its presets, or single steps.';
    case 'relative':
      return abilities.relative ? null : 'can not be moved in steps. Hold the buttons of the pad instead.';
    case 'absolute':
      return abilities.absolute ? null : 'can not be sent to a position. Use its presets.';
    case 'centre':
      // A camera without the exact space is moved by an estimate.
      return abilities.centre || abilities.relative
        ? null
        : 'can not bring a point of the picture to the centre. Hold the buttons of the pad instead.';
    case 'home':
    case 'set_home':
      return abilities.home ? null : 'knows no home position. Save a preset instead.';
    case 'goto_preset':
    case 'save_preset':
    case 'rename_preset':
    case 'delete_preset':
      return abilities.presets > 0 ? null : 'keeps no presets.';
    case 'stop':
      return null;
  }
}
