/** What stands in the camera form, and how it becomes a request. Checked by the contract's own schemas, so that form and hub agree. */
import type { Camera } from '#core/api/schemas.ts';
import { newCamera } from '#core/api/schemas.ts';
import type { CameraPatch, NewCamera } from '../../client/cameras.ts';

export interface CameraDraft {
  /** null: not added yet. */
  id: string | null;
  name: string;
  url: string;
  subUrl: string;
  username: string;
  /** null: the one the hub has stays. */
  password: string | null;
  record: Camera['record'];
  audio: boolean;
  indoor: boolean;
}

export const emptyDraft: CameraDraft = {
  id: null,
  name: '',
  url: '',
  subUrl: '',
  username: '',
  password: '',
  record: 'continuous',
  audio: true,
  indoor: false,
};

export function draftOf(camera: Camera): CameraDraft {
  return {
    id: camera.id,
    name: camera.name,
    url: camera.url,
    subUrl: camera.subUrl ?? '',
    username: camera.username ?? '',
    password: camera.hasPassword ? null : '',
    record: camera.record,
    audio: camera.audio,
    indoor: camera.indoor,
  };
}

const orNull = (text: string): string | null => (text === '' ? null : text);

/** The address to try. With the password left as it is, the hub uses the one it keeps, for the camera's own host. */
export function probeOf(draft: CameraDraft, url: string) {
  const { id, password } = draft;
  const typed = { url: url.trim(), username: orNull(draft.username) };
  return id !== null && password === null ? { ...typed, cameraId: id } : { ...typed, password: orNull(password ?? '') };
}

export function newCameraOf(draft: CameraDraft): NewCamera {
  return {
    name: draft.name.trim(),
    url: draft.url.trim(),
    subUrl: orNull(draft.subUrl.trim()),
    username: orNull(draft.username),
    password: orNull(draft.password ?? ''),
    record: draft.record,
    audio: draft.audio,
    indoor: draft.indoor,
  };
}

/** Only what differs, so that a change of the name does not restart the stream. */
export function patchOf(camera: Camera, draft: CameraDraft): CameraPatch {
  const before = newCameraOf(draftOf(camera));
  const after = newCameraOf(draft);
  const patch: CameraPatch = {};
  if (after.name !== before.name) patch.name = after.name;
  if (after.url !== before.url) patch.url = after.url;
  if (after.subUrl !== before.subUrl) patch.subUrl = after.subUrl ?? null;
  if (after.username !== before.username) patch.username = after.username ?? null;
  if (draft.password !== null && !(draft.password === '' && !camera.hasPassword))
    patch.password = orNull(draft.password);
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
