/** How far the camera's clock is off, in words, and setting it. */
import type { Care } from '../../../client/onvif.ts';
import { Clock } from 'lucide-react';
import { Button } from '../../../ui/button.tsx';
import { Card, Problem } from '../../../ui/surfaces.tsx';
import { useToast } from '../../../ui/toast.tsx';
import type { CareActions } from '../care-tab.tsx';
import { driftWords } from './words.ts';

export function ClockCard({ care, setClock }: { care: Care; setClock: CareActions['setClock'] }) {
  const { clock, clockProblem } = care;
  const toast = useToast();
  return (
    <Card title="Its clock">
      <p className={clockProblem === null ? '' : 'font-medium text-bad'}>{clockProblem ?? driftWords(clock)}</p>
      <p className="mt-1 text-sm text-muted">
        {clock.source === 'ntp'
          ? 'It sets itself from a time server, so it is not set from here.'
          : clock.source === 'manual'
            ? 'It is set by hand: nothing corrects it.'
            : 'It does not say who sets it.'}
        {clock.timeZone === null ? '' : ` Time zone: ${clock.timeZone}.`}
      </p>
      {/* The hub refuses it there: the time server would overrule it. */}
      {clock.source === 'ntp' ? null : (
        <Button
          className="mt-4"
          busy={setClock.isPending}
          onClick={() => setClock.mutate(undefined, { onSuccess: (next) => toast(driftWords(next)) })}
        >
          <Clock size={16} aria-hidden="true" /> Set the camera’s clock
        </Button>
      )}
      {setClock.isError ? (
        <div className="mt-3">
          <Problem error={setClock.error} />
        </div>
      ) : null}
    </Card>
  );
}
