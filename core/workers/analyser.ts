/** Process entry of the analyser. Speaks HubToAnalyser and AnalyserToHub; joins decoding and seeing. */
import { Analyser } from '#core/analyser/analyser.ts';
import { openNoEyes } from '#core/analyser/no-eyes.ts';
import { systemClock } from '#core/base/clock.ts';
import type { AnalyserToHub, HubToAnalyser } from '#core/domain/worker-protocol.ts';
import { listenToParent, sendToParent } from './parent.ts';

const send = (message: AnalyserToHub): void => sendToParent(message);
const analyser = new Analyser({ clock: systemClock, send, openEyes: openNoEyes, detector: () => null });

listenToParent(
  (message: HubToAnalyser) => analyser.handle(message),
  () => analyser.stop(),
);
send({ type: 'ready' });
