import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { isPart, textOf } from './scripts/bundle/parts.ts';
import { isNotice } from './test/skipped.ts';

/** What waits for threads and pages, which a test beside it may keep from a core for long: one after another, after all others. */
const ALONE = ['site', 'browsers', 'threads'].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  // parts come as text, as in the package
  plugins: [{ name: 'parts', enforce: 'pre', load: (id) => (isPart(id) ? textOf(id) : undefined) }],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE],
          // one core less by default, which is half of two
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // notices are for the block at the end
    onConsoleLog: (log) => !isNotice(log),
    reporters: ['default', process.env.CI === 'true' ? './test/closingLine.ts' : './test/skipped.ts'],
  },
});
