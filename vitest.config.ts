import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    reporters: process.env.CI === 'true' ? ['default', './test/closingLine.ts'] : ['default'],
  },
});
