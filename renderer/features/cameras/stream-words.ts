/** What a stream and a camera offer, in words. */
import type { ProbeResult } from './use-probe.ts';
import { duration } from '../../ui/format.ts';

type Description = NonNullable<ProbeResult['onvif']>;
export type Profile = Description['profiles'][number];

const codecWords: Record<string, string> = {
  h264: 'H.264',
  h265: 'H.265',
  mjpeg: 'MJPEG',
  mpeg4: 'MPEG-4',
  aac: 'AAC',
  pcmu: 'G.711',
  pcma: 'G.711',
  g726: 'G.726',
  opus: 'Opus',
};
export const codecWord = (codec: string): string => codecWords[codec] ?? codec.toUpperCase();

/** "1920 × 1080 · H.264 · 15 fps · 2.0 Mbit/s · keyframe every 2 s · sound: AAC" */
export function profileWords({ video, audio }: Profile): string {
  if (!video) return 'no video';
  const parts = [`${video.width} × ${video.height}`, codecWord(video.codec)];
  if (video.fps !== null) parts.push(`${Math.round(video.fps)} fps`);
  if (video.bitsPerSecond !== null) parts.push(rateWords(video.bitsPerSecond));
  if (video.keyframeEvery !== null && video.fps !== null && video.fps > 0)
    parts.push(`keyframe every ${(video.keyframeEvery / video.fps).toFixed(1).replace(/\.0$/, '')} s`);
  parts.push(audio ? `sound: ${codecWord(audio.codec)}` : 'no sound');
  return parts.join(' · ');
}
/** "Main, 1920 × 1080, H.264" for a list. */
export function profileOption({ name, token, video, streamUrl }: Profile): string {
  const what = video ? `${video.width} × ${video.height}, ${codecWord(video.codec)}` : 'no video';
  return `${name === '' ? token : name}: ${what}${streamUrl === null ? ' (gives no address)' : ''}`;
}

const rateWords = (bits: number): string =>
  bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1000)} kbit/s`;

/** What it can do beyond streaming, a few words each. */
export function offersOf(onvif: Description): string[] {
  const { ptz, imaging, events, relays, talk } = onvif;
  const offers: string[] = [];
  if (ptz) offers.push(ptz.zoom ? 'Turns and zooms' : 'Turns');
  if (ptz && ptz.presets > 0) offers.push('Remembers positions');
  if (imaging) offers.push('Picture settings');
  if (events) offers.push(eventWords(events.signals));
  if (talk) offers.push('Talk through it');
  if (relays.length > 0) offers.push(relays.length === 1 ? 'Switched output' : `${relays.length} switched outputs`);
  return offers;
}

function eventWords(signals: NonNullable<Description['events']>['signals']): string {
  if (signals.length === 0) return 'Reports events';
  return `Reports ${signalList(signals)}`;
}
type Signal = NonNullable<Description['events']>['signals'][number];
const signalWords: Record<Signal, string> = {
  motion: 'motion',
  person: 'people',
  vehicle: 'vehicles',
  animal: 'animals',
  line_crossing: 'crossed lines',
  input: 'its inputs',
  tamper: 'tampering',
};
/** "motion, people and crossed lines" */
export function signalList(signals: readonly Signal[]): string {
  const words = signals.map((signal) => signalWords[signal]);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Beyond this, times that the camera writes into its picture mislead. */
const clockSlackMs = 60_000;
/** A sentence when the camera's clock is off, else null. */
export function clockWords({ clock }: Description): string | null {
  const off = Math.abs(clock.offsetMs);
  if (off < clockSlackMs) return null;
  const days = off / 86_400_000;
  const amount = days >= 2 ? `${Math.round(days)} days` : duration(off);
  return `The camera’s clock is ${amount} ${clock.offsetMs > 0 ? 'ahead' : 'behind'}. Recordings keep the time of this machine; only the time that the camera writes into its picture is wrong. It can be set once the camera is added.`;
}
