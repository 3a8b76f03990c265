/** Adding a camera: try the address, see the picture, name it, done. */
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useAddCamera } from '../../client/cameras.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Card, PageHead, Problem } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';
import { emptyDraft, newCameraOf, problemsOf, type CameraDraft } from './camera-draft.ts';
import { ConnectionFields } from './connection-fields.tsx';
import { RecordingFields } from './recording-fields.tsx';

export function AddCameraPage() {
  const [draft, setDraft] = useState<CameraDraft>(emptyDraft);
  const [worked, setWorked] = useState(false);
  const [asked, setAsked] = useState(false);
  const add = useAddCamera();
  const navigate = useNavigate();
  const toast = useToast();
  const problems = asked ? problemsOf(draft) : {};
  const change = (patch: Partial<CameraDraft>): void => setDraft((old) => ({ ...old, ...patch }));

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setAsked(true);
    if (Object.keys(problemsOf(draft)).length > 0) return;
    add.mutate(newCameraOf(draft), {
      onSuccess: (camera) => {
        toast(`${camera.name} is added.`);
        void navigate({ to: '/' });
      },
    });
  };

  return (
    <>
      <BackToCameras />
      <PageHead title="Add a camera" note="Two steps: try the address, then say what to record." />
      <form onSubmit={submit} noValidate className="grid max-w-6xl items-start gap-5 lg:grid-cols-2">
        <Card title="1. Connect">
          <ConnectionFields draft={draft} problems={problems} onChange={change} onTried={setWorked} />
        </Card>
        <Card title="2. Record">
          <RecordingFields draft={draft} problems={problems} onChange={change} />
          <div className="mt-6 space-y-4 border-t border-line pt-5">
            {add.error ? <Problem error={add.error} /> : null}
            <div className="flex flex-wrap justify-end gap-3">
              <Link to="/cameras" className={buttonClass('quiet')}>
                Cancel
              </Link>
              <Button type="submit" tone={worked ? 'primary' : 'plain'} busy={add.isPending}>
                {worked ? 'Save' : 'Save without trying'}
              </Button>
            </div>
          </div>
        </Card>
      </form>
    </>
  );
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
