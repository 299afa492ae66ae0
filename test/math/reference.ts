// What each function of assembly/math should return, and where to look for its errors.
import type { Dtype } from './bounds.ts';
import * as oracle from './oracle.ts';

export interface Reference {
  /** The value in f64, which is exact enough to judge an f32. */
  double: (x: number) => number;
  /** The value to 2^-80, to judge an f64. */
  wide: (x: number) => oracle.Wide;
  /** Below it the result is +0 where a subnormal would be due. */
  flushBelow?: Record<Dtype, number>;
  /** Three intervals from which f64 inputs are drawn evenly, besides random bit patterns: where errors are largest, too. */
  intervals: [low: number, high: number][];
}

const flushBelow = { f32: Math.fround(-87.33654), f64: -708.3964185322641 };

const exp = { double: Math.exp, wide: oracle.exp };
const log1p = { double: Math.log1p, wide: oracle.log1p };
const expm1 = { double: Math.expm1, wide: oracle.expm1 };

export const REFERENCES: Record<string, Reference> = {
  'exp.full': {
    ...exp,
    intervals: [
      [-1, 1],
      [-50, 50],
      [-745.2, 709.8],
    ],
  },
  'exp.coarseFull': {
    ...exp,
    intervals: [
      [-1, 1],
      [-50, 50],
      [-745.2, 709.8],
    ],
  },
  'exp.flush': {
    ...exp,
    flushBelow,
    intervals: [
      [-1, 0],
      [-50, 0],
      [-708.4, 0],
    ],
  },
  'exp.coarseFlush': {
    ...exp,
    flushBelow,
    intervals: [
      [-1, 0],
      [-50, 0],
      [-708.4, 0],
    ],
  },
  'expm1.of': {
    ...expm1,
    intervals: [
      [-1, 1],
      [-0.42, 0.42],
      [-40, 40],
    ],
  },
  'expm1.nonpositive': {
    ...expm1,
    intervals: [
      [-1, 0],
      [-0.42, -0.26],
      [-40, 0],
    ],
  },
  'log.of': {
    double: Math.log,
    wide: oracle.log,
    intervals: [
      [0.5, 2],
      [0.65, 1.4],
      [0, 100],
    ],
  },
  'log1p.of': {
    ...log1p,
    intervals: [
      [-1, 1],
      [-0.3, -0.24],
      [0.4, 0.5],
    ],
  },
  'log1p.positive': {
    ...log1p,
    intervals: [
      [-0.5, 10],
      [-0.3, -0.24],
      [0.4, 0.5],
    ],
  },
  'log1p.unit': {
    ...log1p,
    intervals: [
      [0, 1],
      [0.25, 0.75],
      [0.4, 0.5],
    ],
  },
  'log1p.coarse': {
    ...log1p,
    intervals: [
      [0, 1],
      [0, 0.01],
      [0.4, 0.5],
    ],
  },
  'sigmoid.of': {
    double: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
    wide: oracle.sigmoid,
    flushBelow,
    intervals: [
      [-708.4, 40],
      [-8, 8],
      [-5, -2],
    ],
  },
  'softplus.of': {
    double: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    wide: oracle.softplus,
    flushBelow,
    intervals: [
      [-708.4, 40],
      [-8, 8],
      [-1.35, 0.5],
    ],
  },
  'tanh.of': {
    double: Math.tanh,
    wide: oracle.tanh,
    intervals: [
      [-2, 2],
      [-20, 20],
      [9, 10],
    ],
  },
};

export const NAMES = Object.keys(REFERENCES);
