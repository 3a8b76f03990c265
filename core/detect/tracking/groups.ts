/** From what a detector calls a thing to what a household calls it. */
import type { EventLabel, ObjectLabel } from '#core/domain/detection.ts';

/** Labels that stand for one another while a thing is followed: the detector wavers between them. */
export type Group = Exclude<EventLabel, 'motion'>;

const groups: Record<ObjectLabel, Group> = {
  person: 'person',
  bicycle: 'bicycle',
  car: 'vehicle',
  motorcycle: 'vehicle',
  bus: 'vehicle',
  truck: 'vehicle',
  bird: 'animal',
  cat: 'animal',
  dog: 'animal',
  horse: 'animal',
  sheep: 'animal',
  cow: 'animal',
  bear: 'animal',
};

export function groupOf(label: ObjectLabel): Group {
  return groups[label];
}

/** What a person may be riding: seen with its rider it is part of the person. */
export function isRidden(label: ObjectLabel): boolean {
  return label === 'bicycle' || label === 'motorcycle' || label === 'horse';
}
