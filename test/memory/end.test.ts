// Where the memory ends, at 4 GiB, the address after an operand is 0. Every operand of every kernel there, in turn.
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CALL_BYTES, F64_FIELDS, offsetOf, SCRATCH_BYTES } from '../../src/abi.ts';
import { type FloatDType, type LossFunctions, load, type TypedArray } from '../../src/index.ts';
import { hasRelaxed } from '../../src/wasm/instantiate.ts';
import { withSharedMemory } from '../../src/wasm/shared.ts';
import { arrayOf, dtypes, loaded } from '../instances.ts';
import { expectSame } from '../losses/bits.ts';
import {
  axisOption,
  drawnOf,
  gradientsOf,
  inputBy,
  inputsOf,
  isClassLoss,
  isOfRows,
  longOf,
  sizeOf,
  variantsOf,
} from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';
import type { Row, Variant } from '../rows/row.ts';
import { eager } from '../threads/eager.ts';
import { callsOf, type RecordCall } from './kernelCalls.ts';

type Any = any;

/** All that 32 bits can address. The pages are virtual: what is not touched takes no memory. */
const END = 2 ** 32;
const memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536, shared: true });
const bytes = new Uint8Array(memory.buffer);
const fields = new DataView(memory.buffer);

/** Below it nothing belongs to a call. */
const LOW = 65536;
const GUARD = 512;
const PATTERN = 0xa5;
const pattern = Buffer.alloc(GUARD, PATTERN);
const isUntouched = (at: number): boolean => pattern.equals(Buffer.from(memory.buffer, at, GUARD));

const isF64 = new Set<string>(F64_FIELDS);
const emptyRecord = new Uint8Array(CALL_BYTES);
const scratch = new Uint8Array(SCRATCH_BYTES);

type Kernels = Record<string, (record: number) => number>;
type Place = keyof typeof offsetOf | 'record';

/** All that a call computes. */
interface Outcome {
  readonly numbers: readonly number[];
  readonly results: readonly Buffer[];
}

const isSame = (a: Outcome, b: Outcome): boolean =>
  a.numbers.every((number, i) => Object.is(number, b.numbers[i])) &&
  a.results.every((result, i) => result.equals(b.results[i]));

/** Runs a call with one of its operands where the memory ends. Its results are views, which the next call writes over. */
function run(kernel: (record: number) => number, call: RecordCall, last: Place | undefined): Outcome {
  bytes.fill(PATTERN, 0, GUARD);
  let next = LOW;
  let guard = 0;
  const place = (operand: Place, content: Uint8Array): number => {
    let at = next;
    if (operand === last) {
      at = END - content.length;
      guard = at - GUARD;
      bytes.fill(PATTERN, guard, at);
    } else next += (content.length + 63) & ~63;
    bytes.set(content, at);
    return at;
  };
  const record = place('record', emptyRecord);
  const at: Record<string, number> = { scratch: place('scratch', scratch) };
  for (const [operand, content] of Object.entries(call.operands))
    at[operand] = place(operand as keyof typeof offsetOf, content);
  for (const [result, input] of Object.entries(call.inPlace)) at[result] = at[input];
  const write = (values: Readonly<Record<string, number>>): void => {
    for (const field in values) {
      const to = record + offsetOf[field as keyof typeof offsetOf];
      if (isF64.has(field)) fields.setFloat64(to, values[field], true);
      else fields.setUint32(to, values[field], true);
    }
  };
  write(call.numbers as Record<string, number>);
  write(at);
  const returned = kernel(record);
  if (!isUntouched(0) || (guard > 0 && !isUntouched(guard)))
    throw new Error(`${call.title}, ${last} last: it wrote where nothing of it lies`);
  return {
    numbers: [
      returned,
      // what the pre-pass finds
      fields.getFloat64(record + offsetOf.weightSum, true),
      fields.getUint32(record + offsetOf.active, true),
    ],
    results: call.results.map((result) =>
      Buffer.from(memory.buffer, at[result], call.operands[result]!.length),
    ),
  };
}

/** The operands of a call that make it wrong where they are the last in the memory. */
function wrongAtTheEnd(kernel: (record: number) => number, call: RecordCall): Place[] {
  const low = run(kernel, call, undefined);
  const wanted = { ...low, results: low.results.map((result) => Buffer.from(result)) };
  const places = ['record', 'scratch', ...Object.keys(call.operands)] as Place[];
  return places.filter((last) => !isSame(wanted, run(kernel, call, last)));
}

const modules = ['simdloss', ...(hasRelaxed() ? ['simdloss.relaxed'] : [])];

describe.each(modules)('%s', (file) => {
  const module = new WebAssembly.Module(
    withSharedMemory(readFileSync(new URL(`../../build/${file}.wasm`, import.meta.url))),
  );
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  const names = Object.keys(kernels).filter((name) => /_f(32|64)$/.test(name));

  it.each(['f16', 'bf16'])('%s, each of the two places last, and in place', (kind) => {
    const of = (name: string) => (kernels as Any)[`${name}_${kind}`] as (...at: number[]) => void;
    const wrong: string[] = [];
    for (let n = 0; n <= 40; n++) {
      const content = Uint8Array.from({ length: 4 * n }, (_, i) => (i * 89 + n) % 256);
      for (const [name, reads, writes] of [
        ['widen', 2 * n, 4 * n],
        ['narrow', 4 * n, 2 * n],
      ] as const) {
        const run = (from: number, to: number): string => {
          bytes.fill(PATTERN, to - GUARD, to);
          bytes.set(content.subarray(0, reads), from);
          of(name)(from, to, n);
          const guarded = isUntouched(to - GUARD) || from < to;
          return `${guarded} ${Buffer.from(memory.buffer, to, writes).toString('hex')}`;
        };
        const want = run(LOW, LOW + 1024);
        const inPlace = name === 'widen' ? END - writes : END - reads;
        const places = [
          [END - reads, LOW],
          [LOW, END - writes],
          [END - reads, inPlace],
        ];
        for (const [from, to] of places)
          if (run(from, to) !== want) wrong.push(`${name} ${n}: ${from} to ${to}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(names)('%s', (name) => {
    const wrong = callsOf(name).flatMap((call) =>
      wrongAtTheEnd(kernels[name], call).map((last) => `${call.title}, ${last} last`),
    );
    expect(wrong).toEqual([]);
  });
});

/** The instance's region: it ends where the memory does. */
const REGION = 2 ** 22;
const base = END - REGION;

/** Something that a loss can be called with, at its place in the memory or outside. */
interface Given {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}
const isGiven = (value: unknown): value is Given =>
  value !== null && typeof value === 'object' && 'shape' in value;

/** A tensor whose last element is the last in the memory. */
function attached(F: LossFunctions, { data, shape }: Given, read: boolean): Any {
  const tensor = F.attach(END - data.byteLength, shape, data instanceof Int32Array ? 'i32' : dtypeOf(data));
  if (read) tensor.data.set(data as Float64Array);
  return tensor;
}
const dtypeOf = (data: TypedArray): FloatDType => (data.BYTES_PER_ELEMENT === 8 ? 'f64' : 'f32');

/** Compares a call with each of its operands in turn where the memory ends with the same call elsewhere. */
function agreeAtTheEnd(F: LossFunctions, row: Row, variant: Variant, dtype: FloatDType): void {
  const inputs = inputsOf(row, variant, dtype);
  const { input, target, options, rows } = inputs;
  const wrt = gradientsOf(row, variant);
  const here = lossOf(F, row.loss);
  for (const reduction of ['sum', 'none']) {
    const wanted = lossOf(loaded.wasm, row.loss).valueAndGrad(input, target, { ...options, reduction, wrt });
    const given: Record<string, unknown> = { ...options, input, target };
    const outs = ['value', ...wrt.map((name) => `gradient of ${name}`)];
    for (const last of [...Object.keys(given).filter((name) => isGiven(given[name])), ...outs]) {
      if (last === 'value' && reduction === 'sum') continue;
      F.scope(() => {
        const at: Any = { ...given };
        if (isGiven(at[last])) at[last] = attached(F, at[last], true);
        const room = (name: string, shape: readonly number[]): Any =>
          name === last
            ? attached(F, { data: new arrayOf[dtype](sizeOf(shape)), shape }, false)
            : F.zeros([...shape], dtype);
        const grad = Object.fromEntries(
          wrt.map((name) => [name, room(`gradient of ${name}`, inputBy(inputs, name).shape)]),
        );
        const out = reduction === 'none' ? { value: room('value', rows), grad } : { grad };
        const { input: x, target: t, ...rest } = at;
        const all = { ...rest, reduction, wrt, out };
        const what = `${row.loss} ${variant.title} ${dtype} ${reduction}, ${last} last`;
        const step = here.prepare(x, t, all);
        for (const run of [() => here.valueAndGrad(x, t, all).value, step]) {
          for (const name of wrt) grad[name].data.fill(7);
          expectSame(run(), wanted.value, `${what}: value`);
          for (const name of wrt) expectSame(grad[name], wanted.grad[name], `${what}: gradient of ${name}`);
        }
      });
    }
  }
}

describe.each(allRows)('through the wrapper: $loss', (row) => {
  it.each(dtypes)('%s', async (dtype) => {
    const F = await load({ memory: { memory, base, size: REGION } });
    for (const variant of variantsOf(row)) agreeAtTheEnd(F, row, variant, dtype);
  });
});

/** Ways to call a loss that take working space: a plain call on arrays, and a step. */
const ways: readonly ((loss: Any, input: Given, target: Given, options: object) => Any)[] = [
  (loss, input, target, options) => loss.valueAndGrad(input, target, options),
  (loss, input, target, options) => {
    const step = loss.prepare(input, target, options);
    const value = step();
    step.dispose();
    return { value, grad: step.grad };
  },
];

it('working space that ends there', async () => {
  const F: Any = await load({ memory: { memory, base, size: REGION } });
  /** How often each call runs: first with no byte to spare, then with a little. */
  const TIMES = 3;
  const calls = allRows.flatMap((row) => {
    const own = drawnOf(row, 4);
    const strided = {
      title: 'strided',
      shape: [1, 72, 16],
      ...(!isClassLoss(row) && { options: axisOption(row, 1) }),
    };
    const variants: Variant[] =
      own.length > 0
        ? [row.variants[0], ...own]
        : isOfRows(row)
          ? [strided]
          : [{ title: 'groups', shape: [64] }];
    if (row.loss === 'crossEntropy')
      variants.push({ title: 'strided probabilities', shape: [1, 72, 16], target: 'probabilities' });
    return variants.flatMap((variant) =>
      dtypes.flatMap((dtype) => {
        const { input, target, options } = inputsOf(row, variant, dtype);
        const all = { ...options, reduction: 'sum', wrt: gradientsOf(row, variant) };
        const wanted = lossOf(loaded.wasm, row.loss).valueAndGrad(input, target, all);
        return ways.map((way) => ({
          title: `${row.loss} ${variant.title} ${dtype}`,
          run: () => way(lossOf(F, row.loss), input, target, all),
          wanted,
          left: TIMES,
        }));
      }),
    );
  });
  const UNIT = 64;
  const free = F.memory.capacity - F.memory.bytesInUse;
  for (let room = UNIT; calls.some(({ left }) => left > 0); room += UNIT) {
    expect(room).toBeLessThan(100_000);
    const filler = F.zeros([free - room], 'i8');
    for (const call of calls) {
      if (call.left === 0) continue;
      let got: Any;
      try {
        got = call.run();
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'ERR_MEMORY') throw error;
        continue;
      }
      const what = `${call.title}, ${room} bytes`;
      call.left--;
      expectSame(got.value, call.wanted.value, `${what}: value`);
      for (const name of Object.keys(call.wanted.grad))
        expectSame(got.grad[name], call.wanted.grad[name], `${what}: gradient of ${name}`);
    }
    filler.dispose();
  }
  expect(F.memory.highWaterMark).toBe(F.memory.capacity);
});

describe('threads', () => {
  let F: LossFunctions;
  beforeAll(async () => {
    ({ F } = await eager(2, 5, undefined, undefined, { memory, base }));
  });
  afterAll(() => F.dispose());

  it.each(allRows)('$loss', (row) => {
    for (const dtype of dtypes) for (const variant of longOf(row)) agreeAtTheEnd(F, row, variant, dtype);
  });
});
