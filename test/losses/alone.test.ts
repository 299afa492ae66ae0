// A term's value, gradient and second derivative are its own: the same bits alone and among others, wherever it lies.
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { arrayOf, dtypes, loaded } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { separateRows } from '../rows/index.ts';
import type { Row } from '../rows/row.ts';
import { difference } from './bits.ts';
import { isClassLoss, isOfRows, isOfSets, setsOf } from './inputs.ts';
import { isProjection, lossOf, rolesOf, thirdInput } from './roles.ts';

type Any = any;
type Dtype = (typeof dtypes)[number];
const F = loaded.wasm as Any;

const floats = (dtype: Dtype, n: number, draw: (i: number) => number) =>
  (arrayOf[dtype] as Float32ArrayConstructor).from({ length: n }, (_, i) => Math.fround(draw(i)));

/** All that a loss says of its terms. */
function termsOf(loss: Any, input: Any, target: Any, options: Any): Any[] {
  const value = loss(input, target, { ...options, reduction: 'none' });
  const sum = { ...options, reduction: 'sum' };
  const { grad, hess } = loss.gradAndHess(input, target, sum);
  return [value, loss.grad(input, target, sum), loss.valueAndGrad(input, target, sum).grad, grad, hess].map(
    ({ data }) => data,
  );
}

/** Any number of f32, with what is no number, the infinities and subnormal ones among them. */
function anyFloat(r: Random): number {
  if (r() < 0.3) return [Number.NaN, Infinity, -Infinity, 1e-45, -3e-39, 1.2e-38][integer(r, 6)];
  return new Float32Array(Uint32Array.of(Math.floor(r() * 2 ** 32)).buffer)[0];
}

/** What is in a row, which decides how it is gone through. */
const kinds: ((r: Random) => () => number)[] = [
  (r) => () => 10 * r() - 5,
  (r) => () => 240 * r() - 120,
  (r) => () => (r() < 0.2 ? -Infinity : r()),
  (r) => () => integer(r, 3),
  () => () => 1.5,
  (r) => () => (r() < 0.1 ? Number.NaN : r()),
  (r) => () => 1e-39 * r(),
  (r) => () => (r() < 0.5 ? 3e38 : -3e38),
  () => () => -Infinity,
];
const counts = [1, 2, 3, 4, 5, 8, 9, 10, 16, 17, 33, 64, 65, 66, 97, 128, 129, 160, 257, 1060];

function classTerms(row: Row, dtype: Dtype, classes: number, isIndex: boolean): string[] {
  const loss = F[row.loss];
  const r = random(1000 * classes + (isIndex ? 1 : 0));
  const bad: string[] = [];
  const n = 19 + integer(r, 20);
  const isLogit = row.loss !== 'nll';
  const draws = Array.from({ length: n }, (_, i) =>
    isLogit ? kinds[i % kinds.length](r) : () => row.input(r),
  );
  const x = floats(dtype, n * classes, (i) => draws[Math.floor(i / classes)]());
  const t = floats(dtype, n * classes, () => (r() < 0.3 ? 0 : r()));
  const labels = Int32Array.from({ length: n }, () => integer(r, classes));
  const call = (from: number, to: number) =>
    termsOf(
      loss,
      { data: x.slice(from * classes, to * classes), shape: [to - from, classes] },
      isIndex
        ? { data: labels.slice(from, to), shape: [to - from] }
        : { data: t.slice(from * classes, to * classes), shape: [to - from, classes] },
      {},
    );
  const all = call(0, n);
  for (let i = 0; i < n; i++) {
    call(i, i + 1).forEach((own: Any, k) => {
      const per = k === 0 ? 1 : classes;
      const wrong = difference(own, all[k].slice(i * per, (i + 1) * per));
      if (wrong) bad.push(`${classes} classes, row ${i} of ${n}, result ${k}: ${wrong}`);
    });
  }
  return bad;
}

describe.each(separateRows)('$loss', (row) => {
  // a projection's rows have a test of their own
  const isOfClasses = isClassLoss(row) && !isProjection(row.loss);
  const isEither = isOfClasses && registry[row.loss].inputs[1].holds === 'either';

  it.runIf(isOfClasses).each(dtypes)('a row with a label: %s', (dtype) => {
    expect(counts.flatMap((classes) => classTerms(row, dtype, classes, true)).slice(0, 5)).toEqual([]);
  });

  it.runIf(isEither).each(dtypes)('a row of probabilities: %s', (dtype) => {
    expect(counts.flatMap((classes) => classTerms(row, dtype, classes, false)).slice(0, 5)).toEqual([]);
  });

  it.runIf(isOfRows(row) && !isClassLoss(row)).each(dtypes)('a row of features: %s', (dtype) => {
    const r = random(8);
    const loss = lossOf(F, row.loss);
    const names = rolesOf(row.loss);
    const bad: string[] = [];
    for (const { tensors, options = {} } of row.variants)
      for (const size of [1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 64, 131, 300]) {
        if (tensors || 'axis' in options) continue;
        const n = 19 + integer(r, 20);
        // rows far from each other, and some that are no numbers
        const draw = kinds[integer(r, kinds.length)](r);
        const [x, t, z] = [row.input, row.target, row.third ?? row.input].map((of) =>
          floats(dtype, n * size, (i) => (Math.floor(i / size) % 5 === 2 ? draw() : of(r))),
        );
        const sets = isOfSets(row) ? setsOf(r, [n, size]).data : undefined;
        const labels = floats(dtype, n, () => (row.third ?? row.input)(r));
        const isLabel = thirdInput(row.loss)?.shape === 'terms';
        const call = (from: number, to: number) => {
          const part = (of: Any) => ({ data: of.slice(from * size, to * size), shape: [to - from, size] });
          const third = isLabel ? { data: labels.slice(from, to), shape: [to - from] } : part(z);
          const all = { ...options, ...(row.third && { third }), wrt: names };
          const { value, grad } = loss.valueAndGrad(part(x), part(sets ?? t), { ...all, reduction: 'none' });
          return [value, ...names.map((name) => grad[name])].map(({ data }) => data);
        };
        const all = call(0, n);
        for (let i = 0; i < n; i++)
          call(i, i + 1).forEach((own, k) => {
            const per = k === 0 ? 1 : size;
            const wrong = difference(own, all[k].slice(i * per, (i + 1) * per));
            if (wrong) bad.push(`${size} features, row ${i} of ${n}, result ${k}: ${wrong}`);
          });
      }
    expect(bad.slice(0, 5)).toEqual([]);
  });

  it.skipIf(isOfRows(row)).each(dtypes)('an element: %s', (dtype) => {
    const r = random(7);
    const bad: string[] = [];
    for (const variant of row.variants) {
      if (variant.tensors || variant.options?.reduction) continue;
      for (const n of [1, 2, 3, 5, 8, 31, 33, 40, 130, 131, 1030]) {
        // some far from the others, or any bits at all, which may be gone through in another way, and stretches without them
        const isFar = (i: number) => i % 7 === 3 && (i & 64) === 0;
        const isWild = (i: number) => n % 3 !== 0 && i % 29 === 9 && (i & 64) === 0;
        const input = (i: number) => (i % 11 === 5 ? -0 : row.input(r) * (isFar(i) ? 30 * r() : 1));
        const x = floats(dtype, n, (i) => (isWild(i) && r() < 0.7 ? anyFloat(r) : input(i)));
        const t = floats(dtype, n, (i) => (isWild(i) && r() < 0.5 ? anyFloat(r) : row.target(r)));
        const third = row.third && floats(dtype, n, () => row.third!(r));
        const loss = lossOf(F, row.loss);
        // of an upstream number that makes small gradients subnormal, too
        const options = { ...variant.options, ...(n % 2 === 0 && { gradOutput: 1e-30 }) };
        const all = termsOf(loss, x, t, { ...options, ...(third && { third }) });
        for (let i = 0; i < n; i += n > 100 ? 5 : 1) {
          const at = (of: Any) => of.slice(i, i + 1);
          const own = termsOf(loss, at(x), at(t), { ...options, ...(third && { third: at(third) }) });
          own.forEach((one: Any, k) => {
            if (!Object.is(one[0], all[k][i]))
              bad.push(`${variant.title} ${i} of ${n}, ${k}: ${one[0]}, ${all[k][i]}`);
          });
        }
      }
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });
});
