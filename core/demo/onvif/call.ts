/** What a service's handler is given, and what it gives back: the inside of `<prefix:NameResponse>`. */
import type { Markup, Xml } from './soap.ts';
import { invalidArgument, xml } from './soap.ts';
import type { Profile, Reach, ServiceName, World } from './world.ts';
import { servicePaths } from './world.ts';

export interface Call {
  body: Xml;
  header: Xml | null;
  world: World;
  reach: Reach;
  /** Named by the path or by reference parameters; null for the service itself. */
  subscriptionId: string | null;
  /** The client has gone. */
  signal: AbortSignal;
}
export type Handler = (call: Call) => Markup | Promise<Markup>;
export type Service = Record<string, Handler>;

export function serviceUrl(call: Call, service: ServiceName): string {
  return `${call.reach.base}${servicePaths[service]}`;
}

/** Throws ter:NoProfile. */
export function profileOf(call: Call, token: string | undefined): Profile {
  const profile = call.world.profiles.find((one) => one.token === token);
  if (!profile) throw invalidArgument('NoProfile', `There is no profile ${token ?? ''}`);
  return profile;
}

export function streamUri(call: Call, profile: Profile): string {
  return `rtsp://${call.reach.host}:${call.world.rtspPort}/${profile.token}`;
}

export function snapshotUri(call: Call, profile: Profile): string {
  return `${call.reach.base}/snapshot/${profile.token}.jpg`;
}

/** tt:IntRange, tt:FloatRange. */
export function range(min: number, max: number): Markup {
  return xml`<tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max>`;
}

export const yes = (condition: boolean): string => (condition ? 'true' : 'false');
