/** What is used, what is left, how long it lasts, and the limits that keep it so. */
import type { AnswerOf } from '#core/api/routes.ts';
import type { Settings } from '#core/api/schemas.ts';
import { TriangleAlert } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useStorage, useSettings } from '../../client/queries.ts';
import { useChangeSettings } from '../../client/settings.ts';
import { TextField } from '../../ui/field.tsx';
import { bytes, clockOrDay, days, dayWords } from '../../ui/format.ts';
import { SaveBar } from '../../ui/save-bar.tsx';
import { Bar, Card, Loading, Problem } from '../../ui/surfaces.tsx';
import { useToast } from '../../ui/toast.tsx';

export function StorageSection() {
  const storage = useStorage();
  const settings = useSettings();
  return (
    <>
      {storage.isPending ? <Loading what="Measuring" /> : null}
      {storage.isError ? <Problem error={storage.error} onRetry={() => void storage.refetch()} /> : null}
      {storage.data ? <Usage storage={storage.data} /> : null}
      {settings.data ? <Limits key={JSON.stringify(settings.data)} settings={settings.data} /> : null}
    </>
  );
}

function Usage({ storage }: { storage: AnswerOf<'storage'> }) {
  const room = storage.limitBytes ?? storage.usedBytes + storage.freeBytes;
  return (
    <Card title="Used">
      {storage.problem === null ? null : (
        <p role="alert" className="mb-4 flex items-start gap-2 rounded-control bg-bad-soft px-3 py-2 text-bad">
          <TriangleAlert size={18} className="mt-0.5 shrink-0" aria-hidden="true" /> {storage.problem}
        </p>
      )}
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
        <p className="tabular text-2xl font-semibold tracking-tight">
          {bytes(storage.usedBytes)} <span className="text-base font-normal text-muted">of {bytes(room)}</span>
        </p>
        <p className="tabular text-sm text-muted">{bytes(storage.freeBytes)} free on the disk</p>
      </div>
      <Bar share={room === 0 ? 0 : storage.usedBytes / room} label="Storage used" />
      <p className="mt-3 text-sm text-muted">
        {storage.oldestMs === null
          ? 'Nothing is recorded yet.'
          : `Goes back to ${dayWords(storage.oldestMs, { inSentence: true })}, ${clockOrDay(storage.oldestMs, storage.oldestMs)}. `}
        {storage.daysUntilFull === null
          ? ''
          : `At this rate it is full in ${days(storage.daysUntilFull)}; then the oldest recordings make room for new ones.`}
      </p>
      {storage.cameras.length === 0 ? null : (
        <ul className="mt-5 space-y-3 border-t border-line pt-4">
          {[...storage.cameras]
            .sort((a, b) => b.bytes - a.bytes)
            .map((camera) => (
              <li key={camera.cameraId}>
                <div className="mb-1 flex items-baseline justify-between gap-4 text-sm">
                  <span className="min-w-0 truncate font-medium">{camera.name}</span>
                  <span className="tabular shrink-0 text-muted">
                    {bytes(camera.bytes)}
                    {camera.bytesPerDay === null ? '' : ` · ${bytes(camera.bytesPerDay)} a day`}
                  </span>
                </div>
                <Bar share={room === 0 ? 0 : camera.bytes / room} label={`Used by ${camera.name}`} />
              </li>
            ))}
        </ul>
      )}
      <p className="mt-5 text-sm break-all text-muted">
        In <code className="font-mono text-ink">{storage.recordingsDir}</code>
      </p>
    </Card>
  );
}

const gigabyte = 1e9;

/** Text while it is typed, so that a field can be empty for a moment. */
interface Draft {
  retentionDays: string;
  maxGigabytes: string;
  minFreeGigabytes: string;
}

function draftOf(settings: Settings): Draft {
  return {
    retentionDays: String(settings.retentionDays),
    maxGigabytes: settings.maxBytes === null ? '' : String(settings.maxBytes / gigabyte),
    minFreeGigabytes: String(settings.minFreeBytes / gigabyte),
  };
}

const numberIn = (text: string, min: number, max: number): number | null => {
  const value = Number(text.trim().replace(',', '.'));
  return text.trim() !== '' && Number.isFinite(value) && value >= min && value <= max ? value : null;
};

function Limits({ settings }: { settings: Settings }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(settings));
  const save = useChangeSettings();
  const toast = useToast();
  const keepDays = numberIn(draft.retentionDays, 0.04, 3650);
  const max = draft.maxGigabytes.trim() === '' ? 0 : numberIn(draft.maxGigabytes, 0.1, 1e6);
  const minFree = numberIn(draft.minFreeGigabytes, 0, 1e6);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (keepDays === null || max === null || minFree === null) return;
    save.mutate(
      {
        retentionDays: keepDays,
        maxBytes: max === 0 ? null : Math.round(max * gigabyte),
        minFreeBytes: Math.round(minFree * gigabyte),
      },
      { onSuccess: () => toast('Saved. Old recordings are tidied up within minutes.') },
    );
  };
  const field = (key: keyof Draft) => ({
    value: draft[key],
    inputMode: 'decimal' as const,
    autoComplete: 'off',
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [key]: event.target.value }),
  });

  return (
    <form onSubmit={submit} noValidate>
      <Card title="Keep" note="The oldest recordings go first, whichever of these is reached first.">
        <div className="grid gap-4 sm:grid-cols-3">
          <TextField
            label="Days"
            {...field('retentionDays')}
            problem={keepDays === null ? 'From 0.04 (an hour) to 3650' : undefined}
          />
          <TextField
            label="At most, GB"
            placeholder="No limit"
            hint="Empty: as much as the disk allows"
            {...field('maxGigabytes')}
            problem={max === null ? 'At least 0.1, or empty' : undefined}
          />
          <TextField
            label="Leave free, GB"
            {...field('minFreeGigabytes')}
            problem={minFree === null ? 'Zero or more' : undefined}
          />
        </div>
      </Card>
      <SaveBar
        dirty={JSON.stringify(draft) !== JSON.stringify(draftOf(settings))}
        busy={save.isPending}
        error={save.error}
        onDiscard={() => {
          setDraft(draftOf(settings));
          save.reset();
        }}
      />
    </form>
  );
}
