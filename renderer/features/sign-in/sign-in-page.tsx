/** What a browser without a session sees: how to get one. Tells nothing about the home. */
import { useState, type SubmitEvent } from 'react';
import { linkWasUsed, useSignIn } from '../../client/session.ts';
import { Button } from '../../ui/button.tsx';
import { PasswordField } from '../../ui/field.tsx';
import { Lantern } from '../../ui/lantern.tsx';

export function SignInPage() {
  const [token, setToken] = useState('');
  const { mutate, isPending, error } = useSignIn();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    mutate(token.trim());
  };

  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center px-6 py-12">
      <div className="mb-6 text-accent-ink">
        <Lantern size={52} />
      </div>
      <h1 className="text-3xl font-semibold tracking-tight">Sign in to Porchlight</h1>
      <p className="mt-3 text-muted">
        {linkWasUsed ? (
          'That link does not open the door any more: each works once. Start Porchlight again for a new one, or paste the token.'
        ) : (
          <>
            This browser has no key yet. Open the link that <code className="font-mono text-ink">npm start</code>{' '}
            printed, and you are in.
          </>
        )}
      </p>
      <form onSubmit={submit} className="mt-8 space-y-4 rounded-card border border-line bg-surface p-5 shadow-card">
        <PasswordField
          label="Or paste the token"
          hint={
            <>
              It is the one line in the file <code className="font-mono text-ink">api-token</code> in Porchlight's data
              folder.
            </>
          }
          problem={error ? error.message : undefined}
          value={token}
          onChange={(event) => setToken(event.target.value)}
          autoComplete="current-password"
          spellCheck={false}
          required
        />
        <Button type="submit" tone="primary" busy={isPending} className="w-full">
          Sign in
        </Button>
      </form>
      <p className="mt-6 text-sm text-muted">
        There is no account and no password to reset: whoever can read that file owns this home's recordings.
      </p>
    </main>
  );
}

export function NoHub({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-6">
      <div className="text-muted">
        <Lantern size={52} />
      </div>
      <h1 className="text-3xl font-semibold tracking-tight">No answer from the hub</h1>
      <p role="alert" className="text-muted">
        {error.message} Start it with <code className="font-mono text-ink">npm start</code> on the machine that records.
      </p>
      <Button tone="primary" onClick={onRetry}>
        Try again
      </Button>
    </main>
  );
}
