// The error bounds that stand in the doc comments of assembly/math, one line each:
//   @bound <f32|f64> ulp <limit> measured <maximum> at <input> on [<low>, <high>] <exhaustive|sampled N>
// They belong to the static method that follows. Tests enforce `limit`; `measured` and `at` are what the full sweep found.
import { readdirSync, readFileSync } from 'node:fs';

export type Dtype = 'f32' | 'f64';

export interface Bound {
  /** File and method, as in "log1p.unit". */
  name: string;
  dtype: Dtype;
  /** ULP, enforced. */
  limit: number;
  measured: number;
  at: number;
  low: number;
  high: number;
  /** Inputs of the sweep that measured: a number, or all. */
  sampled: number | 'all';
}

const FOLDER = new URL('../../assembly/math/', import.meta.url);
const NUMBER = String.raw`-?(?:inf|\d[\d.]*(?:e[+-]?\d+)?)`;
const LINE = new RegExp(
  String.raw`^ *\* @bound (f32|f64) ulp (\d\.\d\d) measured (\d\.\d{4}) at (${NUMBER}) ` +
    String.raw`on \[(${NUMBER}), (${NUMBER})\] (?:(exhaustive)|sampled (\d[\de]*))$`,
);
const METHOD = /^ *static (\w+)</;

const number = (text: string, dtype: Dtype): number => {
  const value = Number(text.replace('inf', 'Infinity'));
  return dtype === 'f32' ? Math.fround(value) : value;
};

function parse(line: string, name: string): Bound {
  const match = LINE.exec(line);
  if (!match) throw new Error(`${name}: not a bound: ${line.trim()}`);
  const [, dtype, limit, measured, at, low, high, exhaustive, sampled] = match as unknown as [
    string,
    Dtype,
    ...string[],
  ];
  return {
    name,
    dtype,
    limit: Number(limit),
    measured: Number(measured),
    at: number(at, dtype),
    low: number(low, dtype),
    high: number(high, dtype),
    sampled: exhaustive ? 'all' : Number(sampled),
  };
}

/** The bounds of one file's text. */
export function boundsOf(file: string, text: string): Bound[] {
  const bounds: Bound[] = [];
  let pending: string[] = [];
  for (const line of text.split('\n')) {
    const method = METHOD.exec(line)?.[1];
    if (line.includes('@bound')) pending.push(line);
    else if (method) {
      bounds.push(...pending.map((one) => parse(one, `${file}.${method}`)));
      pending = [];
    }
  }
  if (pending.length) throw new Error(`${file}: a bound without a method`);
  return bounds;
}

/** Every bound of assembly/math. */
export function readBounds(): Bound[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => boundsOf(file.slice(0, -3), readFileSync(new URL(file, FOLDER), 'utf8')));
}
