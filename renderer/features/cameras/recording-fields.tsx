/** What is recorded, and who looks at it. */
import { Segmented } from '../../ui/segmented.tsx';
import { Switch } from '../../ui/switch.tsx';
import type { CameraDraft } from './camera-draft.ts';

interface RecordingFieldsProps {
  draft: CameraDraft;
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

export function RecordingFields({ draft, onChange }: RecordingFieldsProps) {
  return (
    <div className="space-y-5">
      <div>
        <p className="mb-1.5 text-sm font-medium">Record</p>
        <Segmented label="Record" value={draft.record} options={modes} onChange={(record) => onChange({ record })} />
        <p className="mt-1.5 text-sm text-muted">{modeHints[draft.record]}</p>
      </div>
      <Switch label="Record sound" checked={draft.audio} onChange={(audio) => onChange({ audio })} />
    </div>
  );
}

const sources = [
  { value: 'hub', text: 'Porchlight' },
  { value: 'camera', text: 'The camera' },
  { value: 'both', text: 'Both' },
] as const;

interface SourceFieldProps {
  value: CameraDraft['source'];
  /** What the camera reports, in words; empty when it does not list it. */
  reports: string;
  onChange: (source: CameraDraft['source']) => void;
}

/** Only for cameras that report events. */
export function SourceField({ value, reports, onChange }: SourceFieldProps) {
  const told = reports === '' ? 'what it notices' : reports;
  const hints: Record<CameraDraft['source'], string> = {
    hub: 'Porchlight looks at the small stream on this machine.',
    camera: `The camera reports ${told}. Its picture is not decoded here at all, which saves work; how good it is depends on the camera.`,
    both: `Porchlight looks, and the camera reports ${told}.`,
  };
  return (
    <div>
      <p className="mb-1.5 text-sm font-medium">Who looks</p>
      <Segmented label="Who looks" value={value} options={sources} onChange={onChange} />
      <p className="mt-1.5 text-sm text-pretty text-muted">{hints[value]}</p>
    </div>
  );
}
