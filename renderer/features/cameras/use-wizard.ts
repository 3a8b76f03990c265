/**
 * The wizard that adds a camera: what was typed, what was tried, which step is open. The step stands in the address, everything
 * else only here, so a reload starts anew and a password never gets into the history. Invariant: a step is open only if what
 * it needs is there.
 */
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { wizardSearch, type WizardStep } from '../../app/search.ts';
import { useAddCamera } from '../../client/cameras.ts';
import type { FoundDevice } from '../../client/discover.ts';
import { useToast } from '../../ui/toast.tsx';
import { readAddress } from './camera-address.ts';
import { credentialsOf, emptyDraft, newCameraOf, previewOf, withResult, type CameraDraft } from './camera-draft.ts';
import { isWrongPassword } from './problem-guide.ts';
import { useDraftCamera } from './use-draft-camera.ts';
import { useProbe, type ProbeResult } from './use-probe.ts';

/** The last address that was asked, and how it went. */
export interface Tried {
  /** As the probe took it. */
  url: string;
  result: ProbeResult | null;
  error: Error | null;
  /** A refusal without a password given is a question, not an error. */
  gavePassword: boolean;
  /** Go on without a result; only a stream address can be added unseen. */
  unseen: boolean;
}

export type Wizard = ReturnType<typeof useWizard>;

export function useWizard() {
  const wished = wizardSearch(useSearch({ from: '/cameras/new' })).step ?? 'find';
  const navigate = useNavigate({ from: '/cameras/new' });
  const router = useRouter();
  const toast = useToast();
  const add = useAddCamera();
  const probe = useProbe();
  const [draft, setDraft] = useState<CameraDraft>(emptyDraft);
  const [typed, setTyped] = useState('');
  const [device, setDevice] = useState<FoundDevice | null>(null);
  const [tried, setTried] = useState<Tried | null>(null);

  const ready = tried !== null && (tried.result !== null || tried.unseen);
  const open = wished === 'find' || (wished === 'password' ? tried !== null : ready);
  const step: WizardStep = open ? wished : 'find';
  const preview = useDraftCamera(ready && (step === 'picture' || step === 'name') ? previewOf(draft) : null);

  const go = useCallback(
    (to: WizardStep, replace = false): void => void navigate({ search: to === 'find' ? {} : { step: to }, replace }),
    [navigate],
  );
  useEffect(() => {
    if (!open) go('find', true);
  }, [open, go]);
  // The browser's Back leaves a step while its question is still under way.
  const { cancel } = probe;
  useEffect(() => cancel, [step, cancel]);

  const type = (text: string): void => {
    setTyped(text);
    setDevice(null);
    setTried(null);
    probe.reset();
  };

  /** Asks the camera and goes to the step that its answer calls for. */
  const attempt = async (address: string): Promise<void> => {
    const read = readAddress(address);
    if (read.kind !== 'camera') return;
    const given = { ...draft, username: read.username ?? draft.username, password: read.password ?? draft.password };
    setDraft(given);
    setTried((old) => old && { ...old, error: null });
    const gavePassword = given.username !== '' || given.password !== '';
    const answer = await probe.ask({ url: read.url, ...credentialsOf(given) });
    if (answer === 'cancelled') return;
    const outcome = { url: read.url, gavePassword, unseen: false };
    if ('error' in answer) {
      setTried({ ...outcome, result: null, error: answer.error });
      if (isWrongPassword(answer.error) && step !== 'password') go('password');
      return;
    }
    setTried({ ...outcome, result: answer.result, error: null });
    setDraft((old) => withResult(old, answer.result));
    go('picture');
  };

  const signals = tried?.result?.onvif?.events?.signals ?? [];
  const save = async (): Promise<void> => {
    // First let go of the preview: the recorder needs the connections, and some cameras have no third.
    await preview.end();
    add.mutate(newCameraOf(draft, signals), {
      onSuccess: (camera) => {
        toast(`${camera.name} is added.`, {
          action: {
            text: 'Watch',
            run: () => void navigate({ to: '/camera/$cameraId', params: { cameraId: camera.id } }),
          },
        });
        void navigate({ to: '/', replace: true });
      },
      onError: preview.again,
    });
  };

  return {
    step,
    draft,
    typed,
    device,
    tried,
    probe,
    preview,
    add,
    signals,
    type,
    attempt,
    go,
    back: () => router.history.back(),
    change: (patch: Partial<CameraDraft>) => setDraft((old) => ({ ...old, ...patch })),
    /** A camera of the list. */
    choose: (found: FoundDevice): void => {
      type(found.url);
      setDevice(found);
      void attempt(found.url);
    },
    /** Other credentials: what was tried with the old ones says nothing any more. */
    changeCredentials: (patch: Pick<Partial<CameraDraft>, 'username' | 'password'>): void => {
      probe.reset();
      setDraft((old) => ({ ...old, ...patch }));
      setTried((old) => old && { ...old, result: null, error: null, unseen: false });
    },
    /** On to the next steps with a stream address that could not be tried. */
    goUnseen: (): void => {
      if (tried === null) return;
      setTried({ ...tried, unseen: true });
      setDraft((old) => ({ ...old, url: tried.url, subUrl: '', onvifUrl: '' }));
      go('picture');
    },
    save,
  };
}
