// The tests named in MUTATION_SUITE (a JSON array), in that order, one after another in one thread.
import { relative, sep } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isPart, textOf } from '../bundle/parts.ts';

const suite: string[] = JSON.parse(process.env.MUTATION_SUITE ?? '[]');
const root = process.cwd();

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      suite.indexOf(relative(root, moduleId).split(sep).join('/'));
    return files.sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  root,
  plugins: [{ name: 'parts', enforce: 'pre', load: (id) => (isPart(id) ? textOf(id) : undefined) }],
  cacheDir: `${root}/build/vite`,
  test: {
    include: suite,
    // a mutant of one backend is nothing to the tests of the other
    testNamePattern: process.env.MUTATION_NAMES || undefined,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    bail: process.env.MUTATION_BAIL ? 1 : 0,
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    reporters: [`${import.meta.dirname}/reporter.ts`],
    sequence: { sequencer: InOrder },
  },
});
