// Cuts the module into its parts, one for each loss or helper and dtype, beside the entries that import them. What is apart has one of
// its own, without what the loss's has.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cut } from '../src/cut/cut.ts';
import { cuttable, isInCut } from '../src/cut/exports.ts';
import type { FloatDType } from '../src/dtypes.ts';

const build = new URL('../build/', import.meta.url);
/** Where they are. */
export const folder = new URL('../src/parts/generated/', import.meta.url);

/** What calls no kernel of a dtype has a part of its own all the same. */
const dtypesOfPart = (of: string): FloatDType[] => ('exports' in cuttable[of] ? ['f32'] : ['f32', 'f64']);

/** The parts: their names as files have them, what they are cut to. */
export const parts = Object.keys(cuttable).flatMap((of) =>
  dtypesOfPart(of).map((dtype) => {
    const name = of.replace('/', '.');
    const [loss, apart] = of.split('/');
    return { name, dtype, file: `${name}.${dtype}.wasm`, has: isInCut([of], [dtype], apart ? [loss] : []) };
  }),
);

/** Returns their paths. */
export function writeParts(): string[] {
  const whole = readFileSync(new URL('simdloss.wasm', build));
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (file.endsWith('.wasm')) rmSync(new URL(file, folder));
  return parts.map(({ file, has }) => {
    const path = new URL(file, folder);
    writeFileSync(path, cut(whole, has));
    return fileURLToPath(path);
  });
}
