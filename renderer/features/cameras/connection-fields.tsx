/** Address, user and password, with the try. Used when a camera is added and when it is changed. */
import { useMutation } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import { api } from '../../client/api.ts';
import { Button } from '../../ui/button.tsx';
import { PasswordField, TextField } from '../../ui/field.tsx';
import { probeOf, type CameraDraft, type DraftProblems } from './camera-draft.ts';
import { ProbePanel } from './probe-panel.tsx';

interface ConnectionFieldsProps {
  draft: CameraDraft;
  problems: DraftProblems;
  onChange: (patch: Partial<CameraDraft>) => void;
  onTried?: (worked: boolean) => void;
}

export function useProbe() {
  return useMutation({ mutationFn: (body: ReturnType<typeof probeOf>) => api.call('probeCamera', { body }) });
}

export function ConnectionFields({ draft, problems, onChange, onTried }: ConnectionFieldsProps) {
  const probe = useProbe();
  const change = (patch: Partial<CameraDraft>): void => {
    onChange(patch);
    // A verdict on another address would mislead.
    if (!probe.isIdle) {
      probe.reset();
      onTried?.(false);
    }
  };
  const tryIt = (): void =>
    probe.mutate(probeOf(draft, draft.url), { onSuccess: () => onTried?.(true), onError: () => onTried?.(false) });
  return (
    <div className="space-y-4">
      <TextField
        label="Address of the camera"
        placeholder="rtsp://192.168.1.20/stream1"
        hint="Starts with rtsp://, rtsps:// or http://. It is in the camera's manual or app."
        value={draft.url}
        onChange={(event) => change({ url: event.target.value })}
        problem={problems.url}
        inputMode="url"
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        required
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label="User"
          value={draft.username}
          onChange={(event) => change({ username: event.target.value })}
          problem={problems.username}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
        <PasswordField
          label="Password"
          value={draft.password ?? ''}
          placeholder={draft.password === null ? 'Unchanged' : ''}
          onChange={(event) => change({ password: event.target.value })}
          problem={problems.password}
          autoComplete="new-password"
        />
      </div>
      <Button onClick={tryIt} busy={probe.isPending} disabled={draft.url.trim() === ''}>
        <PlugZap size={17} aria-hidden="true" /> Try it
      </Button>
      <ProbePanel pending={probe.isPending} error={probe.error} result={probe.data} />
    </div>
  );
}
