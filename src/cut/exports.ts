import type { FloatDType } from '../dtypes.ts';
import {
  type FiguresSpec,
  type HelperSpec,
  helpers,
  type OwnSpec,
  ownSpecs,
  rowFigures,
} from '../helpers/specs.ts';
import { type Descriptor, dtypesOf } from '../losses/descriptor.ts';
import { descriptors } from '../losses/registry.ts';
import { adderOf, isOfElements } from '../wasm/loops.ts';

type Cuttable = Descriptor | HelperSpec | FiguresSpec | OwnSpec;

/** What can be cut out of the module by name: a loss's kernels that are apart come with `<loss>/<apart>` alone. */
export const cuttable: Readonly<Record<string, Cuttable>> = Object.fromEntries(
  [...descriptors, ...helpers, rowFigures, ...ownSpecs].flatMap((it) => [
    [it.name, { ...it, kernels: it.kernels.filter(({ apart }) => apart === undefined) }],
    ...apartOf(it).map((apart) => [`${it.name}/${apart}`, it]),
  ]),
);

/** The parts that a loss has besides its own. */
export function apartOf({ kernels }: Cuttable): string[] {
  return kernels.flatMap(({ apart = [] }) => apart);
}

/** The module's exports that losses and helpers can call in these dtypes. */
export function exportsOf(names: readonly string[], dtypes: readonly FloatDType[]): string[] {
  const of = (name: string, dtype: FloatDType): string[] => {
    const { kernels, ...it } = cuttable[name];
    if ('exports' in it) return dtype === 'f32' ? [...it.exports] : [];
    const isSummed = 'inputs' in it && it.inputs.some(({ shape }) => shape === 'broadcast');
    const calls = kernels.flatMap((kernel) =>
      kernel.loops.filter((loop) => dtypesOf(loop).includes(dtype)).map((loop) => `${kernel.name}_${loop}`),
    );
    const all = [...calls, ...(isSummed ? ['unbroadcast'] : [])].map((call) => `${call}_${dtype}`);
    if ('forward' in it) return all;
    // what checks labels and adds up weights, and what adds up the parts of a call
    const loops = kernels.flatMap((kernel) => kernel.loops);
    return [...all, `prepass_${dtype}`, ...loops.map((loop) => adderOf(isOfElements(loop), dtype))];
  };
  return [...new Set(names.flatMap((name) => dtypes.flatMap((dtype) => of(name, dtype))))];
}

/** Whether an export belongs to a cut with these, less what another has; those of no dtype tell about the module itself. */
export function isInCut(
  names: readonly string[],
  dtypes: readonly FloatDType[],
  others: readonly string[] = [],
): (name: string) => boolean {
  const calls = new Set(exportsOf(names, dtypes));
  for (const other of exportsOf(others, dtypes)) calls.delete(other);
  return (name) => calls.has(name) || !/_b?f\d\d$/.test(name);
}
