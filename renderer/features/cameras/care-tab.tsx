/** The camera itself: what it is, its clock, how it encodes, its outputs and its own events. Read from the camera, not kept here. */
import type { Camera } from '#core/api/schemas.ts';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { useCare, useCareActions, type Care } from '../../client/onvif.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { DeviceProblem } from '../../ui/device-problem.tsx';
import { Card, Loading } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';
import { ClockCard } from './care/clock-card.tsx';
import { EncodersCard } from './care/encoders-card.tsx';
import { OutputsCard } from './care/outputs-card.tsx';
import { WatchCard } from './care/watch-card.tsx';
import { NoOnvif } from './no-onvif.tsx';

export function CareTab({ camera }: { camera: Camera }) {
  const known = camera.onvifUrl !== null;
  const care = useCare(camera.id, known);
  if (!known) return <NoOnvif camera={camera} what="The camera’s clock and streams" />;
  if (care.isPending) return <Loading what="Asking the camera" />;
  if (care.isError)
    return <DeviceProblem cameraId={camera.id} error={care.error} onRetry={() => void care.refetch()} />;
  return <CareCards camera={camera} care={care.data} />;
}

function CareCards({ camera, care }: { camera: Camera; care: Care }) {
  const actions = useCareActions(camera.id);
  return (
    <div className="grid max-w-6xl items-start gap-5 lg:grid-cols-2">
      <InfoCard camera={camera} care={care} reboot={actions.reboot} />
      <ClockCard care={care} setClock={actions.setClock} />
      <EncodersCard care={care} changeEncoder={actions.changeEncoder} applyRecommended={actions.applyRecommended} />
      <WatchCard watch={care.watch} />
      {care.relays.length > 0 ? <OutputsCard relays={care.relays} relay={actions.relay} /> : null}
    </div>
  );
}

export type CareActions = ReturnType<typeof useCareActions>;

interface InfoCardProps {
  camera: Camera;
  care: Care;
  reboot: CareActions['reboot'];
}

function InfoCard({ camera, care, reboot }: InfoCardProps) {
  const [asking, setAsking] = useState(false);
  const toast = useToast();
  const { make, model, firmware, serial } = care.info;
  const rows = [
    ['Make', make],
    ['Model', model],
    ['Firmware', firmware],
    ['Serial number', serial],
  ] as const;
  return (
    <Card title="This camera">
      <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5">
        {rows.map(([word, value]) => (
          <div key={word} className="contents">
            <dt className="text-muted">{word}</dt>
            <dd className="min-w-0 wrap-anywhere">
              {value === '' ? <span className="text-muted">not said</span> : value}
            </dd>
          </div>
        ))}
      </dl>
      <Button className="mt-5" onClick={() => setAsking(true)}>
        <RefreshCw size={16} aria-hidden="true" /> Restart the camera
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Restart ${camera.name}?`}
        confirm="Restart it"
        onConfirm={async () => {
          const { message } = await reboot.mutateAsync();
          toast(message === '' ? `${camera.name} restarts.` : message);
        }}
      >
        <p>It sees and records nothing for a minute or two. Porchlight reconnects by itself.</p>
      </Confirm>
    </Card>
  );
}
