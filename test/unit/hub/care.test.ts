/** What a person is told of a camera's clock. */
import { expect, it } from 'vitest';
import type { OnvifClock } from '#core/domain/onvif.ts';
import { clockProblem } from '#core/hub/care.ts';

const clock = (offsetMs: number, source: OnvifClock['source'] = 'manual'): OnvifClock => ({
  cameraMs: 1,
  offsetMs,
  timeZone: null,
  source,
});

it('a clock that is right within five seconds is no problem, nor one that the camera does not tell', () => {
  expect(clockProblem('Porch', clock(5_000))).toBeNull();
  expect(clockProblem('Porch', clock(-5_000))).toBeNull();
  expect(clockProblem('Porch', { ...clock(9_000_000), cameraMs: null })).toBeNull();
});

it.each([
  [6_000, '6 seconds ahead'],
  [-90_000, '90 seconds behind'],
  [-1_800_000, '30 minutes behind'],
  [3 * 3_600_000, '3 hours ahead'],
  [-365 * 86_400_000, '365 days behind'],
])('F17: %i ms off is told as "%s", with the next step', (offsetMs, words) => {
  const problem = clockProblem('Porch', clock(offsetMs));
  expect(problem).toContain(`The clock of camera 'Porch' is ${words}.`);
  expect(problem).toContain('Set it from here');
  expect(clockProblem('Porch', clock(offsetMs, 'ntp'))).toContain('time server');
});
