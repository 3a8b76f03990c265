/** Step 4: what it is called, where it is, what is recorded. The picture stays in view: with a drawer of cameras one forgets which. */
import { Check } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { LiveTile } from '../../ui/live-tile.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { problemsOf } from './camera-draft.ts';
import { CameraProblem } from './camera-problem.tsx';
import { PlaceFields } from './place-fields.tsx';
import { RecordingFields, SourceField } from './recording-fields.tsx';
import { StepButtons, StepTitle } from './step-parts.tsx';
import { signalList } from './stream-words.ts';
import type { Wizard } from './use-wizard.ts';

export function NameStep({ wizard }: { wizard: Wizard }) {
  const { draft, preview, add, tried, signals } = wizard;
  const [asked, setAsked] = useState(false);
  const found = problemsOf(draft);
  const problems = asked ? found : {};
  const offersEvents = Boolean(tried?.result?.onvif?.events);

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    setAsked(true);
    if (found.name !== undefined) event.currentTarget.querySelector<HTMLElement>('[data-step-start]')?.focus();
    if (Object.keys(found).length === 0) void wizard.save();
  };
  return (
    <form onSubmit={submit} noValidate>
      <StepTitle note="All of this can be changed later.">What is it called?</StepTitle>
      <Card>
        <div className="grid items-start gap-6 md:grid-cols-[minmax(0,1fr)_minmax(0,18rem)]">
          <div className="grid gap-6 sm:max-w-xl">
            <PlaceFields draft={draft} problems={problems} onChange={wizard.change} start />
            <div className="space-y-5 border-t border-line pt-5">
              <RecordingFields draft={draft} onChange={wizard.change} />
              {offersEvents ? (
                <SourceField
                  value={draft.source}
                  reports={signalList(signals)}
                  onChange={(source) => wizard.change({ source })}
                />
              ) : null}
            </div>
          </div>
          <div className="relative hidden aspect-video overflow-hidden rounded-control bg-night md:block">
            {preview.id === null ? null : (
              <LiveTile
                cameraId={preview.id}
                stream={draft.subUrl === '' ? 'main' : 'sub'}
                fit="contain"
                className="absolute inset-0"
              />
            )}
          </div>
        </div>
        {add.error ? (
          <div className="mt-5">
            <CameraProblem
              error={add.error}
              address={draft.url}
              steps={{
                address: () => wizard.go('find'),
                password: () => wizard.go('password'),
                again: () => void wizard.save(),
              }}
            />
          </div>
        ) : null}
        <StepButtons onBack={wizard.back}>
          <Button type="submit" tone="primary" busy={add.isPending}>
            <Check size={17} aria-hidden="true" /> Add this camera
          </Button>
        </StepButtons>
      </Card>
    </form>
  );
}
