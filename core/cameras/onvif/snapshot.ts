/**
 * One still picture from the camera's own snapshot address. Invariants: asked at the camera's own address only, whatever
 * it names; at most 8 MiB; what is returned begins and reads like a JPEG.
 */
import { HubError } from '#core/base/errors.ts';
import type { OnvifSession } from './connection.ts';
import { optional } from './optional.ts';
import type { OnvifConnection } from './soap-port.ts';
import { child, childrenOf, escapeXml, textAt } from './tree.ts';

const maxBytes = 8 * 1024 * 1024;
const timeoutMs = 8_000;

type Media = 'media1' | 'media2';
const words = {
  media1: { prefix: 'trt', namespace: 'http://www.onvif.org/ver10/media/wsdl' },
  media2: { prefix: 'tr2', namespace: 'http://www.onvif.org/ver20/media/wsdl' },
} as const;

async function firstProfile(connection: OnvifConnection, media: Media): Promise<string | null> {
  const { prefix, namespace } = words[media];
  const body = `<${prefix}:GetProfiles/>`;
  const answer = await optional(connection.call({ to: media, action: `${namespace}/GetProfiles`, body }));
  return (
    child(answer, 'Profiles')?.attributes['token'] ?? childrenOf(answer, 'Profiles')[1]?.attributes['token'] ?? null
  );
}

async function snapshotUri(connection: OnvifConnection, wanted: string | null): Promise<string | null> {
  for (const media of ['media2', 'media1'] as const) {
    if (!connection.has(media)) continue;
    const profile = wanted ?? (await firstProfile(connection, media));
    if (profile === null) continue;
    const { prefix, namespace } = words[media];
    const token = `<${prefix}:ProfileToken>${escapeXml(profile)}</${prefix}:ProfileToken>`;
    const body = `<${prefix}:GetSnapshotUri>${token}</${prefix}:GetSnapshotUri>`;
    const answer = await optional(connection.call({ to: media, action: `${namespace}/GetSnapshotUri`, body }));
    const uri = textAt(answer, 'Uri') ?? textAt(answer, 'MediaUri', 'Uri');
    if (uri !== null) return uri;
  }
  return null;
}

/** `connection` asks, `session` fetches. Throws `not_offered`, `camera_bad_description`, and what the socket can fail with. */
export async function takeSnapshot(
  connection: OnvifConnection,
  session: OnvifSession,
  profile: string | null,
  signal: AbortSignal,
): Promise<{ jpeg: Uint8Array }> {
  const uri = await snapshotUri(connection, profile);
  if (uri === null) throw new HubError('not_offered', `${session.title} offers no still pictures over ONVIF.`);
  const { status, body } = await session.get(uri, { timeoutMs, maxBytes, signal });
  if (status !== 200)
    throw new HubError(
      'camera_error',
      `${session.title} gave no still picture (HTTP ${status}). Try again in a moment.`,
    );
  // Start of image, and the marker of whatever comes first: cameras also answer with a page or an error in XML.
  if (body.length < 4 || body[0] !== 0xff || body[1] !== 0xd8 || body[2] !== 0xff)
    throw new HubError('camera_bad_description', `What ${session.title} sent as a still picture is no JPEG.`);
  return { jpeg: new Uint8Array(body) };
}
