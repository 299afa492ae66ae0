// Hostile labels: at every position, and changed between the pre-pass and the kernel.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CALL_BYTES, FLAGS, offsetOf, SCRATCH_BYTES, tileBytes } from '../../src/abi.ts';
import { type LossFunctions, loadSync } from '../../src/index.ts';
import type { KernelExports } from '../../src/wasm/generated/exports.ts';
import { backends } from '../instances.ts';
import { random } from '../random.ts';
import { code } from './caught.ts';

type Any = any;
const HOSTILE = [-1, 5, 6, 255, 2 ** 31 - 1, -(2 ** 31), -99, 65536 * 16384];

/** No class and not ignored, however many classes there are. */
const FAR = HOSTILE.filter((label) => label < 0 || label > 1000);

describe.each(backends)('%s', (backend) => {
  const F = loadSync({ backend }) as Any;

  it.each(['nll', 'crossEntropy'])(
    '%s: a bad label at every position is refused and nothing is written',
    (name) => {
      for (const shape of [
        [19, 5],
        [3, 5, 7],
        [2, 5, 3, 2],
      ]) {
        const rowShape = shape.filter((_, i) => i !== 1);
        const n = rowShape.reduce((a, b) => a * b, 1);
        const x = F.tensor(new Float32Array(5 * n).fill(0.5), shape);
        const t = F.tensor(new Int32Array(n), rowShape);
        const out = F.zeros(shape);
        out.data.fill(7);
        const before = [F.memory.bytesInUse, F.memory.liveTensors];
        const step = F[name].prepare(x, t, { out });
        for (let at = 0; at < n; at++) {
          for (const label of HOSTILE) {
            t.data[at] = label;
            expect(code(() => F[name].valueAndGrad(x, t, { out }))).toBe('ERR_LABEL');
            expect(code(step)).toBe('ERR_LABEL');
          }
          t.data[at] = 0;
        }
        expect(out.data.every((v: number) => v === 7)).toBe(true);
        step.dispose();
        expect([F.memory.bytesInUse, F.memory.liveTensors]).toEqual(before);
        expect(F[name](x, t)).toBe(F[name](x, t));
        for (const tensor of [x, t, out]) tensor.dispose();
      }
    },
  );

  it.each([
    ['i8', Int8Array, [-1, 5, 127, -128]],
    ['u8', Uint8Array, [5, 255]],
    ['i16', Int16Array, [-1, 5, -32768]],
    ['u16', Uint16Array, [5, 65535]],
    ['u32', Uint32Array, [5, 2 ** 32 - 1, 2 ** 32 - 100, 2 ** 31]],
    ['i64', BigInt64Array, [-1n, 5n, 2n ** 32n, 2n ** 32n + 1n, -(2n ** 63n), 2n ** 62n]],
  ])('%s labels that do not fit are refused, not wrapped', (_, Labels, bad) => {
    const x = { data: new Float32Array(35), shape: [7, 5] };
    for (const ignoreIndex of [-100, -1, 0]) {
      for (const label of bad) {
        if (Number(label) === ignoreIndex) continue;
        for (let at = 0; at < 7; at++) {
          const t = new (Labels as Any)(7);
          t[at] = label;
          expect(code(() => F.crossEntropy.grad(x, t, { ignoreIndex }))).toBe('ERR_LABEL');
        }
      }
    }
  });
});

// Shared memory can change between the two: the kernels look again where they store.
describe('changed after the pre-pass', () => {
  const bytes = readFileSync(new URL('../../build/simdloss.wasm', import.meta.url));
  const memory = new WebAssembly.Memory({ initial: 8 });
  const kernels = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
    .exports as unknown as KernelExports;
  const whole = new Uint8Array(memory.buffer);
  const dtypes = { f32: Float32Array, f64: Float64Array };

  const cases = (['f32', 'f64'] as const).flatMap((dtype) =>
    [
      { kernel: 'nll_pick', shape: [37, 5, 1] },
      { kernel: 'nll_pick', shape: [3, 5, 19] },
      { kernel: 'probabilities_pick', shape: [37, 5, 1] },
      { kernel: 'probabilities_lanes', shape: [37, 5, 1], soft: true },
      { kernel: 'crossEntropy_lanes', shape: [37, 5, 1] },
      { kernel: 'crossEntropy_lanes', shape: [3, 5, 19] },
      { kernel: 'crossEntropy_lanes', shape: [37, 5, 1], soft: true },
      { kernel: 'crossEntropy_rows', shape: [9, 131, 1] },
      { kernel: 'crossEntropy_rows', shape: [9, 131, 1], soft: true },
    ].flatMap((one) => [false, true].map((weighted) => ({ ...one, dtype, weighted }))),
  );

  it.each(cases)(
    '$kernel $dtype $shape soft $soft weighted $weighted',
    ({ kernel, dtype, shape, soft, weighted }) => {
      const [outer, classes, inner] = shape;
      const rows = outer * inner;
      const size = dtype === 'f32' ? 4 : 8;
      const r = random(5);
      whole.fill(0xa5);
      let next = 64;
      const owned: [from: number, to: number][] = [];
      /** Room with canaries; `written` where the kernel may write. */
      const place = (length: number, written: boolean): number => {
        const at = next;
        next = Math.ceil((at + length) / 64) * 64 + 64;
        if (written) owned.push([at, at + length]);
        return at;
      };
      const record = place(CALL_BYTES, true);
      const scratch = place(SCRATCH_BYTES, true);
      const tile = place(tileBytes(classes), true);
      const input = place(rows * classes * size, false);
      const target = place(4 * rows, false);
      const weight = place(classes * size, false);
      const value = place(rows * size, true);
      const grad = place(rows * classes * size, true);
      const floats = (at: number, length: number) => new dtypes[dtype](memory.buffer, at, length);
      const fill = (at: number, length: number) =>
        floats(at, length).forEach((_, i, a) => {
          a[i] = 0.1 + 0.8 * r();
        });
      fill(input, rows * classes);
      fill(weight, classes);
      const labels = new Int32Array(memory.buffer, target, rows);
      labels.forEach((_, i) => {
        labels[i] = Math.floor(r() * classes);
      });
      const u32 = new Uint32Array(memory.buffer, record, CALL_BYTES / 4).fill(0);
      const f64 = new Float64Array(memory.buffer, record, 8);
      f64[0] = 1;
      f64[1] = 1;
      f64[offsetOf.p0 / 8] = 0.9;
      f64[offsetOf.p1 / 8] = 0.1 / classes;
      const put = (field: keyof typeof offsetOf, x: number) => {
        u32[offsetOf[field] / 4] = x;
      };
      put('flags', FLAGS.VALUE | FLAGS.INDEX | FLAGS.WEIGHTED_MEAN | (soft ? FLAGS.SOFT : 0));
      for (const [field, x] of Object.entries({
        outer,
        classes,
        inner,
        ignoreIndex: -100,
        input,
        target,
        value,
        grad,
        scratch,
        tile,
      }))
        put(field as 'outer', x);
      if (weighted) put('weight', weight);
      const name = (stem: string): ((call: number) => number) =>
        kernels[`${stem}_${dtype}` as keyof KernelExports] as (call: number) => number;
      expect(name('prepass')(record)).toBe(-1);
      for (let i = 0; i < rows; i += 2) labels[i] = FAR[(i / 2) % FAR.length];
      const before = whole.slice();
      name(kernel)(record);
      const mine = (at: number): boolean => owned.some(([from, to]) => at >= from && at < to);
      const written = before.findIndex((b, at) => b !== whole[at] && !mine(at));
      expect(written).toBe(-1);
    },
  );
});

it('a region and its labels: nothing beside the tensors changes', () => {
  const memory = new WebAssembly.Memory({ initial: 3 });
  const F: LossFunctions = loadSync({ memory: { memory, base: 0, size: 2 * 65536 } });
  const whole = new Uint8Array(memory.buffer);
  whole.fill(0xa5, 2 * 65536);
  const t = F.attach(3 * 65536 - 4 * 7, [7], 'i32');
  t.data.fill(0);
  const x = F.zeros([7, 5]);
  expect(F.crossEntropy(x, t)).toBeCloseTo(Math.log(5), 6);
  t.data[6] = 5;
  expect(code(() => F.crossEntropy(x, t))).toBe('ERR_LABEL');
  expect(whole.subarray(2 * 65536, 3 * 65536 - 28).every((b) => b === 0xa5)).toBe(true);
});
