// One call in every form that its arguments may have: lists nested as the shape is, objects with shape or dims, masks of any type.
// All say the same bits, also as prepared steps that are run again after what they read has changed.
import { describe, expect, it } from 'vitest';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { registry } from '../../src/losses/registry.ts';
import type { Interval } from '../../src/options/interval.ts';
import { ownCall } from '../draws/call.ts';
import { drawOf } from '../draws/index.ts';
import { code } from '../faults/caught.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { integer, random } from '../random.ts';
import { lossNames } from '../rows/names.ts';
import { expectSame } from './bits.ts';
import { setsOf } from './inputs.ts';

type Any = any;

const losses = lossNames;
const shapes = [[4], [3, 4], [2, 3, 2], [1, 2, 1, 3], [3, 1], [0, 2], [2, 0]];

/** Whether lists in lists can say it: below an axis without elements there are no others, and what has no axis is no list. */
const isNestable = (shape: readonly number[]): boolean => shape.length > 0 && !shape.slice(0, -1).includes(0);

/** As lists in lists. */
function nested(data: ArrayLike<unknown>, shape: readonly number[], from = 0): Any {
  if (shape.length === 0) return data[from];
  const [size, ...rest] = shape;
  const step = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => nested(data, rest, from + i * step));
}

/** As a tensor of a library with accessors, whose strides are told by a method. */
class WithDims {
  readonly #data: unknown;
  readonly #dims: readonly number[];
  constructor(data: unknown, dims: readonly number[]) {
    this.#data = data;
    this.#dims = dims;
  }
  get data() {
    return this.#data;
  }
  get dims() {
    return this.#dims;
  }
  get type() {
    return 'float32';
  }
  stride() {
    return this.#dims.map((_, i) => this.#dims.slice(i + 1).reduce((a, b) => a * b, 1));
  }
}

const forms: Record<string, (data: Any, shape: readonly number[]) => Any> = {
  dims: (data, dims) => ({ data, dims }),
  'a class with dims': (data, dims) => new WithDims(data, dims),
  'nested lists': (data, shape) => nested(Array.from(data, Number), shape),
  'a list and its shape': (data, shape) => ({ data: Array.from(data, Number), shape }),
};

const masks: Record<string, (bits: readonly number[], shape: readonly number[], F: Any) => Any> = {
  Uint8Array: (bits, shape) => ({ data: Uint8Array.from(bits), shape }),
  Uint8ClampedArray: (bits, dims) => ({ data: Uint8ClampedArray.from(bits), dims }),
  Int8Array: (bits, dims) => ({ data: Int8Array.from(bits), dims }),
  Int16Array: (bits, shape) => ({ data: Int16Array.from(bits), shape }),
  Uint16Array: (bits, shape) => ({ data: Uint16Array.from(bits), shape }),
  Int32Array: (bits, shape) => ({ data: Int32Array.from(bits), shape }),
  Uint32Array: (bits, shape) => ({ data: Uint32Array.from(bits), shape }),
  BigInt64Array: (bits, dims) => new WithDims(BigInt64Array.from(bits, BigInt), dims),
  BigUint64Array: (bits, dims) => ({ data: BigUint64Array.from(bits, BigInt), dims }),
  'a tensor': (bits, shape, F) => F.tensor(Uint8Array.from(bits), shape),
  'truth values': (bits, shape) => ({ data: bits.map(Boolean), shape }),
  'nested truth values': (bits, shape) => nested(bits.map(Boolean), shape),
  'nested bigints': (bits, shape) => nested(bits.map(BigInt), shape),
};

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype] as typeof Float32Array;

  describe.each(losses)('%s', (loss) => {
    const { family, inputs: specs } = registry[loss] as Descriptor;
    const isProduct = family.name === 'projection';
    const isOfClasses = family.name === 'classes';
    const isOfFeatures = family.name === 'features' || family.name === 'multilabel';
    const rowCases = () =>
      shapes
        .filter((shape) => !isOfClasses || (shape.length !== 1 && shape[1] > 0))
        .filter((shape) => specs[1].holds !== 'indices' || shape.at(-1) !== 0)
        // a label of one row is no list
        .filter((shape) => !isOfFeatures || shape.length !== 1)
        .filter((shape) => !isProduct || (shape.length > 1 && shape.at(-1)! > 0))
        .map((shape) => {
          const r = random(shape.length);
          const length = shape.reduce((a, b) => a * b, 1);
          const numbers = () => array.from({ length }, () => 0.1 + 0.8 * r());
          const terms = isOfClasses
            ? shape.filter((_, axis) => axis !== 1)
            : isOfFeatures || isProduct
              ? shape.slice(0, -1)
              : shape;
          const count = terms.reduce((a, b) => a * b, 1);
          const others = specs.slice(1).map(({ holds, shape: of }, i) =>
            of === 'weights'
              ? { data: array.from({ length: 4 * shape.at(-1)! }, r), shape: [4, shape.at(-1)!] }
              : of === 'terms' && holds === 'numbers'
                ? { data: array.from({ length: count }, () => (r() < 0.5 ? 1 : -1)), shape: terms }
                : holds === 'indices' && of === 'first'
                  ? setsOf(r, shape)
                  : holds !== 'numbers' && (i === 0 || isProduct)
                    ? {
                        data: Int32Array.from({ length: count }, () => integer(r, isProduct ? 4 : shape[1])),
                        shape: terms,
                      }
                    : { data: numbers(), shape },
          );
          const bits = Array.from({ length: count }, (_, i) => (i + 1) % 2);
          return { shape, terms, bits, inputs: [{ data: numbers(), shape }, ...others], options: {} };
        });
    const ownCases = () =>
      Array.from({ length: 9 }, (_, i) => {
        const r = random(i);
        const one = () => 0.1 + 0.8 * r();
        const draw = ({ high }: Interval) => (high === 0 ? -one() : one());
        const { inputs, options, terms } = ownCall({ loss, r, array, draw, factor: one });
        const bits = Array.from({ length: terms.reduce((a, b) => a * b, 1) }, (_, k) => (k + 1) % 2);
        return { shape: inputs[0].shape, terms, bits, inputs: inputs as Any[], options: options as Any };
      });
    const cases = drawOf(loss) ? ownCases() : rowCases();

    it.each(Object.keys(forms))('inputs as %s', (form) => {
      for (const { inputs, options } of cases) {
        if (form === 'nested lists' && !inputs.every((input) => isNestable(input.shape))) continue;
        const want = F[loss].valueAndGrad(...inputs, options);
        // beside labels alone a list is read as f64
        const isAlone = inputs.slice(1).every(({ data }) => data instanceof Int32Array);
        for (let which = 0; which < inputs.length; which++) {
          if (form.includes('list') && which === 0 && isAlone && dtype === 'f32') continue;
          const args = inputs.map((input, i) => (i === which ? forms[form](input.data, input.shape) : input));
          const got = F[loss].valueAndGrad(...args, options);
          expect(got.value).toBe(want.value);
          expectSame(got.grad, want.grad, `${inputs[0].shape}`);
        }
      }
    });

    it.each(Object.keys(masks))('sampleWeight as %s', (mask) => {
      for (const { inputs, terms, bits, options } of cases) {
        if (mask.startsWith('nested') && !isNestable(terms)) continue;
        const weight = (from: readonly number[]) => ({ data: array.from(from), shape: terms });
        const given = masks[mask](bits, terms, F);
        const want = F[loss].valueAndGrad(...inputs, { ...options, sampleWeight: weight(bits) });
        const got = F[loss].valueAndGrad(...inputs, { ...options, sampleWeight: given });
        expect(got.value).toBe(want.value);
        expectSame(got.grad, want.grad, `${inputs[0].shape}`);
        if (terms.includes(0)) continue;
        const step = F[loss].prepare(...inputs, { ...options, sampleWeight: given });
        expect(step()).toBe(want.value);
        let place = given.data ?? given;
        while (Array.isArray(place[0])) place = place[0];
        place[0] = typeof place[0] === 'bigint' ? 3n : typeof place[0] === 'boolean' ? false : 3;
        const changed = [Number(place[0]), ...bits.slice(1)];
        expect(step()).toBe(F[loss](...inputs, { ...options, sampleWeight: weight(changed) }));
        step.dispose();
        if (mask === 'a tensor') given.dispose();
      }
    });
  });

  it('labels of 64 and of 8 bits', () => {
    const x = { data: array.from([0.1, 0.4, 0.2, 0.9, 0.3, 0.5]), shape: [3, 2] };
    const want = F.crossEntropy(x, Int32Array.of(1, 0, -100));
    expect(F.crossEntropy(x, BigUint64Array.of(1n, 0n, 2n ** 64n - 100n))).toBe(want);
    expect(F.crossEntropy(x, Uint8ClampedArray.of(1, 0, 255), { ignoreIndex: 255 })).toBe(want);
    expect(code(() => F.crossEntropy(x, BigUint64Array.of(1n, 0n, 2n ** 63n)))).toBe('ERR_LABEL');
    expect(code(() => F.tensor(BigUint64Array.of(1n)))).toBe('ERR_DTYPE');
  });

  it('weights of classes and of elements may be integers', () => {
    const x = { data: array.from([0.1, 0.4, 0.2, 0.9]), shape: [2, 2] };
    const labels = Int32Array.of(1, 0);
    expect(F.crossEntropy(x, labels, { weight: Uint8Array.of(2, 3) })).toBe(
      F.crossEntropy(x, labels, { weight: array.of(2, 3) }),
    );
    expect(F.mse(x, { ...x, data: array.from([1, 0, 1, 0]) }, { weight: [[true, false]] })).toBe(
      F.mse(x, { ...x, data: array.from([1, 0, 1, 0]) }, { weight: { data: array.of(1, 0), shape: [1, 2] } }),
    );
  });

  it('what is no rectangle, or no number, is refused and named', () => {
    const of = (input: unknown) => {
      try {
        F.mse(input, input);
      } catch (error) {
        const { code, message } = error as { code: string; message: string };
        return `${code} ${message}`;
      }
      return 'nothing thrown';
    };
    expect(of([[1, 2], [3]])).toMatch(/^ERR_SHAPE "input" .*unequal lengths: 1 beside 2/);
    expect(of([[[1]], [[1, 2]]])).toMatch(/^ERR_SHAPE "input" .*unequal lengths: 2 beside 1/);
    expect(of([[1, 2], 3])).toMatch(/^ERR_TYPE "input"/);
    expect(of([1, [2]])).toMatch(/^ERR_TYPE "input"/);
    expect(of([[1, true]])).toMatch(/^ERR_TYPE "input" expected numbers, got true at index 1/);
    const round: Any[] = [];
    round.push(round);
    expect(of(round)).toMatch(/^ERR_SHAPE "input" expected at most 64 axes/);
    const moved = new Float32Array(4);
    structuredClone(moved, { transfer: [moved.buffer] });
    expect(of(moved)).toMatch(/^ERR_TYPE "input" was detached/);
    expect(of({ data: moved, shape: [0] })).toMatch(/^ERR_TYPE "input.data" was detached/);
  });

  it('F.zeros, and F.tensor of nested lists', () => {
    const zeros = F.zeros([2, 3], dtype);
    expect([zeros.dtype, zeros.shape, [...zeros.data]]).toEqual([dtype, [2, 3], [0, 0, 0, 0, 0, 0]]);
    const list = F.tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([list.dtype, list.shape, [...list.data]]).toEqual(['f32', [2, 3], [1, 2, 3, 4, 5, 6]]);
    zeros.dispose();
    list.dispose();
  });
});
