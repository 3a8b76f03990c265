/** Home: is everything all right, what happened, and every camera live. */
import type { Camera } from '#core/api/schemas.ts';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useDemo } from '../../client/cameras.ts';
import { useCameras, useUnreviewed } from '../../client/queries.ts';
import { ArrangeButton, ArrangeCameras } from '../../ui/arrange-cameras.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { counted, number } from '../../ui/format.ts';
import { Lantern } from '../../ui/lantern.tsx';
import { Empty, Loading, PageHead, Problem } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';
import { CameraTile } from './camera-tile.tsx';
import { Filmstrip } from './filmstrip.tsx';

export function HomePage() {
  const cameras = useCameras();
  const unreviewed = useUnreviewed();
  const [arranging, setArranging] = useState(false);
  if (cameras.isPending) return <Loading what="Asking for the cameras" />;
  if (cameras.isError) return <Problem error={cameras.error} onRetry={() => void cameras.refetch()} />;
  if (cameras.data.length === 0) return <FirstCamera />;
  const several = cameras.data.length > 1;
  const wall = cx('grid gap-4', wallColumns(cameras.data.length));
  return (
    <>
      <PageHead
        title={headline(cameras.data)}
        note={<WallNote cameras={cameras.data} />}
        actions={several ? <ArrangeButton on={arranging} onChange={setArranging} /> : undefined}
      />
      <div className="xl:grid xl:grid-cols-[minmax(0,1fr)_auto] xl:items-start xl:gap-8">
        {unreviewed.data ? (
          <Filmstrip
            events={unreviewed.data.events.filter((event) => !event.reviewed)}
            unreviewed={unreviewed.data.unreviewed}
            cameras={cameras.data}
          />
        ) : null}
        <section aria-labelledby="wall-title" className="xl:order-first">
          <h2 id="wall-title" className="sr-only">
            Cameras
          </h2>
          {several && arranging ? (
            <ArrangeCameras cameras={cameras.data} layout="tiles" className={wall} />
          ) : (
            <ul className={wall}>
              {cameras.data.map((camera) => (
                <li key={camera.id} className="min-w-0">
                  <CameraTile camera={camera} />
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </>
  );
}

/** The state of the home in one sentence. The worst comes first. */
function headline(cameras: Camera[]): string {
  const down = cameras.filter((camera) => camera.state === 'offline' || camera.state === 'wrong_password');
  const [first] = down;
  if (first && down.length === 1)
    return `${first.name} is ${first.state === 'offline' ? 'offline' : 'refusing its password'}`;
  if (down.length > 1) return `${counted(down.length, 'camera')} of ${number(cameras.length)} are offline`;
  const moving = cameras.filter((camera) => camera.state === 'live' && camera.motion);
  const [mover] = moving;
  if (mover) return moving.length === 1 ? `Motion at ${mover.name}` : `Motion at ${counted(moving.length, 'camera')}`;
  if (cameras.some((camera) => camera.state === 'connecting')) return 'Connecting to the cameras';
  return 'All is well';
}

function WallNote({ cameras }: { cameras: Camera[] }) {
  const live = cameras.filter((camera) => camera.state === 'live').length;
  const recording = cameras.filter((camera) => camera.streams.some((status) => status.recording)).length;
  return (
    <p>
      {live === cameras.length ? '' : `${number(live)} of `}
      {counted(cameras.length, 'camera')} live, {number(recording)} recording.
    </p>
  );
}

function wallColumns(count: number): string {
  if (count === 1) return 'max-w-5xl grid-cols-1';
  if (count <= 4) return 'grid-cols-1 sm:grid-cols-2';
  if (count <= 9) return 'grid-cols-1 sm:grid-cols-2 xl:grid-cols-3';
  return 'grid-cols-1 sm:grid-cols-2 lg:grid-cols-3 2xl:grid-cols-4';
}

function FirstCamera() {
  const { add } = useDemo();
  const toast = useToast();
  return (
    <>
      <h1 className="sr-only">Home</h1>
      <div className="flex min-h-[70dvh] items-center">
        <Empty
          picture={
            <span className="lamp-halo inline-flex">
              <Lantern size={72} />
            </span>
          }
          title="The light is on. Add your first camera."
          action={
            <>
              <Link to="/cameras/new" className={buttonClass('primary')}>
                <Plus size={18} aria-hidden="true" /> Add your first camera
              </Link>
              <Button
                busy={add.isPending}
                onClick={() =>
                  add.mutate(undefined, {
                    onSuccess: () => toast('The demo is being set up. Its camera appears in a moment.'),
                    onError: (error) => toast(error.message, { tone: 'problem' }),
                  })
                }
              >
                Show me a demo
              </Button>
            </>
          }
        >
          Porchlight records on this machine and sends nothing anywhere. Cameras nearby are found by themselves.
        </Empty>
      </div>
    </>
  );
}
