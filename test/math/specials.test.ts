import { describe, expect, it } from 'vitest';
import { type Dtype, readBounds } from './bounds.ts';
import { around, FORMATS, type Format } from './floats.ts';
import { compileMath, Kernel } from './module.ts';
import { NAMES, REFERENCES } from './reference.ts';
import { broken, Sweep } from './sweep.ts';

const module = await compileMath(NAMES);
const BOUNDS = readBounds();
const INF = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;

type Exact = [x: number, y: number];

/** Results that are exact, by function: zeros with their signs, infinities, subnormals. */
function exact(name: string, { leastSubnormal: tiny, leastNormal, greatest, dtype }: Format): Exact[] {
  const epsilon = dtype === 'f32' ? 2 ** -23 : 2 ** -52;
  const same = (...xs: number[]): Exact[] =>
    xs.flatMap((x): Exact[] => [
      [x, x],
      [-x, -x],
    ]);
  const small = same(0, tiny, 3 * tiny, leastNormal - tiny, leastNormal, 5 * leastNormal);
  switch (name) {
    case 'exp.full':
    case 'exp.coarseFull':
      return [
        [0, 1],
        [-0, 1],
        [tiny, 1],
        [-tiny, 1],
        [INF, INF],
        [greatest, INF],
        [-INF, 0],
        [-greatest, 0],
      ];
    case 'exp.flush':
    case 'exp.coarseFlush':
      return [
        [0, 1],
        [-0, 1],
        [-tiny, 1],
        [-INF, 0],
        [-greatest, 0],
        [dtype === 'f32' ? -100 : -740, 0],
      ];
    case 'log.of':
      return [
        [1, 0],
        [0, -INF],
        [-0, -INF],
        [INF, INF],
        [-tiny, NAN],
        [-1, NAN],
        [-greatest, NAN],
        [-INF, NAN],
      ];
    case 'log1p.of':
      return [
        ...small,
        [-1, -INF],
        [INF, INF],
        [-1 - epsilon, NAN],
        [-2, NAN],
        [-greatest, NAN],
        [-INF, NAN],
      ];
    case 'log1p.positive':
      return [...small, [INF, NAN]];
    case 'log1p.unit':
    case 'log1p.coarse':
      return small.filter(([x]) => x >= 0);
    case 'expm1.of':
      return [...small, [-INF, -1], [-greatest, -1], [-50, -1], [INF, INF], [greatest, INF]];
    case 'expm1.nonpositive':
      return [...small.filter(([x]) => x <= 0), [-INF, -1], [-greatest, -1], [-50, -1]];
    case 'sigmoid.of':
      return [
        [0, 0.5],
        [-0, 0.5],
        [INF, 1],
        [greatest, 1],
        [-INF, 0],
        [-greatest, 0],
      ];
    case 'softplus.of':
      return [
        [INF, INF],
        [greatest, greatest],
        [1000, 1000],
        [-INF, 0],
        [-greatest, 0],
      ];
    case 'tanh.of':
      return [
        ...small,
        ...same(1).map(([x]): Exact => [x * INF, x]),
        ...same(1).map(([x]): Exact => [x * greatest, x]),
      ];
  }
  throw new Error(`${name}: no special values`);
}

/** Where a formula changes or the result leaves the floats: the inputs around these must be right too. */
const THRESHOLDS: Record<Dtype, number[]> = {
  f32: [
    ...[
      -103.97208, -103.278929, -87.33654, -20, -17.328679, -0.34657359, 0.34657359, 17.328679, 88, 88.37626,
      88.72283,
    ],
    ...[
      2 ** -126,
      2 ** -24,
      0.25,
      -0.25,
      -0.5,
      0.5,
      0.75,
      1,
      1.5,
      2,
      2 ** 24,
      2 ** 126,
      1.5 * 2 ** 126,
      1.5 * 2 ** 127,
    ],
  ],
  f64: [
    ...[
      -745.1332191019411, -744.4400719213812, -708.3964185322641, -40, -37.42994775023705,
      -0.34657359027997264,
    ],
    ...[0.34657359027997264, 37.42994775023705, 709, 709.4361393, 709.782712893384],
    ...[
      2 ** -1022,
      2 ** -53,
      0.25,
      -0.25,
      -0.5,
      0.5,
      0.676513671875,
      1,
      1.35302734375,
      1.5,
      2,
      2 ** 53,
      1.5 * 2 ** 1022,
    ],
    1.5 * 2 ** 1023,
  ],
};

const inRange = (name: string, dtype: Dtype, x: number) =>
  BOUNDS.some((bound) => bound.name === name && bound.dtype === dtype && x >= bound.low && x <= bound.high);

describe.each(Object.values(FORMATS))('$dtype', (format) => {
  const { dtype } = format;

  it.each(NAMES)('%s: exact results', (name) => {
    const kernel = new Kernel(module, name, dtype, 4);
    for (const [x, y] of exact(name, format)) {
      kernel.x.fill(x);
      kernel.run();
      expect([x, ...kernel.y]).toEqual([x, ...kernel.x.map(() => y)]);
    }
  });

  it.each(NAMES)('%s: a NaN stays one, whatever its payload, and alone', (name) => {
    const kernel = new Kernel(module, name, dtype, 4);
    for (const pattern of format.nans) {
      for (let lane = 0; lane < 4; lane++) {
        kernel.x.fill(dtype === 'f32' ? -0.5 : -0.25);
        if (name === 'log.of' || name === 'log1p.unit') kernel.x.fill(0.5);
        kernel.set(lane, pattern);
        kernel.run();
        expect(Array.from(kernel.y, Number.isNaN)).toEqual([0, 1, 2, 3].map((i) => i === lane));
      }
    }
  });

  it.each(NAMES)('%s: around its thresholds', (name) => {
    const bounds = BOUNDS.filter((bound) => bound.name === name && bound.dtype === dtype);
    const sweep = new Sweep(module, bounds);
    const { x } = sweep.kernel;
    x.fill(THRESHOLDS[dtype].find((value) => inRange(name, dtype, value))!);
    THRESHOLDS[dtype]
      .flatMap((value) => around(format, value, 8))
      .forEach((pattern, i) => {
        sweep.kernel.set(i, pattern);
      });
    sweep.block();
    expect(broken(bounds, sweep.found)).toEqual([]);
  });

  it.each(NAMES.filter((name) => REFERENCES[name].flushBelow))('%s: never a subnormal', (name) => {
    const least = REFERENCES[name].flushBelow![dtype];
    const kernel = new Kernel(module, name, dtype, 64);
    const step = dtype === 'f32' ? 2 ** -17 : 2 ** -43;
    kernel.x.forEach((_, i) => {
      kernel.x[i] = least + (i - 32) * step;
    });
    kernel.run();
    kernel.y.forEach((y, i) => {
      if (kernel.x[i] < least) expect(y).toBe(0);
      else expect(y).toBeGreaterThanOrEqual(format.leastNormal);
    });
  });
});
