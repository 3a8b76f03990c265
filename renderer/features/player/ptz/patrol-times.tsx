/** When a patrol goes round: by weekday and time, in the hub's local time. None: always. */
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../../../ui/button.tsx';
import { controlClass } from '../../../ui/field.tsx';
import { minuteOf, mostTimes, timeText, weekdays, type PatrolTime } from './patrol-draft.ts';

interface PatrolTimesProps {
  times: PatrolTime[];
  onChange: (times: PatrolTime[]) => void;
}

export function PatrolTimes({ times, onChange }: PatrolTimesProps) {
  const put = (at: number, part: Partial<PatrolTime>): void =>
    onChange(times.map((time, index) => (index === at ? { ...time, ...part } : time)));
  return (
    <section aria-labelledby="patrol-times" className="border-t border-line pt-4">
      <h3 id="patrol-times" className="font-medium">
        When
      </h3>
      <p className="text-sm text-muted">
        {times.length === 0 ? 'All day, every day.' : 'In the time of the machine that Porchlight runs on.'}
      </p>
      <ul className="mt-3 space-y-2">
        {times.map((time, index) => (
          <li key={index} className="space-y-2 rounded-control bg-raised p-2">
            <div className="grid grid-cols-7 gap-1" role="group" aria-label={`Days of time ${index + 1}`}>
              {weekdays.map(({ day, short, long }) => {
                const on = time.days.includes(day);
                return (
                  <button
                    key={day}
                    type="button"
                    aria-pressed={on}
                    onClick={() =>
                      put(index, { days: on ? time.days.filter((other) => other !== day) : [...time.days, day].sort() })
                    }
                    className="min-h-10 min-w-0 rounded-control border border-line-strong bg-surface px-0 text-xs text-muted sm:text-sm aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:font-semibold aria-pressed:text-on-accent"
                  >
                    <span aria-hidden="true">{short}</span>
                    <span className="sr-only">{long}</span>
                  </button>
                );
              })}
            </div>
            <div className="flex flex-wrap items-center gap-x-2">
              <TimeInput
                label={`Time ${index + 1} from`}
                minute={time.fromMinute}
                onChange={(fromMinute) => put(index, { fromMinute })}
              />
              <span className="text-muted">to</span>
              <TimeInput
                label={`Time ${index + 1} to`}
                minute={time.toMinute}
                onChange={(toMinute) => put(index, { toMinute })}
              />
              <span className="text-sm text-muted empty:hidden max-sm:order-last max-sm:basis-full">
                {time.toMinute <= time.fromMinute && time.toMinute > 0 ? 'the next day' : ''}
              </span>
              <IconButton
                className="ml-auto"
                label={`Take time ${index + 1} out`}
                onClick={() => onChange(times.filter((_time, at) => at !== index))}
              >
                <X size={17} aria-hidden="true" />
              </IconButton>
            </div>
          </li>
        ))}
      </ul>
      {times.length < mostTimes ? (
        <Button
          className="mt-3"
          onClick={() => onChange([...times, { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 22 * 60, toMinute: 6 * 60 }])}
        >
          <Plus size={16} aria-hidden="true" /> {times.length === 0 ? 'Only at certain times' : 'Add a time'}
        </Button>
      ) : null}
    </section>
  );
}

function TimeInput({ label, minute, onChange }: { label: string; minute: number; onChange: (minute: number) => void }) {
  return (
    // On a phone a tap opens the picker: its little clock would only cover the time.
    <input
      type="time"
      aria-label={label}
      required
      value={timeText(minute)}
      onChange={({ target: { value } }) => {
        const typed = minuteOf(value);
        if (typed !== null) onChange(typed);
      }}
      className={`${controlClass} min-w-0 flex-1 px-2 tabular-nums sm:flex-none max-sm:[&::-webkit-calendar-picker-indicator]:hidden`}
    />
  );
}
