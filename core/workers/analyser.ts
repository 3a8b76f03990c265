/** Process entry of the analyser. Speaks HubToAnalyser and AnalyserToHub; joins decoding and seeing. */
import { Analyser } from '#core/analyser/analyser.ts';
import { systemClock } from '#core/base/clock.ts';
import { CameraAnalysis } from '#core/detect/camera-analysis.ts';
import { DetectorClient } from '#core/detect/detector-client.ts';
import type { AnalyserToHub, HubToAnalyser } from '#core/domain/worker-protocol.ts';
import { listenToParent, sendToParent } from './parent.ts';

type Address = Extract<HubToAnalyser, { type: 'configure' }>['detector'];

let detector: { client: DetectorClient; path: string; token: string } | null = null;

/** One client for all cameras, exchanged when the detector listens elsewhere. */
function detectorAt(address: Address): DetectorClient | null {
  if (detector && detector.path === address?.path && detector.token === address.token) return detector.client;
  detector?.client.close();
  detector = address && { client: new DetectorClient(address), ...address };
  return detector?.client ?? null;
}

const send = (message: AnalyserToHub): void => sendToParent(message);
const analyser = new Analyser({
  clock: systemClock,
  send,
  openEyes: (init) => new CameraAnalysis(init),
  detector: detectorAt,
});

listenToParent(
  (message: HubToAnalyser) => analyser.handle(message),
  () => {
    analyser.stop();
    detector?.client.close();
  },
);
send({ type: 'ready' });
