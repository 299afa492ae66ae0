// What the benches of single losses can be asked for.
import { parseArgs } from 'node:util';
import type { FloatDType } from 'simdloss';

export interface BenchOptions {
  readonly dtype: FloatDType;
  readonly filter: string | undefined;
  readonly quick: boolean;
  /** The file that results go to instead of the committed one. */
  readonly json: string | undefined;
}

/** --dtype f64, --filter <regex>, --quick, --json <file> */
export function benchOptions(): BenchOptions {
  const { values } = parseArgs({
    options: {
      dtype: { type: 'string', default: 'f32' },
      filter: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const { dtype, filter, quick, json } = values;
  if (dtype !== 'f32' && dtype !== 'f64') throw new RangeError(`--dtype expected f32 or f64, got ${dtype}`);
  return { dtype, filter, quick, json };
}
