/** What this is, what it never does, and the demo. */
import { Check } from 'lucide-react';
import { useDemo } from '../../client/cameras.ts';
import { useCameras, useHealth } from '../../client/queries.ts';
import { Button } from '../../ui/button.tsx';
import { duration } from '../../ui/format.ts';
import { Lantern } from '../../ui/lantern.tsx';
import { Card } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';

const never = [
  'No server of ours, no account, no subscription.',
  'No telemetry: it sends nothing about you or your cameras to anyone.',
  'No picture leaves this machine unless you press a button that says so.',
  'No face recognition and no reading of licence plates.',
  'No access for the police or anyone else around you.',
];

export function AboutSection() {
  const health = useHealth().data;
  return (
    <>
      <Card>
        <div className="flex items-center gap-4">
          <span className="text-accent-ink">
            <Lantern size={48} />
          </span>
          <div>
            <h2 className="text-xl font-semibold tracking-tight">Porchlight</h2>
            <p className="tabular text-sm text-muted">
              {health
                ? `Version ${health.version} · running for ${duration(health.uptimeMs)}`
                : 'A recorder for your own cameras.'}
            </p>
          </div>
        </div>
        <p className="mt-4">Records your cameras on a machine you own and sees people, vehicles and animals there.</p>
        <p className="mt-2 text-sm text-muted">
          Free software under the GNU General Public License, version 3 or later. You may use, study, share and change
          it; there is no warranty.
        </p>
      </Card>
      <Card title="What it never does">
        <ul className="space-y-2">
          {never.map((line) => (
            <li key={line} className="flex gap-2.5">
              <Check size={18} className="mt-0.5 shrink-0 text-good" aria-hidden="true" /> {line}
            </li>
          ))}
        </ul>
      </Card>
      <DemoCard />
    </>
  );
}

function DemoCard() {
  const { add, remove } = useDemo();
  const toast = useToast();
  const running = useCameras().data?.some((camera) => camera.demo) ?? false;
  const problem = (error: Error): void => toast(error.message, { tone: 'problem' });
  return (
    <Card title="Demo" note="A made-up camera with two days of recordings, to look around without hardware.">
      {running ? (
        <Button
          busy={remove.isPending}
          onClick={() => remove.mutate(undefined, { onSuccess: () => toast('The demo is gone.'), onError: problem })}
        >
          Remove the demo
        </Button>
      ) : (
        <Button
          busy={add.isPending}
          onClick={() =>
            add.mutate(undefined, {
              onSuccess: () => toast('The demo is being set up. Its camera appears in a moment.'),
              onError: problem,
            })
          }
        >
          Show me a demo
        </Button>
      )}
    </Card>
  );
}
