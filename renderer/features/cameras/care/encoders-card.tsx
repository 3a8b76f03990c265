/** How the camera encodes its streams, changing it, and what Porchlight would set. */
import type { Care, Encoder } from '../../../client/onvif.ts';
import { Pencil, Sparkles } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../../../ui/button.tsx';
import { counted, number } from '../../../ui/format.ts';
import { Card } from '../../../ui/surfaces.tsx';
import type { CareActions } from '../care-tab.tsx';
import { EncoderDialog } from './encoder-dialog.tsx';
import { RecommendedDialog } from './recommended-dialog.tsx';
import { bitrateWords, codecWords, keyframeWords } from './words.ts';

interface EncodersCardProps {
  care: Care;
  changeEncoder: CareActions['changeEncoder'];
  applyRecommended: CareActions['applyRecommended'];
}

export function EncodersCard({ care, changeEncoder, applyRecommended }: EncodersCardProps) {
  const [editing, setEditing] = useState<string | null>(null);
  const [previewing, setPreviewing] = useState(false);
  const edited = care.encoders.find(({ token }) => token === editing);
  const { recommended } = care;
  return (
    <Card title="Its streams" note="What the camera sends, as it says itself." className="lg:col-span-2">
      {care.encoders.length === 0 ? (
        <p className="text-muted">The camera does not tell how it encodes.</p>
      ) : (
        <EncoderTable encoders={care.encoders} onEdit={setEditing} />
      )}
      <div className="mt-4 flex flex-wrap items-center gap-x-4 gap-y-3 border-t border-line pt-4">
        {recommended.length === 0 ? (
          <p className="text-muted">Set as Porchlight would set it.</p>
        ) : (
          <>
            <p className="min-w-0 flex-1 basis-64">
              Porchlight would change {counted(recommended.length, 'setting')}, so that live view starts sooner and
              recordings stay small.
            </p>
            <Button tone="primary" onClick={() => setPreviewing(true)}>
              <Sparkles size={16} aria-hidden="true" /> Recommended settings…
            </Button>
          </>
        )}
      </div>
      {edited ? <EncoderDialog encoder={edited} change={changeEncoder} onClose={() => setEditing(null)} /> : null}
      {previewing ? (
        <RecommendedDialog recommended={recommended} apply={applyRecommended} onClose={() => setPreviewing(false)} />
      ) : null}
    </Card>
  );
}

const heads = ['Stream', 'Codec', 'Size', 'Pictures', 'Data rate', 'Keyframe'];
const cell = 'px-2 first:pl-0 sm:py-2.5 sm:align-top';

/** A table where there is room, one card per stream on a phone: the same rows, laid out differently. */
function EncoderTable({ encoders, onEdit }: { encoders: Encoder[]; onEdit: (token: string) => void }) {
  return (
    <table className="w-full text-left text-sm max-sm:block">
      <thead className="text-muted max-sm:sr-only">
        <tr className="border-b border-line">
          {heads.map((head) => (
            <th key={head} scope="col" className={`${cell} font-medium`}>
              {head}
            </th>
          ))}
          <th scope="col" className="w-10">
            <span className="sr-only">Change</span>
          </th>
        </tr>
      </thead>
      <tbody className="divide-y divide-line tabular-nums max-sm:block">
        {encoders.map((encoder) => (
          <tr
            key={encoder.token}
            className="max-sm:relative max-sm:flex max-sm:flex-wrap max-sm:gap-y-1 max-sm:py-3 max-sm:pr-10 max-sm:first:pt-0"
          >
            <th scope="row" className={`${cell} font-medium max-sm:basis-full max-sm:pl-0`}>
              {encoder.name}
              {encoder.profiles.length > 0 && encoder.profiles.join() !== encoder.name ? (
                <span className="block font-normal wrap-anywhere text-muted">{encoder.profiles.join(', ')}</span>
              ) : null}
            </th>
            <td className={`${cell} max-sm:pl-0`}>{codecWords[encoder.codec]}</td>
            <td className={cell}>
              {encoder.width} × {encoder.height}
            </td>
            <td className={cell}>{encoder.fps === null ? 'not said' : `${number(encoder.fps)} a second`}</td>
            <td className={`${cell} max-sm:pl-0`}>{bitrateWords(encoder.bitsPerSecond)}</td>
            <td className={cell}>{keyframeWords(encoder.keyframeEvery, encoder.fps)}</td>
            <td className="text-right max-sm:absolute max-sm:top-1 max-sm:right-0">
              {canChange(encoder) ? (
                <IconButton label={`Change ${encoder.name}`} onClick={() => onEdit(encoder.token)}>
                  <Pencil size={16} aria-hidden="true" />
                </IconButton>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function canChange({ options }: Encoder): boolean {
  const { codecs, sizes, fps, bitsPerSecond, keyframeEvery } = options;
  return codecs.length > 1 || sizes.length > 1 || fps !== null || bitsPerSecond !== null || keyframeEvery !== null;
}
