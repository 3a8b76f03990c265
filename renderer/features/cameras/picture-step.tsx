/** Step 3: is this the right camera, and which of its streams is for what. */
import { ArrowRight } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { FoundCamera } from './found-camera.tsx';
import { isWrongPassword } from './problem-guide.ts';
import { StepButtons, StepTitle } from './step-parts.tsx';
import type { Wizard } from './use-wizard.ts';

export function PictureStep({ wizard }: { wizard: Wizard }) {
  const { draft, tried, preview } = wizard;
  const result = tried?.result ?? null;
  const info = result?.onvif?.info;
  const maker = info ? `${info.make} ${info.model}`.trim() : '';
  const firmware = info && info.firmware !== '' ? `, firmware ${info.firmware}` : '';
  const nothing = draft.url.trim() === '';
  return (
    <>
      <StepTitle
        start
        note={
          result === null
            ? `It could not be tried: ${tried?.error?.message ?? 'no reason is known.'} It can be added all the same, and Porchlight keeps trying.`
            : maker === ''
              ? 'The camera answers.'
              : `${maker}${firmware}.`
        }
      >
        Is this the right picture?
      </StepTitle>
      <Card>
        <FoundCamera
          draft={draft}
          result={result}
          shown={preview}
          onChange={wizard.change}
          onAgain={isWrongPassword(preview.error) ? () => wizard.go('password') : preview.again}
        />
        <p className="mt-5 flex flex-wrap items-center gap-x-1 text-sm text-muted">
          Not what you expected?
          <Button tone="quiet" size="small" onClick={() => wizard.go('find')}>
            Another camera
          </Button>
          <Button tone="quiet" size="small" onClick={() => wizard.go('password')}>
            User and password
          </Button>
        </p>
        <StepButtons onBack={wizard.back}>
          <Button tone="primary" disabled={nothing} onClick={() => wizard.go('name')}>
            Go on <ArrowRight size={17} aria-hidden="true" />
          </Button>
        </StepButtons>
      </Card>
    </>
  );
}
