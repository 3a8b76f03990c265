/** What stands in the camera form, and how it becomes a request. Checked by the contract's own schemas, so that form and hub agree. */
import type { Camera } from '#core/api/schemas.ts';
import { newCamera } from '#core/api/schemas.ts';
import { defaultDetectSettings, type EventLabel } from '#core/domain/detection.ts';
import type { CameraPatch, NewCamera } from '../../client/cameras.ts';
import type { ProbeResult } from './use-probe.ts';

type Signal = NonNullable<Camera['onvif']>['signals'][number];

export interface CameraDraft {
  /** null: not added yet. */
  id: string | null;
  name: string;
  /** The stream that is recorded. */
  url: string;
  /** The smaller one that is watched and analysed; empty: there is none. */
  subUrl: string;
  /** Empty: known by its streams alone. */
  onvifUrl: string;
  username: string;
  /** null: the one the hub has stays. */
  password: string | null;
  room: string;
  record: Camera['record'];
  audio: boolean;
  indoor: boolean;
  source: Camera['detect']['source'];
}

export const emptyDraft: CameraDraft = {
  id: null,
  name: '',
  url: '',
  subUrl: '',
  onvifUrl: '',
  username: '',
  password: '',
  room: '',
  record: 'continuous',
  audio: true,
  indoor: false,
  source: 'hub',
};

export function draftOf(camera: Camera): CameraDraft {
  return {
    id: camera.id,
    name: camera.name,
    url: camera.url,
    subUrl: camera.subUrl ?? '',
    onvifUrl: camera.onvifUrl ?? '',
    username: camera.username ?? '',
    password: camera.hasPassword ? null : '',
    room: camera.room ?? '',
    record: camera.record,
    audio: camera.audio,
    indoor: camera.indoor,
    source: camera.detect.source,
  };
}

const orNull = (text: string): string | null => (text === '' ? null : text);

/** User and password for a try or a preview. Left as it is, the hub uses the password it keeps, at the camera's own host. */
export function credentialsOf({ id, username, password }: CameraDraft) {
  const user = { username: orNull(username) };
  return id !== null && password === null ? { ...user, cameraId: id } : { ...user, password: orNull(password ?? '') };
}
export const probeOf = (draft: CameraDraft, url: string) => ({ url: url.trim(), ...credentialsOf(draft) });

/** What the preview of a draft pulls; null while there is nothing to pull. */
export function previewOf(draft: CameraDraft) {
  const url = draft.url.trim();
  return url === '' ? null : { url, subUrl: orNull(draft.subUrl.trim()), ...credentialsOf(draft) };
}

/** What a try brought, in the form. Streams that were chosen by hand stay if the camera still offers them. */
export function withResult(draft: CameraDraft, result: ProbeResult): CameraDraft {
  const offered = new Set(result.onvif?.profiles.map((profile) => profile.streamUrl));
  const kept = offered.has(draft.url) && (draft.subUrl === '' || offered.has(draft.subUrl));
  return {
    ...draft,
    ...(kept ? {} : { url: result.main ?? '', subUrl: result.sub ?? '' }),
    onvifUrl: result.onvif?.url ?? (result.kind === 'onvif' ? draft.onvifUrl : ''),
    source: result.onvif?.events ? draft.source : 'hub',
  };
}

/** Everything that makes an event, by who looks. A camera that only tells of motion would otherwise make none. */
export function labelsFor(source: CameraDraft['source'], signals: readonly Signal[]): EventLabel[] {
  const own = defaultDetectSettings.labels;
  if (source === 'hub') return [...own];
  const finer = signals.filter((signal) => signal !== 'motion');
  const told: EventLabel[] = finer.length === 0 ? ['motion'] : finer;
  return source === 'camera' ? told : [...new Set([...own, ...finer])];
}

export function newCameraOf(draft: CameraDraft, signals: readonly Signal[] = []): NewCamera {
  const url = draft.url.trim();
  const onvifUrl = orNull(draft.onvifUrl.trim());
  return {
    name: draft.name.trim(),
    // With an ONVIF address the hub can choose the streams; without one an empty address has to be refused.
    ...(url === '' && onvifUrl !== null ? {} : { url }),
    subUrl: orNull(draft.subUrl.trim()),
    onvifUrl,
    username: orNull(draft.username),
    password: orNull(draft.password ?? ''),
    room: orNull(draft.room.trim()),
    record: draft.record,
    audio: draft.audio,
    indoor: draft.indoor,
    ...(draft.source === 'hub' ? {} : { detect: { source: draft.source, labels: labelsFor(draft.source, signals) } }),
  };
}

/** Only what differs, so that a change of the name does not restart the stream. */
export function patchOf(camera: Camera, draft: CameraDraft): CameraPatch {
  const before = newCameraOf(draftOf(camera));
  const after = newCameraOf(draft);
  const patch: CameraPatch = {};
  if (after.name !== before.name) patch.name = after.name;
  if (after.url !== undefined && after.url !== before.url) patch.url = after.url;
  if (after.subUrl !== before.subUrl) patch.subUrl = after.subUrl ?? null;
  if (after.onvifUrl !== before.onvifUrl) patch.onvifUrl = after.onvifUrl ?? null;
  if (after.username !== before.username) patch.username = after.username ?? null;
  if (draft.password !== null && !(draft.password === '' && !camera.hasPassword))
    patch.password = orNull(draft.password);
  if (after.room !== before.room) patch.room = after.room ?? null;
  if (draft.record !== camera.record) patch.record = draft.record;
  if (draft.audio !== camera.audio) patch.audio = draft.audio;
  if (draft.indoor !== camera.indoor) patch.indoor = draft.indoor;
  return patch;
}

export type DraftProblems = Partial<Record<keyof CameraDraft, string>>;

/** A sentence per field that the hub would refuse. */
export function problemsOf(draft: CameraDraft): DraftProblems {
  const parsed = newCamera.safeParse(newCameraOf(draft));
  if (parsed.success) return {};
  const problems: DraftProblems = {};
  for (const issue of parsed.error.issues) {
    const field = issue.path[0] as keyof CameraDraft | undefined;
    if (field !== undefined) problems[field] ??= issue.message.charAt(0).toUpperCase() + issue.message.slice(1);
  }
  return problems;
}
