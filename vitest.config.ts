import { defineConfig } from 'vitest/config';

const forks = { pool: 'forks' } as const;
// Many real processes on two shared cores: a test may be starved once. A second try is shown in the report, never silent.
const retry = process.env['CI'] === undefined ? 0 : 1;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...forks, testTimeout: 20_000 } },
      { test: { name: 'contract', include: ['test/contract/**/*.test.ts'], ...forks, testTimeout: 20_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          ...forks,
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
          ...forks,
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
