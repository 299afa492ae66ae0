import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { cut } from '../../cut/cut.ts';
import { cuttable, isInCut } from '../../cut/exports.ts';
import type { FloatDType } from '../../dtypes.ts';
import { unusable } from '../failure.ts';
import { readFlags } from '../flags.ts';
import { inLines } from '../report/lines.ts';
import type { Command } from './command.ts';

const usage = () => `usage: simdloss cut NAME… [--dtype f32|f64]… [--math relaxed] [--out FILE]

Writes a WebAssembly module that has these losses and helpers alone, for
load({ module }) of simdloss/core. Without --dtype it has both; FILE is
losses.wasm unless given.

  $ simdloss cut crossEntropy softmax --dtype f32 --out losses.wasm

${inLines('names:', Object.keys(cuttable))}`;

const oneOf = (option: string, values: readonly string[], value: string): void => {
  if (!values.includes(value)) unusable(`--${option} expected ${values.join(' or ')}, got ${value}`);
};

export const cutCommand: Command = {
  name: 'cut',
  summary: 'writes a module that has some losses alone',
  usage,
  run(args) {
    const given = readFlags(args, { dtype: { isMultiple: true }, math: {}, out: {} });
    const names = given.positionals;
    if (names.length === 0) unusable('cut expected at least one name');
    const unknown = names.find((name) => !Object.hasOwn(cuttable, name));
    if (unknown !== undefined) unusable(`there is no ${unknown}`);
    const dtypes = given.texts('dtype');
    for (const dtype of dtypes) oneOf('dtype', ['f32', 'f64'], dtype);
    const math = given.text('math') ?? 'deterministic';
    oneOf('math', ['deterministic', 'relaxed'], math);
    const whole = math === 'relaxed' ? '../simdloss.relaxed.wasm' : '../simdloss.wasm';
    const module = cut(
      readFileSync(new URL(whole, import.meta.url)),
      isInCut(names, dtypes.length === 0 ? ['f32', 'f64'] : (dtypes as FloatDType[])),
    );
    const out = given.text('out') ?? 'losses.wasm';
    writeFileSync(out, module);
    console.log(`${out}: ${module.length} bytes, ${gzipSync(module, { level: 9 }).length} gzipped`);
    return 0;
  },
};
