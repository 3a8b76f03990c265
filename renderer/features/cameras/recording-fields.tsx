/** Name, second stream, and what is recorded. */
import { PlugZap } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import { probeOf, type CameraDraft, type DraftProblems } from './camera-draft.ts';
import { useProbe } from './connection-fields.tsx';
import { ProbePanel } from './probe-panel.tsx';

interface RecordingFieldsProps {
  draft: CameraDraft;
  problems: DraftProblems;
  onChange: (patch: Partial<CameraDraft>) => void;
}

const modes = [
  { value: 'continuous', text: 'All the time' },
  { value: 'events', text: 'Events' },
  { value: 'off', text: 'Never' },
] as const;
const modeHints: Record<CameraDraft['record'], string> = {
  continuous: 'Nothing is missed. Old recordings make room for new ones.',
  events: 'Only around what was seen, with some seconds before and after.',
  off: 'Live view only.',
};

export function RecordingFields({ draft, problems, onChange }: RecordingFieldsProps) {
  const probe = useProbe();
  return (
    <div className="space-y-5">
      <TextField
        label="Name"
        placeholder="Front door"
        value={draft.name}
        onChange={(event) => onChange({ name: event.target.value })}
        problem={problems.name}
        maxLength={80}
        autoComplete="off"
        required
      />
      <div>
        <p className="mb-1.5 text-sm font-medium">Record</p>
        <Segmented label="Record" value={draft.record} options={modes} onChange={(record) => onChange({ record })} />
        <p className="mt-1.5 text-sm text-muted">{modeHints[draft.record]}</p>
      </div>
      <Switch label="Record sound" checked={draft.audio} onChange={(audio) => onChange({ audio })} />
      <Switch
        label="Indoors"
        hint="Marks a private place, so that you notice before you share anything from it."
        checked={draft.indoor}
        onChange={(indoor) => onChange({ indoor })}
      />
      <details className="group rounded-control border border-line px-4 py-3" open={draft.subUrl !== ''}>
        <summary className="cursor-pointer font-medium">Second, smaller stream</summary>
        <div className="mt-3 space-y-3">
          <TextField
            label="Address of the second stream"
            placeholder="rtsp://192.168.1.20/stream2"
            hint="Most cameras have one. Porchlight watches and analyses it and records the large one, which saves much work."
            value={draft.subUrl}
            onChange={(event) => {
              onChange({ subUrl: event.target.value });
              probe.reset();
            }}
            problem={problems.subUrl}
            inputMode="url"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
          />
          <Button
            size="small"
            busy={probe.isPending}
            disabled={draft.subUrl.trim() === ''}
            onClick={() => probe.mutate(probeOf(draft, draft.subUrl))}
          >
            <PlugZap size={15} aria-hidden="true" /> Try it
          </Button>
          <ProbePanel pending={probe.isPending} error={probe.error} result={probe.data} />
        </div>
      </details>
    </div>
  );
}
