/** The lamp that says whether the home is recorded as it should be: a colour, a word, and the list of checks behind it. */
import type { Camera, Health } from '#core/api/schemas.ts';
import { Popover } from 'radix-ui';
import { useCameras, useHealth } from '../client/queries.ts';
import type { LinkState } from '../client/live-events.ts';
import { cx } from '../ui/cx.ts';
import { capitalised } from '../ui/format.ts';

type Lamp = Health['status'] | 'unknown' | 'lost';

const words: Record<Lamp, { short: string; long: string; dot: string }> = {
  ok: { short: 'All well', long: 'Everything works', dot: 'bg-good' },
  degraded: { short: 'Degraded', long: 'Something does not work as it should', dot: 'bg-warn' },
  failing: { short: 'Failing', long: 'Something needs you now', dot: 'bg-rec' },
  unknown: { short: 'Checking', long: 'Asking the hub', dot: 'bg-muted' },
  lost: { short: 'No hub', long: 'The hub does not answer', dot: 'bg-rec' },
};
const checkWords: Record<Health['status'], string> = { ok: 'OK', degraded: 'Degraded', failing: 'Failing' };
const order: Health['status'][] = ['failing', 'degraded', 'ok'];

export function HealthLamp({ link, compact = false }: { link: LinkState; compact?: boolean }) {
  const health = useHealth();
  const status: Lamp = link === 'lost' ? 'lost' : (health.data?.status ?? (health.isError ? 'lost' : 'unknown'));
  const word = words[status];
  const cameras = useCameras().data ?? [];
  const checks = [...(health.data?.checks ?? [])].sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={`Health: ${word.short}`}
        className={cx(
          'flex items-center rounded-control text-muted transition-colors hover:bg-raised hover:text-ink',
          compact ? 'min-h-10 gap-2 px-2.5 text-sm' : 'w-full flex-col gap-1.5 px-1 py-2.5 text-[0.6875rem]',
        )}
      >
        <span
          className={cx('size-3 rounded-full', word.dot, status === 'ok' ? 'lamp-glow' : 'pulse-soft')}
          aria-hidden="true"
        />
        <span>{word.short}</span>
      </Popover.Trigger>
      <span role="status" className="sr-only">
        {status === 'unknown' ? '' : word.long}
      </span>
      <Popover.Portal>
        <Popover.Content
          side={compact ? 'bottom' : 'right'}
          align="end"
          sideOffset={10}
          collisionPadding={12}
          aria-label="Health"
          className="sheet-pop z-50 max-h-[80dvh] w-[min(24rem,calc(100vw-1.5rem))] overflow-y-auto rounded-card border border-line bg-surface p-5 shadow-pop"
        >
          <h2 className="font-semibold">{word.long}</h2>
          {status === 'lost' ? (
            <p className="mt-1 text-sm text-muted">Trying again. What is shown may be out of date.</p>
          ) : null}
          <ul className="mt-3 divide-y divide-line">
            {checks.map((check) => (
              <li key={check.name} className="flex gap-3 py-2.5">
                <span
                  className={cx('mt-1.5 size-2.5 shrink-0 rounded-full', words[check.status].dot)}
                  aria-hidden="true"
                />
                <div className="min-w-0">
                  <p className="text-sm font-medium break-words">
                    {checkName(check.name, cameras)}
                    <span className="text-muted"> · {checkWords[check.status]}</span>
                  </p>
                  <p className="text-sm break-words text-muted">{check.message}</p>
                </div>
              </li>
            ))}
          </ul>
          {health.data ? <p className="mt-3 text-xs text-muted">Porchlight {health.data.version}</p> : null}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The hub names a camera by its id, which no person knows. */
function checkName(name: string, cameras: Camera[]): string {
  const [, cameraId] = /^camera (\S+)$/.exec(name) ?? [];
  const camera = cameras.find(({ id }) => id === cameraId);
  return camera ? camera.name : capitalised(name.replace(/^worker /, ''));
}
