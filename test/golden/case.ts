import { readFileSync } from 'node:fs';

// The schema of the golden files and of test/fixtures/*.json: one case a line.

export interface FileTensor {
  shape: number[];
  dtype: 'f64' | 'f32' | 'i64' | 'i32' | 'u8' | 'bool';
  data: (number | 'nan' | 'inf' | '-inf')[];
}

export interface Case {
  id: string;
  source: { suite: string; op?: string; value_origin: string; grads_origin: string };
  loss: string;
  params: Record<string, unknown> & { reduction?: string };
  tags?: string[];
  inputs: Record<string, FileTensor>;
  expected: Expected & { f32?: Expected };
  tol: { rtol: number; atol: number };
}

export interface Expected {
  value: FileTensor | null;
  grads: Record<string, FileTensor>;
  /** The diagonal of the second derivative. */
  hess?: Record<string, FileTensor>;
  /** Values beside the loss that some suites record, by name. */
  extra?: Record<string, FileTensor>;
}

export interface Tensor {
  data: number[];
  shape: number[];
}

const special: Record<string, number> = { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, '-inf': -Infinity };

/** The numbers of a tensor. Decimals of dtype f32 mean the float32 that they round to. */
export function tensorOf({ data, shape, dtype }: FileTensor): Tensor {
  const numbers = data.map((v) => (typeof v === 'string' ? special[v] : v));
  return { data: dtype === 'f32' ? numbers.map(Math.fround) : numbers, shape };
}

export function readCases(file: string | URL): Case[] {
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases;
}
