/** How much is kept before and after an event, for cameras that record events. */
import type { Settings } from '#core/api/schemas.ts';
import { useState, type SubmitEvent } from 'react';
import { useSettings } from '../../client/queries.ts';
import { useChangeSettings } from '../../client/settings.ts';
import { duration } from '../../ui/format.ts';
import { SaveBar } from '../../ui/save-bar.tsx';
import { Slider } from '../../ui/slider.tsx';
import { Card, Loading, Problem } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';

export function RecordingSection() {
  const settings = useSettings();
  if (settings.isError) return <Problem error={settings.error} onRetry={() => void settings.refetch()} />;
  if (!settings.data) return <Loading what="Asking for the settings" />;
  return <Rolls key={`${settings.data.preRollS}/${settings.data.postRollS}`} settings={settings.data} />;
}

const seconds = (value: number): string => (value === 0 ? 'nothing' : duration(value * 1000));

function Rolls({ settings }: { settings: Settings }) {
  const [preRollS, setPreRollS] = useState(settings.preRollS);
  const [postRollS, setPostRollS] = useState(settings.postRollS);
  const save = useChangeSettings();
  const toast = useToast();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    save.mutate({ preRollS, postRollS }, { onSuccess: () => toast('Saved.') });
  };
  return (
    <form onSubmit={submit}>
      <Card
        title="Around an event"
        note="For cameras that record events. Cameras that record all the time keep everything anyway."
      >
        <div className="space-y-6">
          <Slider label="Before" value={preRollS} min={0} max={30} step={1} words={seconds} onChange={setPreRollS} />
          <Slider label="After" value={postRollS} min={1} max={300} step={1} words={seconds} onChange={setPostRollS} />
        </div>
      </Card>
      <SaveBar
        dirty={preRollS !== settings.preRollS || postRollS !== settings.postRollS}
        busy={save.isPending}
        error={save.error}
        onDiscard={() => {
          setPreRollS(settings.preRollS);
          setPostRollS(settings.postRollS);
          save.reset();
        }}
      />
    </form>
  );
}
