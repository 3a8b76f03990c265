/** Which zones a thing stands in, and whether that is enough for an event. The point that counts is where it stands. */
import type { DetectSettings, Zone } from '#core/domain/detection.ts';
import type { Box, Point } from '#core/domain/geometry.ts';
import { insidePolygon } from '#core/domain/geometry.ts';
import { footPoint } from '../tracking/boxes.ts';
import type { Group } from '../tracking/groups.ts';

/** Ids of the zones that contain the foot point and count this label. */
export function zonesTouched(box: Box, group: Group, settings: DetectSettings): string[] {
  return settings.zones.filter((zone) => counts(zone, group) && stands(box, zone)).map((zone) => zone.id);
}

/** With `zonesRequired` a thing must stand in a zone that counts it; where no zone names its label, it need not. */
export function allowedByZones(box: Box, group: Group, settings: DetectSettings): boolean {
  if (!settings.zonesRequired) return true;
  const relevant = settings.zones.filter((zone) => counts(zone, group));
  return relevant.length > 0 && relevant.some((zone) => stands(box, zone));
}

function counts(zone: Zone, group: Group): boolean {
  return zone.labels.length === 0 || zone.labels.includes(group);
}

function stands(box: Box, zone: Zone): boolean {
  const [x, y] = footPoint(box);
  // A thing cut by the lower edge of the picture stands just inside it.
  const foot: Point = [Math.min(0.999, Math.max(0.001, x)), Math.min(0.999, Math.max(0.001, y))];
  return insidePolygon(zone.polygon, foot);
}
