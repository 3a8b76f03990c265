/** The words and marks for what was seen and how a camera is. One place, so that every screen says the same. */
import type { Camera, Event as HubEvent } from '#core/api/schemas.ts';
import { eventLabels } from '#core/domain/detection.ts';
import {
  Activity,
  BellRing,
  Bike,
  Car,
  Milestone,
  PawPrint,
  PersonStanding,
  ShieldAlert,
  type LucideIcon,
} from 'lucide-react';
import { clock } from './format.ts';

type Label = HubEvent['label'];

const icons: Record<Label, LucideIcon> = {
  person: PersonStanding,
  vehicle: Car,
  animal: PawPrint,
  bicycle: Bike,
  motion: Activity,
  line_crossing: Milestone,
  input: BellRing,
  tamper: ShieldAlert,
};
export const labelWords: Record<Label, string> = {
  person: 'Person',
  vehicle: 'Vehicle',
  animal: 'Animal',
  bicycle: 'Bicycle',
  motion: 'Motion',
  line_crossing: 'Line crossed',
  input: 'Input',
  tamper: 'Tampering',
};
/** Text colour classes, written out so that Tailwind finds them. */
export const labelColour: Record<Label, string> = {
  person: 'text-person',
  vehicle: 'text-vehicle',
  animal: 'text-animal',
  bicycle: 'text-bicycle',
  motion: 'text-motion',
  line_crossing: 'text-person',
  input: 'text-accent-ink',
  tamper: 'text-bad',
};

export function LabelIcon({ label, size = 16 }: { label: Label; size?: number }) {
  const Icon = icons[label];
  return <Icon size={size} className={labelColour[label]} aria-hidden="true" />;
}

/** "Person", or the finer word where there is one: "Dog", "Truck". */
export function eventWord(event: Pick<HubEvent, 'label' | 'subLabel'>): string {
  const fine = event.subLabel;
  return fine === null ? labelWords[event.label] : fine.charAt(0).toUpperCase() + fine.slice(1);
}

/** The rule or input that told it; null where a camera's word for it says no more than the label does. */
export function eventDetail({ label, what }: Pick<HubEvent, 'label' | 'what'>): string | null {
  if (what === null) return null;
  const said = what.toLowerCase();
  return said === label || said === labelWords[label].toLowerCase() ? null : what;
}

/** A sentence for a screen reader and a tooltip: "Person at Front door, 14:32". */
export function eventSentence(event: HubEvent, cameraName: string): string {
  const what = eventDetail(event);
  return `${eventWord(event)}${what === null ? '' : ` (${what})`} at ${cameraName}, ${clock(event.startMs)}`;
}

/** Labels that nothing but a camera itself can tell. */
const onlyCamerasTell: readonly Label[] = ['line_crossing', 'input', 'tamper'];
/** Those that the hub never tells from a camera's report. */
const onlyHubTells: readonly Label[] = ['bicycle'];

/** The labels that can come up, by who looks; `signals` is what the camera says it reports, empty when it does not say. */
export function labelsOf(sources: readonly Camera['detect']['source'][], signals: readonly Label[] = []): Label[] {
  const hubLooks = sources.length === 0 || sources.some((source) => source !== 'camera');
  const cameraLooks = sources.some((source) => source !== 'hub');
  const tells = (label: Label): boolean => cameraLooks && (signals.length === 0 || signals.includes(label));
  return eventLabels.filter((label) => {
    if (onlyCamerasTell.includes(label)) return tells(label);
    return hubLooks || (!onlyHubTells.includes(label) && tells(label));
  });
}

export interface StateWords {
  word: string;
  /** The whole sentence, for the tile and the list. */
  sentence: string;
  tone: 'good' | 'wait' | 'bad' | 'off';
}

/** What a person reads about a camera. The hub's sentence is kept as the reason; nothing is guessed. */
export function cameraWords(camera: Camera): StateWords {
  const main = camera.streams.find((status) => status.stream === 'main');
  const reason = main?.error?.message ?? null;
  switch (camera.state) {
    case 'live':
      return { word: 'Live', sentence: 'Live', tone: 'good' };
    case 'connecting':
      return { word: 'Connecting…', sentence: 'Connecting…', tone: 'wait' };
    case 'offline': {
      const since = main ? `Offline since ${clock(main.sinceMs)}` : 'Offline';
      return { word: since, sentence: reason === null ? since : `${since}: ${reason}`, tone: 'bad' };
    }
    case 'wrong_password':
      return {
        word: 'Wrong password',
        sentence:
          reason ??
          'The camera refused the password. Porchlight has stopped trying, so that the camera does not lock you out.',
        tone: 'bad',
      };
    case 'off':
      return { word: 'Off', sentence: 'Switched off: nothing is recorded or watched', tone: 'off' };
  }
}

export const recordWords: Record<Camera['record'], string> = {
  continuous: 'Records all the time',
  events: 'Records events',
  off: 'Does not record',
};

/** "2560 × 1440, H.265, 20 pictures a second, 3.1 Mbit/s" */
export function videoWords(video: NonNullable<Camera['streams'][number]['video']>): string {
  const parts = [`${video.width} × ${video.height}`, video.codec === 'h265' ? 'H.265' : 'H.264'];
  if (video.fps !== null) parts.push(`${Math.round(video.fps)} fps`);
  if (video.bitsPerSecond !== null) parts.push(`${(video.bitsPerSecond / 1e6).toFixed(1)} Mbit/s`);
  return parts.join(' · ');
}
