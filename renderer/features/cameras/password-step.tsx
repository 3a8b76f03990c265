/** Step 2: as whom. Skipped for cameras that show their picture to anyone. */
import { ArrowRight } from 'lucide-react';
import { useEffect, useRef, type SubmitEvent } from 'react';
import { Button } from '../../ui/button.tsx';
import { PasswordField, TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { hostOf } from './camera-address.ts';
import { CameraProblem } from './camera-problem.tsx';
import { guideOf } from './problem-guide.ts';
import { Asking, StepButtons, StepTitle } from './step-parts.tsx';
import type { Wizard } from './use-wizard.ts';

export function PasswordStep({ wizard }: { wizard: Wizard }) {
  const { draft, tried, device, typed, probe } = wizard;
  const form = useRef<HTMLFormElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const error = tried?.gavePassword === true ? tried.error : null;
  const atPassword = error !== null && guideOf(error).field === 'password';
  const atAddress = error !== null && guideOf(error).field === 'address';
  const focusPassword = (): void => {
    password.current?.focus();
    password.current?.select();
  };
  useEffect(() => {
    if (atPassword) {
      password.current?.focus();
      password.current?.select();
    }
  }, [atPassword, error]);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void wizard.attempt(typed);
  };
  const host = hostOf(typed) ?? typed;
  const what = device ? [device.make, device.model].filter(Boolean).join(' ') : '';
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <StepTitle
        note={
          <>
            {what === '' ? 'The camera' : what} at <span className="wrap-anywhere">{host}</span> asks who you are. The
            password is kept on this machine, sealed, and given to the camera alone.
          </>
        }
      >
        Sign in to the camera
      </StepTitle>
      <Card className="max-w-2xl">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="User"
            value={draft.username}
            onChange={(event) => wizard.changeCredentials({ username: event.target.value })}
            placeholder="admin"
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            maxLength={256}
            data-step-start=""
          />
          <PasswordField
            ref={password}
            label="Password"
            value={draft.password ?? ''}
            onChange={(event) => wizard.changeCredentials({ password: event.target.value })}
            problem={atPassword ? error.message : undefined}
            autoComplete="new-password"
            maxLength={256}
          />
        </div>
        {error ? (
          <div className="mt-4">
            <CameraProblem
              key={error.message}
              error={error}
              address={typed}
              atField={atPassword}
              steps={{
                password: focusPassword,
                again: () => void wizard.attempt(typed),
                ...(atAddress || !atPassword ? { address: () => wizard.go('find') } : {}),
              }}
            />
          </div>
        ) : null}
        {probe.pending ? (
          <div className="mt-4">
            <Asking what={`Asking ${host}…`} onCancel={probe.cancel} />
          </div>
        ) : null}
        <StepButtons onBack={wizard.back}>
          <Button type="submit" tone="primary" disabled={probe.pending}>
            Go on <ArrowRight size={17} aria-hidden="true" />
          </Button>
        </StepButtons>
      </Card>
    </form>
  );
}
