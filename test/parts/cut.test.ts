// What is cut out of a module: the exports that were asked for, and of the rest no more than they need.
import { readFileSync } from 'node:fs';
import binaryen from 'assemblyscript/binaryen';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folder, parts } from '../../scripts/cut.ts';
import { ordered } from '../../scripts/order.ts';
import { cut } from '../../src/cut/cut.ts';
import { cuttable, exportsOf, isInCut } from '../../src/cut/exports.ts';
import { sectionsOf } from '../structure/sections.ts';

const fileOf = (name: string) => readFileSync(new URL(`../../build/${name}`, import.meta.url));
const wholes = {
  'simdloss.wasm': fileOf('simdloss.wasm'),
  'simdloss.relaxed.wasm': fileOf('simdloss.relaxed.wasm'),
};
const whole = wholes['simdloss.wasm'];
const exportNames = (wasm: Uint8Array<ArrayBuffer>): string[] =>
  WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => name);
/** What every module has, whatever it was cut to. */
const itself = exportNames(whole).filter((name) => !/_b?f(16|32|64)$/.test(name));

const anyCut = fc.record({
  names: fc.subarray(Object.keys(cuttable), { minLength: 1 }),
  dtypes: fc.subarray(['f32', 'f64'] as const, { minLength: 1 }),
});

function read(wasm: Uint8Array): binaryen.Module {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(binaryen.Features.All);
  return module;
}

/** The module that binaryen leaves of the whole with the same exports. */
function byBinaryen(wasm: Uint8Array, wanted: (name: string) => boolean): Uint8Array {
  const module = read(wasm);
  for (let i = module.getNumExports() - 1; i >= 0; i--) {
    const { name } = binaryen.getExportInfo(module.getExportByIndex(i));
    if (!wanted(name)) module.removeExport(name);
  }
  module.runPasses(['remove-unused-module-elements']);
  const left = module.emitBinary();
  module.dispose();
  return left;
}

describe.each(Object.entries(wholes))('%s', (_, wasm) => {
  // Node 20 has no relaxed math
  const here = WebAssembly.validate(wasm);

  it('cut to all of its exports is itself', () => {
    expect(Buffer.from(cut(wasm, () => true)).equals(wasm)).toBe(true);
  });

  it.skipIf(!here)('has every export that a loss or helper can call', () => {
    expect(exportNames(wasm)).toEqual(
      expect.arrayContaining(exportsOf(Object.keys(cuttable), ['f32', 'f64'])),
    );
  });

  it.skipIf(!here)(
    'cut to any losses in any dtypes has just these, on an imported memory and without data',
    () => {
      fc.assert(
        fc.property(anyCut, ({ names, dtypes }) => {
          const module = cut(wasm, isInCut(names, dtypes));
          expect(exportNames(module).sort()).toEqual([...itself, ...exportsOf(names, dtypes)].sort());
          expect(WebAssembly.Module.imports(new WebAssembly.Module(module))).toEqual([
            { module: 'env', name: 'memory', kind: 'memory' },
          ]);
          const [DATA_COUNT, DATA] = [12, 11];
          expect(sectionsOf(module)).not.toContain(DATA);
          expect(sectionsOf(module)).not.toContain(DATA_COUNT);
          // what is left is left whole: once more changes nothing
          expect(Buffer.from(cut(module, () => true)).equals(module)).toBe(true);
        }),
        { numRuns: 30 },
      );
    },
  );

  it('is valid, and as long as what binaryen leaves', () => {
    fc.assert(
      fc.property(anyCut, ({ names, dtypes }) => {
        // what calls nothing needs no memory, which every module imports
        fc.pre(exportsOf(names, dtypes).length > 0);
        const wanted = isInCut(names, dtypes);
        const module = cut(wasm, wanted);
        expect(module.length).toBe(byBinaryen(wasm, wanted).length);
        expect(read(module).validate()).toBe(1);
      }),
      { numRuns: 10 },
    );
  });
});

it('anything but a module of this package is refused', () => {
  const foreign = [
    // (module), and one that imports a function
    [],
    [1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 97, 1, 98, 0, 0],
  ].map((sections) => Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, ...sections]));
  for (const wasm of foreign) {
    expect(WebAssembly.validate(wasm)).toBe(true);
    expect(() => cut(wasm, () => true)).toThrow('not a module of simdloss');
  }
  expect(() => cut(whole.subarray(0, 5000), () => true)).toThrow('not a module of simdloss');
});

describe('the parts', () => {
  it.each(parts)('$file is the cut of the module as it is, in order', ({ has, file }) => {
    const wanted = ordered(cut(whole, has));
    expect(readFileSync(new URL(file, folder)).equals(wanted)).toBe(true);
  });
});
