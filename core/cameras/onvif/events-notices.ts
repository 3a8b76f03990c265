/**
 * Notification messages out of a PullMessagesResponse or a Notify, and when they happened. Pure, lenient, bounded: names
 * are matched without their prefixes, at most 100 messages and 32 items of each are read.
 */
import type { TopicItems } from './events-topics.ts';
import type { XmlElement } from './soap-port.ts';
import { at, child, childrenOf } from './tree.ts';

export interface Notice {
  topic: string;
  items: TopicItems;
  /** tt:Message PropertyOperation; null: an event without state, or a camera that does not say. */
  operation: 'initialized' | 'changed' | 'deleted' | null;
  /** On the camera's clock. */
  utcMs: number | null;
}

export const mostNotices = 100;
const mostItems = 32;
const mostTextLength = 256;
/** A camera's own time is believed when it lies this near the arrival, after its clock's offset was taken off. */
const believableMs = 10_000;

/** `answer`: the element that holds the wsnt:NotificationMessage elements. */
export function noticesIn(answer: XmlElement): Notice[] {
  return childrenOf(answer, 'NotificationMessage')
    .slice(0, mostNotices)
    .flatMap((message) => {
      const topic = child(message, 'Topic')?.text ?? '';
      // The payload stands inside wsnt:Message; some cameras leave the outer one out.
      const outer = child(message, 'Message');
      const inner = child(outer, 'Message') ?? outer;
      if (topic === '' || topic.length > 512 || !inner) return [];
      const source = [...simpleItems(child(inner, 'Source')), ...simpleItems(child(inner, 'Key'))];
      return [
        {
          topic,
          items: { source, data: simpleItems(child(inner, 'Data')) },
          operation: operationOf(inner.attributes['PropertyOperation']),
          utcMs: utcOf(inner.attributes['UtcTime']),
        },
      ];
    });
}

/** When it happened on our clock: the camera's word if it is believable, else the arrival. Never in the future. */
export function timeOf(utcMs: number | null, offsetMs: number, arrivedMs: number): number {
  if (utcMs === null) return arrivedMs;
  const ours = Math.round(utcMs - offsetMs);
  return Math.abs(ours - arrivedMs) <= believableMs ? Math.min(ours, arrivedMs) : arrivedMs;
}

/** What a subscription was granted, in ms: the end it names minus its own clock. Null where that makes no sense. */
export function grantedMs(answer: XmlElement): number | null {
  const [end, current] = [at(answer, 'TerminationTime')?.text, at(answer, 'CurrentTime')?.text].map(utcOf);
  if (end === null || end === undefined || current === null || current === undefined) return null;
  const granted = end - current;
  return granted >= 1_000 && granted <= 366 * 86_400_000 ? granted : null;
}

/** xs:dateTime; without a zone it is UTC. */
export function utcOf(text: string | undefined): number | null {
  if (text === undefined || text.length > 40) return null;
  const match = /^\s*(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?\s*$/i.exec(text);
  if (!match) return null;
  const [, seconds = '', fraction = '', zone = 'Z'] = match;
  const ms = Date.parse(`${seconds}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isFinite(ms) ? ms : null;
}

function operationOf(text: string | undefined): Notice['operation'] {
  const word = text?.trim().toLowerCase();
  return word === 'initialized' || word === 'changed' || word === 'deleted' ? word : null;
}

function simpleItems(parent: XmlElement | null): [string, string][] {
  return childrenOf(parent, 'SimpleItem')
    .slice(0, mostItems)
    .map(({ attributes, text }) => [
      (attributes['Name'] ?? '').slice(0, mostTextLength),
      (attributes['Value'] ?? text).slice(0, mostTextLength),
    ]);
}
