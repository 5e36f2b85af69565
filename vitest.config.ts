import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const minutes = (count: number) => count * 60_000;

/** A browser and an app with its Python process need about two cores together. */
const heavyWorkers = Math.max(1, Math.floor(availableParallelism() / 2));

/** The default of one second is soon over on a busy machine. */
const expect = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect,
          include: ['packages/*/test/**/*.test.ts'],
          exclude: ['**/*.e2e.test.ts', '**/*.browser.test.ts', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          expect,
          include: ['packages/*/test/**/*.e2e.test.ts', 'packages/*/test/**/*.browser.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: minutes(2),
          hookTimeout: minutes(4),
          maxWorkers: heavyWorkers,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'repo',
          expect,
          include: ['test/**/*.test.ts'],
          globalSetup: ['test/support/build.ts'],
          testTimeout: minutes(3),
          hookTimeout: minutes(4),
          maxWorkers: heavyWorkers,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
