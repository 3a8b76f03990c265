/** Numbers and times as the viewer's own locale and time zone write them. Everything comes in as UTC milliseconds or plain units. */

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const timeWithSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const relativeDay = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
const plain = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0 });
const finePercents = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 2 });

export const capitalised = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** 14:32 */
export const clock = (atMs: number): string => time.format(atMs);
/** 14:32:07 */
export const clockWithSeconds = (atMs: number): string => timeWithSeconds.format(atMs);
/** 14:32, or "Tue, 3 Mar, 14:32" when it was not today. */
export function clockOrDay(atMs: number, nowMs: number = Date.now()): string {
  return dayNumber(atMs) === dayNumber(nowMs) ? clock(atMs) : `${shortDay.format(atMs)}, ${clock(atMs)}`;
}

/** Local midnight of that day, UTC milliseconds. Days may be 23 or 25 hours long: never add 24 h to get the next. */
export function dayStart(atMs: number): number {
  const date = new Date(atMs);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
export function nextDayStart(atMs: number): number {
  const date = new Date(atMs);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
}
const dayNumber = (atMs: number): number => {
  const date = new Date(atMs);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
};

/** "Today", "Yesterday", "Tuesday, 3 March"; small inside a sentence. */
export function dayWords(atMs: number, { nowMs = Date.now(), inSentence = false } = {}): string {
  const days = dayNumber(atMs) - dayNumber(nowMs);
  if (days !== 0 && days !== -1) return longDay.format(atMs);
  const word = relativeDay.format(days, 'day');
  return inSentence ? word : capitalised(word);
}

/** The value of <input type="date"> and back. */
export function dateInputValue(atMs: number): string {
  const date = new Date(atMs);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
/** Local midnight of a date input's value, or undefined for anything else. */
export function fromDateInput(value: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (!match) return undefined;
  const ms = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3])).getTime();
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** "8 s", "1 min 20 s", "2 h 5 min" */
export function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Decimal units, as disks are sold: "412 GB", "1.2 TB". */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 ? plain.format(Math.round(value)) : plain.format(value)} ${units[unit] ?? 'B'}`;
}

export const percent = (share: number): string => percents.format(share);
export const finePercent = (share: number): string => finePercents.format(share);
export const number = (value: number): string => plain.format(value);

/** "About 12 days", for a forecast that should not look exact. */
export function days(value: number): string {
  if (value < 1) return 'less than a day';
  const whole = Math.round(value);
  return whole === 1 ? 'about a day' : `about ${plain.format(whole)} days`;
}
/** "1 camera", "3 cameras" */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${plain.format(count)} ${count === 1 ? one : many}`;
