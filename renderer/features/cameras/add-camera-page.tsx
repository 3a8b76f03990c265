/** Adding a camera, step by step: find it, its password, its picture, its name. */
import { Link } from '@tanstack/react-router';
import { ArrowLeft, Check } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { wizardSteps, type WizardStep } from '../../app/search.ts';
import { cx } from '../../ui/cx.ts';
import { PageHead } from '../../ui/surfaces.tsx';
import { FindStep } from './find-step.tsx';
import { NameStep } from './name-step.tsx';
import { PasswordStep } from './password-step.tsx';
import { PictureStep } from './picture-step.tsx';
import { useDiscovery } from './use-discovery.ts';
import { useWizard } from './use-wizard.ts';

const words: Record<WizardStep, string> = { find: 'Find', password: 'Password', picture: 'Picture', name: 'Name' };

export function AddCameraPage() {
  const wizard = useWizard();
  const search = useDiscovery();
  const { step } = wizard;
  const section = useStepFocus(step);
  return (
    <>
      <BackToCameras />
      <PageHead title="Add a camera" note={<Steps step={step} />} />
      <section ref={section} aria-labelledby="step-title" className="max-w-5xl">
        {step === 'find' ? <FindStep wizard={wizard} search={search} /> : null}
        {step === 'password' ? <PasswordStep wizard={wizard} /> : null}
        {step === 'picture' ? <PictureStep wizard={wizard} /> : null}
        {step === 'name' ? <NameStep wizard={wizard} /> : null}
      </section>
    </>
  );
}

function Steps({ step }: { step: WizardStep }) {
  const at = wizardSteps.indexOf(step);
  return (
    <ol aria-label="Steps" className="mt-2 flex items-center gap-2 text-sm sm:gap-3">
      {wizardSteps.map((one, index) => (
        <li
          key={one}
          aria-current={one === step ? 'step' : undefined}
          className={cx('flex items-center gap-2', one === step ? 'font-semibold text-ink' : 'text-muted')}
        >
          <span
            className={cx(
              'flex size-6 shrink-0 items-center justify-center rounded-full border text-xs tabular-nums',
              one === step
                ? 'border-accent bg-accent text-on-accent'
                : index < at
                  ? 'border-accent text-accent-ink'
                  : 'border-line-strong',
            )}
          >
            {index < at ? <Check size={14} strokeWidth={3} aria-hidden="true" /> : index + 1}
          </span>
          <span className={one === step ? '' : 'sr-only sm:not-sr-only'}>{words[one]}</span>
          {index < at ? <span className="sr-only">(done)</span> : null}
          {index < wizardSteps.length - 1 ? (
            <span className="hidden h-px w-6 bg-line-strong sm:block" aria-hidden="true" />
          ) : null}
        </li>
      ))}
    </ol>
  );
}

/** A new step begins where a person goes on: at the element it marks with `data-step-start`. */
function useStepFocus(step: WizardStep) {
  const section = useRef<HTMLElement>(null);
  const before = useRef(step);
  useEffect(() => {
    if (before.current === step) return;
    before.current = step;
    section.current?.querySelector<HTMLElement>('[data-step-start]')?.focus();
  }, [step]);
  return section;
}

export function BackToCameras() {
  return (
    <Link
      to="/cameras"
      className="mb-3 inline-flex items-center gap-1.5 rounded-md text-sm font-medium text-muted hover:text-ink"
    >
      <ArrowLeft size={16} aria-hidden="true" /> Cameras
    </Link>
  );
}
