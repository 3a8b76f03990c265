/** Every camera: how it is, how it records, and the way to change it. */
import type { Camera } from '#core/api/schemas.ts';
import { Link } from '@tanstack/react-router';
import { Cctv, Plus, RotateCw, Settings2, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useRetryCamera, useTrustCamera } from '../../client/cameras.ts';
import { api } from '../../client/api.ts';
import { useCameras } from '../../client/queries.ts';
import { ArrangeButton, ArrangeCameras } from '../../ui/arrange-cameras.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { EventPicture } from '../../ui/event-picture.tsx';
import { Empty, Loading, PageHead, Problem } from '../../ui/surfaces.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useToast } from '../../ui/toast.tsx';
import { cameraWords, recordWords, videoWords } from '../../ui/words.tsx';

export function CamerasPage() {
  const cameras = useCameras();
  const [arranging, setArranging] = useState(false);
  const several = (cameras.data?.length ?? 0) > 1;
  return (
    <>
      <PageHead
        title="Cameras"
        note="What Porchlight records, and how."
        actions={
          <>
            {several ? <ArrangeButton on={arranging} onChange={setArranging} /> : null}
            {arranging ? null : (
              <Link to="/cameras/new" className={buttonClass('primary')}>
                <Plus size={18} aria-hidden="true" /> Add a camera
              </Link>
            )}
          </>
        }
      />
      {cameras.isPending ? <Loading what="Asking for the cameras" /> : null}
      {cameras.isError ? <Problem error={cameras.error} onRetry={() => void cameras.refetch()} /> : null}
      {cameras.data?.length === 0 ? (
        <Empty picture={<Cctv size={48} strokeWidth={1.5} aria-hidden="true" />} title="No camera yet">
          Any camera that speaks ONVIF or RTSP will do. Those nearby are found by themselves.
        </Empty>
      ) : null}
      {several && arranging && cameras.data ? (
        <ArrangeCameras cameras={cameras.data} layout="rows" className="max-w-2xl space-y-2" />
      ) : (
        <ul className="space-y-3">
          {cameras.data?.map((camera) => (
            <CameraRow key={camera.id} camera={camera} />
          ))}
        </ul>
      )}
    </>
  );
}

function CameraRow({ camera }: { camera: Camera }) {
  const words = cameraWords(camera);
  const main = camera.streams.find((status) => status.stream === 'main');
  const retry = useRetryCamera(camera.id);
  const trust = useTrustCamera(camera.id);
  const toast = useToast();
  const otherCertificate = camera.streams.some(({ error }) => error?.code === 'camera_certificate');
  const down = camera.state === 'offline' || camera.state === 'wrong_password';
  return (
    <li className="flex flex-col gap-4 rounded-card border border-line bg-surface p-3 shadow-card sm:flex-row sm:items-center sm:pr-5">
      <Link
        to="/camera/$cameraId"
        params={{ cameraId: camera.id }}
        aria-label={`Watch ${camera.name}`}
        className="shrink-0 rounded-control sm:w-44"
      >
        <EventPicture
          key={camera.state}
          src={api.urlOf('cameraSnapshot', { params: { id: camera.id }, query: { width: 480 } })}
          className={down ? 'aspect-video rounded-control opacity-50 grayscale' : 'aspect-video rounded-control'}
        />
      </Link>
      <div className="min-w-0 flex-1">
        <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="max-w-full truncate text-lg font-semibold tracking-tight">{camera.name}</span>
          <StateMark words={words} />
          {camera.demo ? (
            <span className="rounded-full bg-accent-soft px-2 py-0.5 text-xs font-medium text-accent-ink">Demo</span>
          ) : null}
        </h2>
        {down ? <p className="mt-1 text-sm break-words text-bad">{main?.error?.message ?? words.sentence}</p> : null}
        <p className="mt-1 text-sm text-muted">
          {recordWords[camera.record]}
          {camera.detect.enabled ? ', looks for what moves' : ', does not look for anything'}
        </p>
        {main?.video ? <p className="tabular text-sm text-muted">{videoWords(main.video)}</p> : null}
      </div>
      <div className="flex shrink-0 flex-wrap gap-2">
        {otherCertificate ? (
          <Button
            size="small"
            busy={trust.isPending}
            onClick={() => trust.mutate(undefined, { onError: (error) => toast(error.message, { tone: 'problem' }) })}
          >
            <ShieldCheck size={15} aria-hidden="true" /> Trust the new certificate
          </Button>
        ) : null}
        {down ? (
          <Button
            size="small"
            busy={retry.isPending}
            onClick={() => retry.mutate(undefined, { onError: (error) => toast(error.message, { tone: 'problem' }) })}
          >
            <RotateCw size={15} aria-hidden="true" /> Try again
          </Button>
        ) : null}
        <Link
          to="/cameras/$cameraId"
          params={{ cameraId: camera.id }}
          aria-label={`Settings of ${camera.name}`}
          className={buttonClass('plain', 'small')}
        >
          <Settings2 size={15} aria-hidden="true" /> Settings
        </Link>
      </div>
    </li>
  );
}
