/** Times as the player writes them, in the zone that is looked at. */
import { dayStart } from './local-time.ts';

const cache = new Map<string, Intl.DateTimeFormat>();
function format(key: 'time' | 'day', zone: string): Intl.DateTimeFormat {
  const id = `${key}/${zone}`;
  let found = cache.get(id);
  if (!found) {
    found = new Intl.DateTimeFormat(
      undefined,
      key === 'time'
        ? { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit' }
        : { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' },
    );
    cache.set(id, found);
  }
  return found;
}

/** 14:32:07 */
export const clockAt = (ms: number, zone: string): string => format('time', zone).format(ms);

/** "Today", "Yesterday", "Fri, Nov 20" */
export function dayAt(ms: number, zone: string, nowMs: number = Date.now()): string {
  const today = dayStart(nowMs, zone);
  const yesterday = dayStart(nowMs, zone, -1);
  if (ms >= today && ms < dayStart(nowMs, zone, 1)) return 'Today';
  if (ms >= yesterday && ms < today) return 'Yesterday';
  return format('day', zone).format(ms);
}

/** "Today 14:32:07" */
export const exactTime = (ms: number, zone: string): string => `${dayAt(ms, zone)} ${clockAt(ms, zone)}`;
