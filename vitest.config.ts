import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// A condition that is waited for has 10 s unless a test says otherwise, `vi.waitFor` by test/support/patience.ts.
const common = {
  pool: 'forks' as const,
  setupFiles: ['test/support/patience.ts'],
  expect: { poll: { timeout: 10_000 } },
};
// Many real processes on two shared cores: a test may be starved once. A second try is shown in the report, never silent.
const retry = process.env['CI'] === undefined ? 0 : 1;

/** What is long and begins last is waited for with nothing beside it. Vitest orders by the size of files until it has seen them run. */
class LongestFirst extends BaseSequencer {
  static readonly long = [
    'e2e/screens.',
    'e2e/demo-screens.',
    'integration/whole-kill.',
    'integration/whole-mutated.',
    'integration/recorder.',
    'integration/rtsp.',
    'e2e/wizard.',
    'e2e/ptz-real.',
    'integration/whole-',
    'integration/demo-',
  ];

  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LongestFirst.long.findIndex((name) => moduleId.includes(`/test/${name}`));
      return at === -1 ? LongestFirst.long.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...common, testTimeout: 20_000 } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...common, testTimeout: 20_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          ...common,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two at a time: most of their time is waiting for cameras that play in real time. More would starve each other.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...common,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
