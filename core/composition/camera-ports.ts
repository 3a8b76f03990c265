/** What speaks with cameras that are being tried, as the ports that the prober knows. Loaded when first needed. */
import type { Clock } from '#core/base/clock.ts';
import type { PullTarget } from '#core/domain/media.ts';
import { newCameraId } from '#core/domain/ids.ts';
import type { OpenPorts } from '#core/hub/onvif-finder.ts';
import type { GuessTarget } from '#core/hub/probe.ts';
import type { Offer } from '#core/hub/rtsp-advice.ts';
import type { PictureTarget } from '#core/cameras/picture-address.ts';

const measureMs = 3_000;
/** Leaves time to measure within the 20 s that a probe may take. */
const firstKeyframeMs = 14_000;

/** Throws every `camera_…` code. */
export async function measureCamera(
  target: Omit<PullTarget, 'cameraId'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Offer> {
  const [{ probeRtsp }, { ReadBatcher }] = await Promise.all([
    import('#core/media/rtsp/probe.ts'),
    import('#core/media/rtsp/read-batcher.ts'),
  ]);
  const env = { clock, batcher: new ReadBatcher() };
  const options = { measureMs, firstKeyframeMs, signal };
  const { firstKeyframe, ...offer } = await probeRtsp({ cameraId: newCameraId(), ...target }, env, options);
  return { ...offer, keyframe: firstKeyframe.unit.data };
}

export const openPorts: OpenPorts = async (host, ports, signal) => {
  const { openPorts: open } = await import('#core/cameras/open-ports.ts');
  return await open(host, ports, signal);
};

export async function givesPictures(target: PictureTarget, signal: AbortSignal): Promise<boolean> {
  const { givesPictures: gives } = await import('#core/cameras/picture-address.ts');
  return await gives(target, signal);
}

/** Few enough and short enough that what was found can still be measured. */
const guessLimits = { tries: 40, totalMs: 12_000, pauseMs: 200 };

/** Throws `camera_wrong_password` at the first refusal. */
export async function guessStreams(
  { host, port, username, password }: GuessTarget,
  signal: AbortSignal,
): Promise<{ main: string; sub: string | null } | null> {
  const [{ guessStreams: guess }, { describeOnce }] = await Promise.all([
    import('#core/cameras/rtsp-paths.ts'),
    import('#core/media/rtsp/describe-once.ts'),
  ]);
  const describe: Parameters<typeof guess>[1] = (url, until) =>
    describeOnce({ cameraName: host, url, username, password }, until);
  return await guess({ host, port }, describe, signal, guessLimits);
}
