/** Branded identifiers: a string of one kind can't be passed where another is meant. All are made by the hub. */
import { randomBytes } from 'node:crypto';

type Brand<T, B extends string> = T & { readonly __brand: B };
export type CameraId = Brand<string, 'CameraId'>;
export type EventId = Brand<string, 'EventId'>;
export type ExportId = Brand<string, 'ExportId'>;

/** 12 lower-case base32 characters: 60 random bits, safe in paths and URLs on every system. */
function randomId(prefix: string): string {
  const alphabet = 'abcdefghjkmnpqrstvwxyz0123456789';
  let out = prefix;
  for (const byte of randomBytes(12)) out += alphabet.charAt(byte & 31);
  return out;
}

export const newCameraId = (): CameraId => randomId('c') as CameraId;
export const newEventId = (): EventId => randomId('e') as EventId;
export const newExportId = (): ExportId => randomId('x') as ExportId;

/** The one shape an id may have. Checked before an id is used in a path. */
export const idPattern = /^[cex][a-z0-9]{12}$/;
