#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { FloatDType } from '../dtypes.ts';
import { cut } from './cut.ts';
import { cuttable, isInCut } from './exports.ts';

const USAGE = `usage: npx simdloss cut <name>… [--dtype f32|f64]… [--math relaxed] [--out <file>]

Writes a WebAssembly module that has these losses and helpers alone, for load({ module }) of simdloss/core. Without --dtype it
has both; <file> is losses.wasm unless given.

names: ${Object.keys(cuttable).join(', ')}`;

/** What was asked for in a way that cannot be answered. */
class UsageError extends Error {}

const oneOf = (option: string, values: readonly string[], value: string): void => {
  if (!values.includes(value))
    throw new UsageError(`--${option} expected ${values.join(' or ')}, got ${value}`);
};

function main(args: string[]): void {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dtype: { type: 'string', multiple: true, default: ['f32', 'f64'] },
      math: { type: 'string', default: 'deterministic' },
      out: { type: 'string', default: 'losses.wasm' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const [command, ...names] = positionals;
  if (command !== 'cut' || names.length === 0) throw new UsageError('expected cut and at least one name');
  const unknown = names.find((name) => !Object.hasOwn(cuttable, name));
  if (unknown !== undefined) throw new UsageError(`there is no ${unknown}`);
  for (const dtype of values.dtype) oneOf('dtype', ['f32', 'f64'], dtype);
  oneOf('math', ['deterministic', 'relaxed'], values.math);
  const whole = values.math === 'relaxed' ? '../simdloss.relaxed.wasm' : '../simdloss.wasm';
  const module = cut(
    readFileSync(new URL(whole, import.meta.url)),
    isInCut(names, values.dtype as FloatDType[]),
  );
  writeFileSync(values.out, module);
  const gzipped = gzipSync(module, { level: 9 }).length;
  console.log(`${values.out}: ${module.length} bytes, ${gzipped} gzipped`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  console.error(`${(error as Error).message}${isUsage ? `\n\n${USAGE}` : ''}`);
  process.exitCode = 1;
}
