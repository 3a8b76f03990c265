/** Where a camera of this home is, as whom it is asked, and which of its streams is for what: the wizard's parts on one page. */
import { PlugZap } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { PasswordField, TextField } from '../../ui/field.tsx';
import { previewOf, probeOf, withResult, type CameraDraft, type DraftProblems } from './camera-draft.ts';
import { CameraProblem } from './camera-problem.tsx';
import { FoundCamera } from './found-camera.tsx';
import { guideOf } from './problem-guide.ts';
import { Asking } from './step-parts.tsx';
import { useDraftCamera } from './use-draft-camera.ts';
import { useProbe } from './use-probe.ts';

interface ConnectionFieldsProps {
  draft: CameraDraft;
  problems: DraftProblems;
  onChange: (patch: Partial<CameraDraft>) => void;
}

const addressInput = {
  inputMode: 'url',
  autoCapitalize: 'none',
  autoComplete: 'off',
  spellCheck: false,
  maxLength: 2048,
} as const;

export function ConnectionFields({ draft, problems, onChange }: ConnectionFieldsProps) {
  const probe = useProbe();
  const preview = useDraftCamera(probe.result ? previewOf(draft) : null);
  const address = draft.onvifUrl.trim() === '' ? draft.url : draft.onvifUrl;
  const change = (patch: Partial<CameraDraft>): void => {
    onChange(patch);
    // A verdict on another address would mislead.
    probe.reset();
  };
  const tryIt = async (): Promise<void> => {
    const answer = await probe.ask(probeOf(draft, address));
    if (answer === 'cancelled' || 'error' in answer) return;
    // Streams chosen by hand stay; what the camera says of itself is shown beside them.
    const { url, subUrl } = withResult(draft, answer.result);
    if (draft.url.trim() === '') onChange({ url, subUrl });
  };
  const { error } = probe;
  const field = error ? guideOf(error).field : null;
  return (
    <div className="space-y-4">
      <TextField
        label="ONVIF address"
        placeholder="192.168.1.20"
        hint="For turning, picture settings and the camera’s own events. Empty for a camera known by its streams alone."
        value={draft.onvifUrl}
        onChange={(event) => change({ onvifUrl: event.target.value })}
        problem={problems.onvifUrl ?? (field === 'address' && draft.onvifUrl !== '' ? error?.message : undefined)}
        {...addressInput}
      />
      <TextField
        label="Stream to record"
        placeholder="rtsp://192.168.1.20/stream1"
        value={draft.url}
        onChange={(event) => change({ url: event.target.value })}
        problem={problems.url ?? (field === 'address' && draft.onvifUrl === '' ? error?.message : undefined)}
        required
        {...addressInput}
      />
      <TextField
        label="Second, smaller stream"
        placeholder="rtsp://192.168.1.20/stream2"
        hint="Watched and analysed in place of the large one, which saves much work."
        value={draft.subUrl}
        onChange={(event) => change({ subUrl: event.target.value })}
        problem={problems.subUrl}
        {...addressInput}
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
          maxLength={256}
        />
        <PasswordField
          label="Password"
          value={draft.password ?? ''}
          placeholder={draft.password === null ? 'Unchanged' : ''}
          onChange={(event) => change({ password: event.target.value })}
          problem={problems.password ?? (field === 'password' ? error?.message : undefined)}
          autoComplete="new-password"
          maxLength={256}
        />
      </div>
      {probe.pending ? (
        <Asking what="Asking the camera…" onCancel={probe.cancel} />
      ) : (
        <Button onClick={() => void tryIt()} disabled={address.trim() === ''}>
          <PlugZap size={17} aria-hidden="true" /> Try it
        </Button>
      )}
      {error ? (
        <CameraProblem
          error={error}
          address={address}
          atField={field !== null}
          steps={{ again: () => void tryIt() }}
          onExample={(url) => change({ url, onvifUrl: '' })}
        />
      ) : null}
      {probe.result ? (
        <FoundCamera
          draft={draft}
          result={probe.result}
          shown={preview}
          chooseOnly
          onChange={onChange}
          onAgain={preview.again}
        />
      ) : null}
    </div>
  );
}
