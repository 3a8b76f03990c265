/** What a try brought: the live picture, the streams and which is for what, what else the camera can do, advice. */
import { Clock, Info, Lightbulb } from 'lucide-react';
import type { ReactNode } from 'react';
import { videoWords } from '../../ui/words.tsx';
import type { CameraDraft } from './camera-draft.ts';
import { PreviewPair } from './preview-pair.tsx';
import { StreamFields } from './stream-fields.tsx';
import { clockWords, codecWord, offersOf, profileWords } from './stream-words.ts';
import type { ShownDraft } from './use-draft-camera.ts';
import type { ProbeResult } from './use-probe.ts';

interface FoundCameraProps {
  draft: CameraDraft;
  /** null: it could not be tried and is added unseen. */
  result: ProbeResult | null;
  shown: ShownDraft;
  /** The addresses have fields of their own already. */
  chooseOnly?: boolean;
  onChange: (patch: Pick<Partial<CameraDraft>, 'url' | 'subUrl'>) => void;
  onAgain: () => void;
}

export function FoundCamera({ draft, result, shown, chooseOnly = false, onChange, onAgain }: FoundCameraProps) {
  const profiles = result?.onvif?.profiles ?? [];
  const wordsOf = (url: string): string | null => {
    // What was measured is truer than what the camera says of itself.
    const measured = result && (url === result.main || url === result.url) ? measuredWords(result) : null;
    const profile = profiles.find(({ streamUrl }) => streamUrl !== null && streamUrl === url);
    return measured ?? (profile ? profileWords(profile) : null);
  };
  return (
    <div className="space-y-5">
      <PreviewPair
        shown={shown}
        hasMain={draft.url !== ''}
        hasSub={draft.subUrl !== ''}
        mainWords={wordsOf(draft.url)}
        subWords={wordsOf(draft.subUrl)}
        onAgain={onAgain}
      />
      {chooseOnly && profiles.length === 0 ? null : (
        <StreamFields draft={draft} profiles={profiles} onChange={onChange} />
      )}
      {result ? <Findings result={result} /> : null}
    </div>
  );
}

function measuredWords({ video, audio }: ProbeResult): string | null {
  if (!video) return null;
  const keyframes =
    video.keyframeIntervalMs === null
      ? ''
      : ` · keyframe every ${(video.keyframeIntervalMs / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  return `${videoWords(video)}${keyframes}${audio ? ` · sound: ${codecWord(audio.codec)}` : ' · no sound'}`;
}

function Findings({ result }: { result: ProbeResult }) {
  const { onvif, advice } = result;
  const offers = onvif ? offersOf(onvif) : [];
  const clock = onvif ? clockWords(onvif) : null;
  const problems = onvif?.problems ?? [];
  return (
    <div className="space-y-3">
      {offers.length === 0 ? null : (
        <div>
          <h3 className="mb-1.5 text-sm font-medium">It can also</h3>
          <ul className="flex flex-wrap gap-1.5">
            {offers.map((offer) => (
              <li key={offer} className="rounded-full border border-line bg-raised px-2.5 py-0.5 text-sm">
                {offer}
              </li>
            ))}
          </ul>
        </div>
      )}
      {clock === null && advice.length === 0 && problems.length === 0 ? null : (
        <ul className="space-y-1.5 text-sm" aria-label="Advice">
          {clock === null ? null : (
            <Finding icon={<Clock size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden="true" />}>
              {clock}
            </Finding>
          )}
          {advice.map((text) => (
            <Finding
              key={text}
              icon={<Lightbulb size={16} className="mt-0.5 shrink-0 text-accent-ink" aria-hidden="true" />}
            >
              {text}
            </Finding>
          ))}
          {problems.map((text) => (
            <Finding key={text} icon={<Info size={16} className="mt-0.5 shrink-0 text-muted" aria-hidden="true" />}>
              {text}
            </Finding>
          ))}
        </ul>
      )}
    </div>
  );
}

function Finding({ icon, children }: { icon: ReactNode; children: string }) {
  return (
    <li className="flex gap-2">
      {icon}
      <span className="min-w-0 max-w-prose wrap-anywhere text-pretty">{children}</span>
    </li>
  );
}
