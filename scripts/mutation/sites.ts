// Which files are mutated, and everything that can be changed in them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { masked } from './mask.ts';
import type { Mutant, Operator } from './mutant.ts';
import { kernels } from './operators/kernels.ts';
import { wrapper } from './operators/wrapper.ts';

/** The WebAssembly kernels, the TypeScript around them, the JS backend. */
export type Side = 'kernels' | 'wrapper' | 'js';

const sides: Record<Side, { folders: string[]; operators: readonly Operator[] }> = {
  kernels: {
    folders: ['assembly/kernels', 'assembly/loops', 'assembly/reduce', 'assembly/math', 'assembly/simd'],
    operators: kernels,
  },
  wrapper: { folders: ['src'], operators: wrapper },
  js: { folders: ['src/js'], operators: wrapper },
};

/**
 * src/abi.ts, src/wasm/generated and src/parts/generated follow from the other side, src/js/points is read by the generator alone, and what is
 * written for f32 has the same text as its twin for f64.
 */
const skipped = /\.d\.ts$|^src\/(abi\.ts$|(wasm|parts)\/generated\/|js\/(points|f32|generated\/f32)\/)/;

export function sources(root: string, side: Side): string[] {
  return sides[side].folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${folder}/${name}`,
      ),
    )
    .filter((file) => file.endsWith('.ts') && !skipped.test(file))
    .filter((file) => side !== 'wrapper' || !file.startsWith('src/js/'))
    .sort();
}

export function mutantsOf(root: string, side: Side, file: string): Mutant[] {
  const source = readFileSync(join(root, file), 'utf8');
  const code = masked(source);
  const seen = new Map<string, number>();
  const edits = sides[side].operators.flatMap((operator) => [...operator(code, source)]);
  return edits
    .sort((a, b) => a.at - b.at)
    .map((edit) => {
      const start = source.lastIndexOf('\n', edit.at - 1) + 1;
      const was = source.slice(start, (source.indexOf('\n', start) + 1 || source.length + 1) - 1).trim();
      const line = source.slice(0, start).split('\n').length;
      const key = `${line} ${edit.title}`;
      const nth = (seen.get(key) ?? 0) + 1;
      seen.set(key, nth);
      return { ...edit, file, line, was, nth };
    });
}
