import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { isPart, textOf } from './scripts/bundle/parts.ts';
import { isNotice } from './test/skipped.ts';

export default defineConfig({
  // parts come as text, as in the package
  plugins: [{ name: 'parts', enforce: 'pre', load: (id) => (isPart(id) ? textOf(id) : undefined) }],
  test: {
    include: ['test/**/*.test.ts'],
    // one core less by default, which is half of two
    maxWorkers: availableParallelism(),
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // notices are for the block at the end
    onConsoleLog: (log) => !isNotice(log),
    reporters: ['default', process.env.CI === 'true' ? './test/closingLine.ts' : './test/skipped.ts'],
  },
});
