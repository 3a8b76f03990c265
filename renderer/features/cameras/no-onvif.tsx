/** For a camera that is known by its streams alone: one sentence, and the way to more. */
import type { Camera } from '#core/api/schemas.ts';
import { useState, type SubmitEvent } from 'react';
import { useChangeCamera } from '../../client/cameras.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/surfaces.tsx';

/** `what`: "Its picture", "Its clock, its streams": what could be set if the ONVIF address were known. */
export function NoOnvif({ camera, what }: { camera: Camera; what: string }) {
  const [address, setAddress] = useState(() => hostOf(camera.url));
  const save = useChangeCamera(camera.id);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    save.mutate({ onvifUrl: address.trim() });
  };
  return (
    <Card className="max-w-2xl">
      <p>{what} can be set from here once Porchlight knows the camera’s ONVIF address.</p>
      <form onSubmit={submit} className="mt-4 space-y-4">
        <TextField
          label="ONVIF address"
          hint="The camera’s own address is usually enough. Some want a port: 192.168.1.20:8000"
          value={address}
          onChange={(event) => setAddress(event.target.value)}
          problem={save.error?.message}
          spellCheck={false}
          autoCapitalize="none"
        />
        <Button type="submit" tone="primary" busy={save.isPending} disabled={address.trim() === ''}>
          Ask the camera
        </Button>
      </form>
    </Card>
  );
}

/** '' for what is no address: the field is then typed into by hand. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
