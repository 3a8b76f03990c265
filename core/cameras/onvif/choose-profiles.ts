/** Which profile is recorded and which is analysed. Pure. Invariant: they are two, of one source, or `sub` is null. */
import type { OnvifProfile } from '#core/domain/onvif.ts';

/** What analysing is tuned for (docs/design/analysis.md). */
const wantedPixels = 640 * 360;
const leastWidth = 320;
/** H.265 costs more to decode and plays in fewer browsers: it must be this much nearer in size (a factor of about 1.6). */
const h265Handicap = 0.5;

/**
 * Main: the largest H.264 or H.265 of the first source, H.264 where sizes tie. Sub: a smaller one of that source, nearest to
 * 640x360 and at least 320 wide, H.264 preferred.
 */
export function chooseProfiles(profiles: readonly OnvifProfile[]): { main: string | null; sub: string | null } {
  const usable = profiles.filter((profile) => profile.streamUrl !== null && codecRank(profile) > 0);
  const source = usable[0]?.source;
  const same = usable.filter((profile) => profile.source === source);
  const main = best(same, (profile) => pixels(profile) + codecRank(profile) / 10);
  if (main === null) return { main: null, sub: null };
  const smaller = same.filter(
    (profile) =>
      profile.token !== main.token &&
      profile.streamUrl !== main.streamUrl &&
      pixels(profile) < pixels(main) &&
      (profile.video?.width ?? 0) >= leastWidth &&
      pixels(profile) > 0,
  );
  const sub = best(
    smaller,
    (profile) =>
      -Math.abs(Math.log(pixels(profile) / wantedPixels)) - (profile.video?.codec === 'h265' ? h265Handicap : 0),
  );
  return { main: main.token, sub: sub?.token ?? null };
}

/** The first of those with the highest score. */
function best(profiles: readonly OnvifProfile[], score: (profile: OnvifProfile) => number): OnvifProfile | null {
  let found: OnvifProfile | null = null;
  for (const profile of profiles) {
    if (found === null || score(profile) > score(found)) found = profile;
  }
  return found;
}

function pixels({ video }: OnvifProfile): number {
  return video === null ? 0 : video.width * video.height;
}

function codecRank({ video }: OnvifProfile): number {
  return video?.codec === 'h264' ? 2 : video?.codec === 'h265' ? 1 : 0;
}
