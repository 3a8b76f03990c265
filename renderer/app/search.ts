/**
 * Search parameters of the screens, parsed: a screen only sees what makes sense, whatever stands in the address bar. The router
 * merges what it validated over what stood there, so a screen calls its parser again on what `useSearch` gives.
 */
import { eventLabels, type EventLabel } from '#core/domain/detection.ts';

/** What a parser is given: anything at all under each name. */
type Loose = Readonly<Record<string, unknown>>;

function timeFrom(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 && number <= 8_640_000_000_000
    ? number
    : undefined;
}

export interface PlayerSearch {
  /** UTC milliseconds to open the player at; live without it. */
  at?: number;
}

export function playerSearch(search: Loose): PlayerSearch {
  const at = timeFrom(search['at']);
  return at === undefined ? {} : { at };
}

export interface ReviewSearch {
  camera?: string;
  label?: EventLabel;
  /** UTC milliseconds. */
  from?: number;
  to?: number;
  /** Reviewed events too. */
  all?: true;
  /** The event that is open. */
  event?: string;
}

const idOr = (value: unknown, pattern: RegExp): string | undefined =>
  typeof value === 'string' && pattern.test(value) ? value : undefined;

export function reviewSearch(search: Loose): ReviewSearch {
  const camera = idOr(search['camera'], /^c[a-z0-9]{12}$/);
  const event = idOr(search['event'], /^e[a-z0-9]{12}$/);
  const label = eventLabels.find((known) => known === search['label']);
  const from = timeFrom(search['from']);
  const to = timeFrom(search['to']);
  return {
    ...(camera === undefined ? {} : { camera }),
    ...(label ? { label } : {}),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(search['all'] === true ? { all: true as const } : {}),
    ...(event === undefined ? {} : { event }),
  };
}

export const settingsSections = ['storage', 'recording', 'detection', 'appearance', 'about'] as const;
export type SettingsSection = (typeof settingsSections)[number];
export function settingsSearch(search: Loose): { section?: SettingsSection } {
  const section = settingsSections.find((known) => known === search['section']);
  return section ? { section } : {};
}

export const cameraSections = ['general', 'detection', 'zones', 'picture', 'care'] as const;
export type CameraSection = (typeof cameraSections)[number];
export function cameraSearch(search: Loose): { section?: CameraSection } {
  const section = cameraSections.find((known) => known === search['section']);
  return section ? { section } : {};
}

/** The steps of adding a camera, in order. Each stands in the address, so that the browser's Back goes one step back. */
export const wizardSteps = ['find', 'password', 'picture', 'name'] as const;
export type WizardStep = (typeof wizardSteps)[number];
export function wizardSearch(search: Loose): { step?: WizardStep } {
  const step = wizardSteps.find((known) => known === search['step']);
  return step ? { step } : {};
}
