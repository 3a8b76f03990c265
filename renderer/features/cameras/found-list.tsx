/** The cameras that have answered so far. Each arrival is told to a screen reader; nothing moves that is there already. */
import { Link } from '@tanstack/react-router';
import { Cctv, ChevronRight, CircleCheck, RotateCw } from 'lucide-react';
import type { FoundDevice } from '../../client/discover.ts';
import { useCameras } from '../../client/queries.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { cx } from '../../ui/cx.ts';
import { counted } from '../../ui/format.ts';
import { Card, Problem } from '../../ui/surfaces.tsx';
import type { Discovery } from './use-discovery.ts';

interface FoundListProps {
  discovery: Discovery;
  chosen: FoundDevice | null;
  /** A camera is being asked. */
  busy: boolean;
  onChoose: (device: FoundDevice) => void;
  onSearch: () => void;
  onStop: () => void;
}

/** "Acme IPC-123", or what there is of it. */
function deviceName({ make, model, name, address }: FoundDevice): string {
  const maker = [make, model].filter((word) => word !== null && word !== '').join(' ');
  return maker !== '' ? maker : name !== null && name !== '' ? name : `Camera at ${address}`;
}

export function FoundList({ discovery, chosen, busy, onChoose, onSearch, onStop }: FoundListProps) {
  const { state, devices, problems, error, range } = discovery;
  const searching = state === 'searching' || state === 'waiting';
  const last = devices.at(-1);
  return (
    <Card title={range === null ? 'Cameras nearby' : `Cameras at ${range}`}>
      <p role="status" className="sr-only">
        {last ? `${deviceName(last)} at ${last.address} answered. ${counted(devices.length, 'camera')} so far.` : ''}
        {searching ? '' : ` The search is over. ${counted(devices.length, 'camera')} found.`}
      </p>
      <ul className="space-y-2" aria-label="Found cameras" aria-busy={searching}>
        {devices.map((device) => (
          <li key={`${device.endpoint} ${device.url}`}>
            <FoundRow device={device} chosen={chosen?.url === device.url} busy={busy} onChoose={onChoose} />
          </li>
        ))}
      </ul>
      {error ? (
        <Problem error={error} onRetry={onSearch} />
      ) : (
        <div className={cx('flex flex-wrap items-center gap-3 text-sm text-muted', devices.length > 0 && 'mt-4')}>
          {searching ? <span className="spinner text-accent-ink" aria-hidden="true" /> : null}
          <p className="min-w-0 flex-1">
            {searching
              ? 'Searching, up to 10 s…'
              : devices.length > 0
                ? `${counted(devices.length, 'camera')} answered.`
                : 'No camera answered. Is it on, in this network, and is ONVIF switched on in its settings? Its address works too.'}
          </p>
          {searching ? (
            <Button size="small" onClick={onStop}>
              Stop
            </Button>
          ) : (
            <Button size="small" onClick={onSearch}>
              <RotateCw size={15} aria-hidden="true" /> Search again
            </Button>
          )}
        </div>
      )}
      {problems.length === 0 ? null : (
        <ul className="mt-3 space-y-1 border-t border-line pt-3 text-sm text-muted">
          {problems.map((problem) => (
            <li key={problem} className="wrap-anywhere">
              {problem}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

interface FoundRowProps {
  device: FoundDevice;
  chosen: boolean;
  busy: boolean;
  onChoose: (device: FoundDevice) => void;
}

function FoundRow({ device, chosen, busy, onChoose }: FoundRowProps) {
  const cameras = useCameras().data ?? [];
  const added = device.addedAs === null ? null : (cameras.find(({ id }) => id === device.addedAs) ?? null);
  const name = deviceName(device);
  const details = [device.address, device.name !== name ? device.name : null, device.location]
    .filter((word) => word !== null && word !== '')
    .join(' · ');
  const row = 'flex w-full items-center gap-3 rounded-control border px-3 py-2.5 text-left';
  const inside = (
    <>
      <Cctv size={22} className="shrink-0 text-muted" aria-hidden="true" />
      <span className="min-w-0 flex-1">
        <span className="block font-medium wrap-anywhere">{name}</span>
        <span className="tabular block text-sm wrap-anywhere text-muted">{details}</span>
      </span>
    </>
  );
  if (device.addedAs !== null) {
    return (
      <div className={cx(row, 'flex-wrap border-line bg-sunken')}>
        {inside}
        <span className="flex w-full items-center justify-between gap-2 pl-8.5 sm:w-auto sm:max-w-1/2 sm:pl-0">
          <span className="flex shrink-0 items-center gap-1.5 text-sm font-medium text-good">
            <CircleCheck size={16} aria-hidden="true" /> Already added
          </span>
          <Link
            to="/cameras/$cameraId"
            params={{ cameraId: device.addedAs }}
            aria-label={`Settings of ${added?.name ?? name}`}
            className={buttonClass('quiet', 'small', 'min-w-0 shrink!')}
          >
            <span className="truncate">{added?.name ?? 'Settings'}</span>
          </Link>
        </span>
      </div>
    );
  }
  return (
    <button
      type="button"
      disabled={busy}
      aria-pressed={chosen}
      onClick={() => onChoose(device)}
      className={cx(
        row,
        'transition-colors disabled:cursor-default',
        chosen ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface hover:border-accent',
        busy && !chosen && 'opacity-60',
      )}
    >
      {inside}
      {busy && chosen ? (
        <span className="spinner text-accent-ink" aria-hidden="true" />
      ) : (
        <ChevronRight size={18} className="shrink-0 text-muted" aria-hidden="true" />
      )}
    </button>
  );
}
