import { defineConfig } from 'vitest/config';
import { isPart, textOf } from './scripts/bundle/parts.ts';

export default defineConfig({
  // parts come as text, as in the package
  plugins: [{ name: 'parts', enforce: 'pre', load: (id) => (isPart(id) ? textOf(id) : undefined) }],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: process.env.CI === 'true' ? ['default', './test/closingLine.ts'] : ['default'],
  },
});
