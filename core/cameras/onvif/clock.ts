/** The camera's own clock and restart (Device service). Invariant: a clock that sets itself is never taken over silently. */
import type { Clock } from '#core/base/clock.ts';
import { HubError } from '#core/base/errors.ts';
import type { OnvifClock } from '#core/domain/onvif.ts';
import { clean } from '#core/base/clean-text.ts';
import type { OnvifConnection, XmlElement } from './soap-port.ts';
import { getSystemDateAndTime, readSystemTime } from './system-time.ts';
import { asBoolean, at, escapeXml, textAt } from './tree.ts';

const device = 'http://www.onvif.org/ver10/device/wsdl';

/** Two looks at the same clock differ by less, whatever it says. */
const goneByMs = 10_000;
const fineMs = 60_000;

interface Read {
  clock: OnvifClock;
  answer: XmlElement;
  travelMs: number;
}

async function read(connection: OnvifConnection, clock: Clock): Promise<Read> {
  const sentMs = clock.monoMs();
  const answer = await connection.call({ to: 'device', ...getSystemDateAndTime });
  const travelMs = clock.monoMs() - sentMs;
  return { clock: readSystemTime(answer, clock.nowMs() - travelMs / 2), answer, travelMs };
}

export async function readClock(connection: OnvifConnection, clock: Clock): Promise<OnvifClock> {
  return (await read(connection, clock)).clock;
}

/**
 * Sets the camera's clock to ours in UTC, keeping its time zone. Cameras take whole seconds. Throws `conflict` when it
 * follows a time server: set by hand it would drift from then on.
 */
export async function setClock(connection: OnvifConnection, cameraName: string, clock: Clock): Promise<OnvifClock> {
  const { clock: before, answer, travelMs } = await read(connection, clock);
  if (before.source === 'ntp') {
    const why = `Camera '${cameraName}' sets its clock itself, from a time server (NTP).`;
    throw new HubError('conflict', `${why} Check the time server in the camera's own settings.`);
  }
  const inside = at(answer, 'SystemDateAndTime');
  const zone = textAt(inside, 'TimeZone', 'TZ');
  const summer = asBoolean(textAt(inside, 'DaylightSavings')) ?? false;
  const time = new Date(Math.round((clock.nowMs() + travelMs / 2) / 1_000) * 1_000);
  const part = (name: string, value: number): string => `<tt:${name}>${value}</tt:${name}>`;
  const body = [
    '<tds:SetSystemDateAndTime><tds:DateTimeType>Manual</tds:DateTimeType>',
    `<tds:DaylightSavings>${summer}</tds:DaylightSavings>`,
    zone === null ? '' : `<tds:TimeZone><tt:TZ>${escapeXml(zone)}</tt:TZ></tds:TimeZone>`,
    '<tds:UTCDateTime><tt:Time>',
    part('Hour', time.getUTCHours()) + part('Minute', time.getUTCMinutes()) + part('Second', time.getUTCSeconds()),
    '</tt:Time><tt:Date>',
    part('Year', time.getUTCFullYear()) + part('Month', time.getUTCMonth() + 1) + part('Day', time.getUTCDate()),
    '</tt:Date></tds:UTCDateTime></tds:SetSystemDateAndTime>',
  ].join('');
  await connection.call({ to: 'device', action: `${device}/SetSystemDateAndTime`, body });
  const after = await readClock(connection, clock);
  const kept = Math.abs(after.offsetMs - before.offsetMs) < goneByMs && Math.abs(after.offsetMs) > fineMs;
  if (before.cameraMs !== null && after.cameraMs !== null && kept) {
    const why = `Camera '${cameraName}' took the new time and kept its old one.`;
    throw new HubError('camera_error', `${why} Set its clock in the camera's own settings.`);
  }
  return after;
}

/** What the camera says to it, cleaned; often it is nothing. */
export async function reboot(connection: OnvifConnection): Promise<{ message: string }> {
  const answer = await connection.call({
    to: 'device',
    action: `${device}/SystemReboot`,
    body: '<tds:SystemReboot/>',
  });
  return { message: clean(textAt(answer, 'Message') ?? '', 200) };
}
