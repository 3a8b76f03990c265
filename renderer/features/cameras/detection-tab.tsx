/** What this camera looks for, and how sure it has to be. */
import type { Camera } from '#core/api/schemas.ts';
import { defaultThreshold, eventLabels, type EventLabel } from '#core/domain/detection.ts';
import { useState, type SubmitEvent } from 'react';
import { useChangeCamera } from '../../client/cameras.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { duration, finePercent, percent } from '../../ui/format.ts';
import { SaveBar } from '../../ui/save-bar.tsx';
import { Slider } from '../../ui/slider.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useToast } from '../../ui/toast.tsx';
import { LabelIcon, labelWords } from '../../ui/words.tsx';

type Detect = Camera['detect'];
type Draft = Pick<Detect, 'enabled' | 'labels' | 'thresholds' | 'minArea' | 'cooldownS' | 'invert'>;

function draftOf(detect: Detect): Draft {
  const { enabled, labels, thresholds, minArea, cooldownS, invert } = detect;
  return { enabled, labels, thresholds, minArea, cooldownS, invert };
}

const same = (a: Draft, b: Draft): boolean =>
  JSON.stringify({ ...a, labels: [...a.labels].sort() }) === JSON.stringify({ ...b, labels: [...b.labels].sort() });

export function DetectionTab({ camera }: { camera: Camera }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(camera.detect));
  const save = useChangeCamera(camera.id);
  const toast = useToast();
  const change = (patch: Partial<Draft>): void => setDraft((old) => ({ ...old, ...patch }));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    save.mutate(
      { detect: draft },
      {
        onSuccess: (changed) => {
          setDraft(draftOf(changed.detect));
          toast('Saved.');
        },
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <div className="grid max-w-6xl items-start gap-5 lg:grid-cols-2">
        <Card title="Look for" note="What becomes an event. Everything is decided on this machine.">
          <Switch label="Look at this camera" checked={draft.enabled} onChange={(enabled) => change({ enabled })} />
          <ul className="mt-3 divide-y divide-line border-t border-line">
            {eventLabels.map((label) => (
              <LabelRow key={label} label={label} draft={draft} onChange={change} />
            ))}
          </ul>
        </Card>
        <Card title="Ignore">
          <div className="space-y-6">
            <Slider
              label="Smaller than"
              hint="Of the whole picture. Raise it when far-away things become events."
              // The side of a square, so that the small sizes that matter have room on the slider.
              value={Math.sqrt(draft.minArea)}
              min={0}
              max={0.3}
              step={0.005}
              words={(side) => (side === 0 ? 'nothing' : finePercent(side * side))}
              onChange={(side) => change({ minArea: Math.round(side * side * 1e6) / 1e6 })}
            />
            <Slider
              label="The same again within"
              hint="No second event of the same kind in the same place so soon after the last."
              value={draft.cooldownS}
              min={0}
              max={300}
              step={5}
              words={(seconds) => (seconds === 0 ? 'never' : duration(seconds * 1000))}
              onChange={(cooldownS) => change({ cooldownS })}
            />
            <Switch
              label="Thermal picture"
              hint="For cameras that show warm things white: the picture is inverted before it is looked at."
              checked={draft.invert}
              onChange={(invert) => change({ invert })}
            />
          </div>
        </Card>
      </div>
      <SaveBar
        dirty={!same(draft, draftOf(camera.detect))}
        busy={save.isPending}
        error={save.error}
        onDiscard={() => {
          setDraft(draftOf(camera.detect));
          save.reset();
        }}
      />
    </form>
  );
}

interface LabelRowProps {
  label: EventLabel;
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
}

function LabelRow({ label, draft, onChange }: LabelRowProps) {
  const on = draft.labels.includes(label);
  return (
    <li className="py-2.5">
      <Checkbox
        label={
          <>
            <LabelIcon label={label} size={18} /> {label === 'motion' ? 'Motion alone' : labelWords[label]}
          </>
        }
        checked={on}
        onChange={(checked) =>
          onChange({ labels: checked ? [...draft.labels, label] : draft.labels.filter((other) => other !== label) })
        }
      />
      {label === 'motion' ? (
        <p className="pl-7.5 text-sm text-muted">Anything that moves becomes an event, trees and rain too.</p>
      ) : on ? (
        <div className="mt-1 pl-7.5">
          <Slider
            label={`${labelWords[label]}: at least this sure`}
            value={draft.thresholds[label] ?? defaultThreshold}
            min={0.05}
            max={0.95}
            step={0.05}
            words={percent}
            disabled={!draft.enabled}
            onChange={(threshold) =>
              onChange({ thresholds: { ...draft.thresholds, [label]: Math.round(threshold * 100) / 100 } })
            }
          />
        </div>
      ) : null}
    </li>
  );
}
