/** What this camera looks for, and how sure it has to be. */
import type { Camera } from '#core/api/schemas.ts';
import { defaultThreshold, type EventLabel } from '#core/domain/detection.ts';
import { useState, type SubmitEvent } from 'react';
import { useChangeCamera } from '../../client/cameras.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { duration, finePercent, percent } from '../../ui/format.ts';
import { SaveBar } from '../../ui/save-bar.tsx';
import { Slider } from '../../ui/slider.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { Switch } from '../../ui/switch.tsx';
import { useToast } from '../../ui/toast.tsx';
import { LabelIcon, labelsOf, labelWords } from '../../ui/words.tsx';
import { labelsFor } from './camera-draft.ts';
import { SourceField } from './recording-fields.tsx';
import { signalList } from './stream-words.ts';

type Detect = Camera['detect'];
type Draft = Pick<Detect, 'enabled' | 'labels' | 'thresholds' | 'minArea' | 'cooldownS' | 'invert' | 'source'>;

function draftOf(detect: Detect): Draft {
  const { enabled, labels, thresholds, minArea, cooldownS, invert, source } = detect;
  return { enabled, labels, thresholds, minArea, cooldownS, invert, source };
}

const same = (a: Draft, b: Draft): boolean =>
  JSON.stringify({ ...a, labels: [...a.labels].sort() }) === JSON.stringify({ ...b, labels: [...b.labels].sort() });

/** What was chosen stays where it can still come up; what the camera tells beyond it is added, or it would make no events. */
function labelsAfter(draft: Draft, source: Detect['source'], signals: Parameters<typeof labelsFor>[1]): EventLabel[] {
  const possible = labelsOf([source], signals);
  const kept = draft.labels.filter((label) => possible.includes(label));
  return source === 'hub' ? kept : [...new Set([...kept, ...labelsFor(source, signals)])];
}

export function DetectionTab({ camera }: { camera: Camera }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(camera.detect));
  const save = useChangeCamera(camera.id);
  const toast = useToast();
  const change = (patch: Partial<Draft>): void => setDraft((old) => ({ ...old, ...patch }));
  const signals = camera.onvif?.signals ?? [];
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
  const hubLooks = draft.source !== 'camera';
  return (
    <form onSubmit={submit}>
      <div className="grid max-w-6xl items-start gap-5 lg:grid-cols-2">
        <Card title="Look for" note="What becomes an event. Everything is decided on this machine.">
          <Switch label="Look at this camera" checked={draft.enabled} onChange={(enabled) => change({ enabled })} />
          {camera.onvifUrl === null && draft.source === 'hub' ? null : (
            <div className="mt-4">
              <SourceField
                value={draft.source}
                reports={signalList(signals)}
                onChange={(source) => change({ source, labels: labelsAfter(draft, source, signals) })}
              />
            </div>
          )}
          <ul className="mt-3 divide-y divide-line border-t border-line">
            {labelsOf([draft.source], signals).map((label) => (
              <LabelRow key={label} label={label} draft={draft} onChange={change} />
            ))}
          </ul>
        </Card>
        <Card title="Ignore">
          <div className="space-y-6">
            {hubLooks ? (
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
            ) : null}
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
            {hubLooks ? (
              <Switch
                label="Thermal picture"
                hint="For cameras that show warm things white: the picture is inverted before it is looked at."
                checked={draft.invert}
                onChange={(invert) => change({ invert })}
              />
            ) : null}
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
        <p className="pl-7.5 text-sm text-muted">
          {draft.source === 'camera'
            ? 'Every motion that the camera reports becomes an event.'
            : 'Anything that moves becomes an event, trees and rain too.'}
        </p>
      ) : on && draft.source !== 'camera' && labelsOf(['hub']).includes(label) ? (
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
