// Mutants that are excused by the text of their line: once the line is another, the excuse is void.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { equivalents } from '../../scripts/mutation/equivalent.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const linesOf = (path: string): string[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .map((line) => line.trim())
    : [];

it.each(equivalents)('$file has “$was”', ({ file, was }) => {
  expect(linesOf(root + file)).toContain(was);
});
