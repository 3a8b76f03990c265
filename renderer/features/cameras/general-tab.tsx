/** Connection and recording of a camera that is there, and its removal. */
import type { Camera } from '#core/api/schemas.ts';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useChangeCamera, useRemoveCamera } from '../../client/cameras.ts';
import { useStorage } from '../../client/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { bytes } from '../../ui/format.ts';
import { SaveBar } from '../../ui/save-bar.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';
import { draftOf, patchOf, problemsOf, type CameraDraft } from './camera-draft.ts';
import { ConnectionFields } from './connection-fields.tsx';
import { PlaceFields } from './place-fields.tsx';
import { RecordingFields } from './recording-fields.tsx';

export function GeneralTab({ camera }: { camera: Camera }) {
  const [draft, setDraft] = useState<CameraDraft>(() => draftOf(camera));
  const save = useChangeCamera(camera.id);
  const toast = useToast();
  const problems = problemsOf(draft);
  const patch = patchOf(camera, draft);
  const change = (part: Partial<CameraDraft>): void => setDraft((old) => ({ ...old, ...part }));

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (Object.keys(problems).length > 0) return;
    save.mutate(patch, {
      onSuccess: (changed) => {
        setDraft(draftOf(changed));
        toast('Saved.');
      },
    });
  };

  return (
    <form onSubmit={submit} noValidate>
      <div className="grid max-w-6xl items-start gap-5 lg:grid-cols-2">
        <Card title="Connection">
          <ConnectionFields draft={draft} problems={problems} onChange={change} />
        </Card>
        <div className="space-y-5">
          <Card title="Name and place">
            <PlaceFields draft={draft} problems={problems} onChange={change} />
          </Card>
          <Card title="Recording">
            <RecordingFields draft={draft} onChange={change} />
          </Card>
          <Removal camera={camera} />
        </div>
      </div>
      <SaveBar
        dirty={Object.keys(patch).length > 0}
        busy={save.isPending}
        error={save.error}
        onDiscard={() => {
          setDraft(draftOf(camera));
          save.reset();
        }}
      />
    </form>
  );
}

function Removal({ camera }: { camera: Camera }) {
  const [open, setOpen] = useState(false);
  const remove = useRemoveCamera(camera.id);
  const navigate = useNavigate();
  const toast = useToast();
  const used = useStorage().data?.cameras.find(({ cameraId }) => cameraId === camera.id)?.bytes;
  return (
    <Card title="Remove">
      <p className="mb-4 text-sm text-muted">Takes the camera away, with everything that was recorded from it.</p>
      <Button onClick={() => setOpen(true)} className="text-bad">
        <Trash2 size={16} aria-hidden="true" /> Remove this camera
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title={`Remove ${camera.name}?`}
        confirm="Remove it all"
        onConfirm={async () => {
          await remove.mutateAsync();
          toast(`${camera.name} is removed.`);
          await navigate({ to: '/cameras' });
        }}
      >
        <p>
          Its recordings{used === undefined || used === 0 ? '' : ` (${bytes(used)})`}, its events and their pictures are
          deleted from this machine. This can't be undone.
        </p>
        <p>Export what you want to keep first. The camera itself is not touched.</p>
      </Confirm>
    </Card>
  );
}
