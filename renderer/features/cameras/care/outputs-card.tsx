/** Relay outputs. The camera does not tell how they are, so both ways are always offered. */
import type { Care } from '../../../client/onvif.ts';
import { Button } from '../../../ui/button.tsx';
import { Card } from '../../../ui/surfaces.tsx';
import { useToast } from '../../../ui/toast.tsx';
import type { CareActions } from '../care-tab.tsx';

export function OutputsCard({ relays, relay }: { relays: Care['relays']; relay: CareActions['relay'] }) {
  const toast = useToast();
  const set = (token: string, name: string, active: boolean): void =>
    relay.mutate(
      { token, active },
      {
        onSuccess: () => toast(`${name} is switched ${active ? 'on' : 'off'}.`),
        onError: (error) => toast(error.message, { tone: 'problem' }),
      },
    );
  return (
    <Card title="Outputs" note="What is wired to the camera: a lamp, a siren, a gate.">
      <ul className="divide-y divide-line">
        {relays.map(({ token, name }) => (
          <li key={token} className="flex flex-wrap items-center justify-between gap-3 py-2.5 first:pt-0 last:pb-0">
            <span className="min-w-0 wrap-anywhere">{name}</span>
            <span className="flex gap-2" role="group" aria-label={name}>
              <Button disabled={relay.isPending} onClick={() => set(token, name, true)}>
                On
              </Button>
              <Button disabled={relay.isPending} onClick={() => set(token, name, false)}>
                Off
              </Button>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
