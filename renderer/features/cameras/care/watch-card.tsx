/** Whether what the camera notices by itself (motion, a person, an input) reaches us. */
import type { Care } from '../../../client/onvif.ts';
import { StateMark } from '../../../ui/state-mark.tsx';
import { Card } from '../../../ui/surfaces.tsx';
import { watchWords } from './words.ts';

const viaWords = {
  pull: 'Porchlight asks the camera for its events.',
  base: 'The camera sends its events to Porchlight.',
};

export function WatchCard({ watch }: { watch: Care['watch'] }) {
  if (watch === null) {
    return (
      <Card title="What it notices by itself">
        <p className="text-muted">Porchlight does not ask for this camera’s own events.</p>
      </Card>
    );
  }
  const { word, tone } = watchWords[watch.state];
  return (
    <Card title="What it notices by itself">
      <StateMark words={{ word, sentence: word, tone }} />
      {watch.via === null ? null : <p className="mt-1 text-sm text-muted">{viaWords[watch.via]}</p>}
      {watch.message === null ? null : <p className="mt-2">{watch.message}</p>}
    </Card>
  );
}
