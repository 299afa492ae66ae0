// Cuts the module into its parts, one for each loss or helper and dtype, beside the entries that import them.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cut } from '../src/bin/cut.ts';
import { cuttable, isInCut } from '../src/bin/exports.ts';

const build = new URL('../build/', import.meta.url);
/** Where they are. */
export const folder = new URL('../src/parts/generated/', import.meta.url);

/** Names and dtypes of the parts. */
export const parts = Object.keys(cuttable).flatMap((name) =>
  (['f32', 'f64'] as const).map((dtype) => ({ name, dtype, file: `${name}.${dtype}.wasm` })),
);

/** Returns their paths. */
export function writeParts(): string[] {
  const whole = readFileSync(new URL('simdloss.wasm', build));
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (file.endsWith('.wasm')) rmSync(new URL(file, folder));
  return parts.map(({ name, dtype, file }) => {
    const path = new URL(file, folder);
    writeFileSync(path, cut(whole, isInCut([name], [dtype])));
    return fileURLToPath(path);
  });
}
