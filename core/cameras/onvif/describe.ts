/**
 * Everything the interface shows of a camera before it is added, in one go. Invariant: only a refused password, a wrong
 * clock, an unreachable camera and a cancelled call end it; whatever else fails is told in `problems`, and the rest holds.
 */
import type { ImagingAbilities, OnvifDescription, OnvifProfile, PtzAbilities } from '#core/domain/onvif.ts';
import { Attempts } from './attempts.ts';
import { chooseProfiles } from './choose-profiles.ts';
import type { OnvifSession } from './connection.ts';
import { readEvents, readInfo, readRelays, readTalk } from './device.ts';
import { readImagingAbilities } from './imaging.ts';
import { readProfiles } from './media.ts';
import { readPtzAbilities } from './ptz.ts';
import type { OnvifConnection } from './soap-port.ts';

const nobody = { make: '', model: '', firmware: '', serial: '', hardware: '' };

/**
 * `connection`: what to ask through, when that is not the session itself (a call that can be cancelled). `endMs`: on the
 * monotonic clock; a camera that takes seconds for each answer is described with what it has said by then.
 */
export async function describeCamera(
  session: OnvifSession,
  connection: OnvifConnection = session,
  endMs = Infinity,
): Promise<OnvifDescription> {
  const attempts = new Attempts(endMs);
  const info = await attempts.first('What it is', () => readInfo(connection));
  const profiles = await readProfiles(connection, attempts);
  const chosen = chooseProfiles(profiles);
  const main = profiles.find((profile) => profile.token === chosen.main) ?? null;
  if (profiles.length > 0 && main === null) {
    attempts.note('None of its profiles is an H.264 or H.265 stream that Porchlight can record.');
  }
  if (profiles.length === 0 && !connection.has('media1') && !connection.has('media2')) {
    attempts.note('It offers no media service over ONVIF. Enter its RTSP address instead.');
  }
  const moving = async () => {
    const ptz = await readPtz(connection, attempts, profiles, main);
    return { ptz, imaging: await readImaging(connection, attempts, main) };
  };
  const reporting = async () => {
    const events = await readEvents(connection, attempts);
    const relays = await readRelays(connection, attempts);
    return { events, relays, talk: await readTalk(connection, attempts) };
  };
  // Two questions at a time: slow cameras are through in half the time.
  const [{ ptz, imaging }, { events, relays, talk }] = await Promise.all([moving(), reporting()]);
  const { url, clock } = session;
  return {
    url,
    info: info ?? nobody,
    clock,
    profiles,
    chosen,
    ptz,
    imaging,
    events,
    relays,
    talk,
    problems: attempts.problems,
  };
}

/** Through the profile that is recorded where that one moves, else through the first that does. */
async function readPtz(
  connection: OnvifConnection,
  attempts: Attempts,
  profiles: readonly OnvifProfile[],
  main: OnvifProfile | null,
): Promise<PtzAbilities | null> {
  if (!connection.has('ptz')) return null;
  const moving = main?.ptz === true ? main : profiles.find((profile) => profile.ptz);
  if (moving === undefined) return null;
  return attempts.expect('How it can be moved', () => readPtzAbilities(connection, moving.token));
}

async function readImaging(
  connection: OnvifConnection,
  attempts: Attempts,
  main: OnvifProfile | null,
): Promise<ImagingAbilities | null> {
  if (!connection.has('imaging')) return null;
  const source = main === null || main.source === '' ? null : main.source;
  return attempts.expect('Its picture settings', () => readImagingAbilities(connection, source));
}
