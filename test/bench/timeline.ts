import type { Bench } from './row.ts';

export const bench: Bench = async function* () {
  await Promise.resolve();
  yield { what: 'timeline', skipped: 'being written' };
};
