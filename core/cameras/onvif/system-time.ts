/** GetSystemDateAndTime: what the camera's clock says, read with care because everything else is signed with it. */
import type { OnvifClock } from '#core/domain/onvif.ts';
import type { XmlElement } from './soap-port.ts';
import { at, numberAt, textAt } from './tree.ts';

export const getSystemDateAndTime = {
  action: 'http://www.onvif.org/ver10/device/wsdl/GetSystemDateAndTime',
  body: '<tds:GetSystemDateAndTime/>',
} as const;

/** `hubMs`: the hub's time at which the camera looked at its clock, as well as we know. */
export function readSystemTime(answer: XmlElement, hubMs: number): OnvifClock {
  const inside = at(answer, 'SystemDateAndTime') ?? answer;
  // Local time is no UTC, but a camera that tells nothing else checks signatures against it.
  const cameraMs = readDateTime(at(inside, 'UTCDateTime')) ?? readDateTime(at(inside, 'LocalDateTime'));
  const type = textAt(inside, 'DateTimeType')?.toLowerCase();
  return {
    cameraMs,
    offsetMs: cameraMs === null ? 0 : Math.round(cameraMs - hubMs),
    timeZone: textAt(inside, 'TimeZone', 'TZ')?.slice(0, 64) ?? null,
    source: type === 'ntp' ? 'ntp' : type === 'manual' ? 'manual' : 'unknown',
  };
}

/** UTC milliseconds; null unless all parts are there and in range (a leap second counts as the next minute). */
function readDateTime(element: XmlElement | null): number | null {
  const part = (inside: string, name: string, least: number, most: number): number => {
    const value = numberAt(element, inside, name);
    return value !== null && Number.isInteger(value) && value >= least && value <= most ? value : NaN;
  };
  const ms = Date.UTC(
    part('Date', 'Year', 1970, 9999),
    part('Date', 'Month', 1, 12) - 1,
    part('Date', 'Day', 1, 31),
    part('Time', 'Hour', 0, 23),
    part('Time', 'Minute', 0, 59),
    part('Time', 'Second', 0, 61),
  );
  return Number.isFinite(ms) ? ms : null;
}
