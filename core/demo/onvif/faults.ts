/**
 * Everything that can be switched wrong on the virtual camera, as the command line and the control port take it.
 * `none` ends all of it.
 */
import { z } from 'zod';
import { HubError } from '#core/base/errors.ts';
import { digestAlgorithms } from '../digest.ts';
import { serviceNames } from './world.ts';

const on = z.boolean().default(true);
const wholeMs = z.int().min(0).max(86_400_000);

/** Faults of the RTSP side; see VirtualCameraFault for what each does. */
const rtspKinds = [
  z.strictObject({ kind: z.literal('drop') }),
  z.strictObject({ kind: z.literal('stall'), ms: wholeMs.exactOptional() }),
  z.strictObject({ kind: z.literal('resume') }),
  z.strictObject({
    kind: z.literal('refuse'),
    status: z.union([z.literal(401), z.literal(404), z.literal(453), z.literal(503)]),
    times: z.int().min(1).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('accept') }),
  z.strictObject({ kind: z.literal('resolution') }),
  z.strictObject({ kind: z.literal('loss'), everyPackets: z.int().min(0) }),
  z.strictObject({ kind: z.literal('wrap'), secondsBefore: z.number().min(0).nullable() }),
  z.strictObject({ kind: z.literal('connection_cap'), sessions: z.int().min(0).nullable() }),
  z.strictObject({ kind: z.literal('codec'), codec: z.enum(['h264', 'h265']) }),
  z.strictObject({ kind: z.literal('garbage_sdp'), on, form: z.enum(['noise', 'no_media', 'huge']).default('noise') }),
  z.strictObject({ kind: z.literal('keyframes'), everyPictures: z.int().min(0) }),
  z.strictObject({ kind: z.literal('jump'), seconds: z.number().min(-86_400).max(86_400) }),
] as const;

/** Faults of both sides or of the ONVIF side. */
const cameraKinds = [
  z.strictObject({ kind: z.literal('none') }),
  /** The camera's clock is off by this much, everywhere. */
  z.strictObject({ kind: z.literal('clock'), offsetMs: z.number().min(-1e12).max(1e12) }),
  /** Takes connections and never answers, on both ports. */
  z.strictObject({ kind: z.literal('silent'), ms: wholeMs }),
  /** Power cut: both ports are closed, back after `ms`. */
  z.strictObject({ kind: z.literal('reboot'), ms: wholeMs }),
  /** How secrets are asked for, on both ports. `requestsPerNonce`: a nonce is stale after so many; 0: never. */
  z.strictObject({
    kind: z.literal('digest'),
    algorithms: z.array(z.enum(digestAlgorithms)).min(1),
    qop: z.boolean().default(true),
    requestsPerNonce: z.int().min(0).default(0),
  }),
  /** What the ONVIF side takes. */
  z.strictObject({ kind: z.literal('auth'), kinds: z.array(z.enum(['wsse', 'digest'])).min(1) }),
  /** The right password is refused too, on both ports. */
  z.strictObject({ kind: z.literal('refuse_password'), on }),
  /** Answers trickle: so many bytes a second. 0 ends it. */
  z.strictObject({ kind: z.literal('slow_soap'), bytesPerSecond: z.int().min(0) }),
  /** Answers are blown up with this many bytes of nothing. 0 ends it. */
  z.strictObject({ kind: z.literal('big_xml'), bytes: z.int().min(0).max(1_000_000_000) }),
  /** Answers that are no answer. */
  z.strictObject({ kind: z.literal('bad_xml'), form: z.enum(['none', 'broken', 'deep', 'entities', 'html', 'empty']) }),
  z.strictObject({ kind: z.literal('no_long_poll'), on }),
  z.strictObject({ kind: z.literal('missing_off'), on }),
  /** How a new subscription hears what is the case: as the specification says, as fresh changes, or not at all. */
  z.strictObject({ kind: z.literal('replay'), as: z.enum(['Initialized', 'Changed', 'none']) }),
  z.strictObject({ kind: z.literal('no_pull_point'), on }),
  z.strictObject({ kind: z.literal('reference_parameters'), on }),
  /** All subscriptions are unknown from now on. */
  z.strictObject({ kind: z.literal('forget_subscriptions') }),
  /** These services are not offered. */
  z.strictObject({ kind: z.literal('without'), services: z.array(z.enum(serviceNames)) }),
  /** Addresses in answers: of another host (as behind NAT), paths alone, or (null, false) as they are. */
  z.strictObject({
    kind: z.literal('addresses'),
    host: z.string().min(1).max(255).nullable().default(null),
    relative: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('odd_prefixes'), on }),
  /** Each answer to a search is sent so often. */
  z.strictObject({ kind: z.literal('discovery_repeats'), times: z.int().min(0).max(20) }),
  /** Long nonces, nonces used before and fractions of a second in Created are refused. */
  z.strictObject({ kind: z.literal('picky'), on }),
] as const;

const faultSchema = z.discriminatedUnion('kind', [...rtspKinds, ...cameraKinds]);

export type CameraFault = z.input<typeof faultSchema>;
export type WholeCameraFault = z.output<typeof faultSchema>;
export const faultNames: readonly string[] = [...rtspKinds, ...cameraKinds].map((one) => one.shape.kind.value);

/** For the RTSP side alone. */
export type RtspFault = z.output<(typeof rtspKinds)[number]>;
export type OwnFault = z.output<(typeof cameraKinds)[number]>;

const rtspNames = new Set<string>(rtspKinds.map((one) => one.shape.kind.value));
export function isRtspFault(fault: WholeCameraFault): fault is RtspFault {
  return rtspNames.has(fault.kind);
}

/** Throws `bad_request` with what is wrong. */
export function readFault(value: unknown): WholeCameraFault {
  const read = faultSchema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new HubError(
    'bad_request',
    `This fault is not understood: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`,
  );
}

/** `kind`, `kind:name=value,name=value` (values are JSON where they can be) or a JSON object. Throws `bad_request`. */
export function parseFault(text: string): WholeCameraFault {
  if (text.startsWith('{')) {
    try {
      return readFault(JSON.parse(text));
    } catch (error) {
      if (error instanceof HubError) throw error;
      throw new HubError('bad_request', `This fault is no JSON: ${text}`, { cause: error });
    }
  }
  const colon = text.indexOf(':');
  const fields: Record<string, unknown> = { kind: colon < 0 ? text : text.slice(0, colon) };
  for (const part of colon < 0 ? [] : text.slice(colon + 1).split(',')) {
    const [name = '', value = 'true'] = part.split('=');
    fields[name] = value === 'null' ? null : value === 'true' || value === 'false' ? value === 'true' : asNumber(value);
  }
  return readFault(fields);
}

/** Lists are written `a+b`. */
function asNumber(value: string): unknown {
  if (value !== '' && Number.isFinite(Number(value))) return Number(value);
  return value.includes('+') ? value.split('+') : value;
}
