// The code of docs/interop.md with the libraries themselves, and what happens to objects that were not converted.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { install } from '../engines/packed.ts';
import { missing } from '../missing.ts';
import { blocksOf, linkPackages, prints } from './blocks.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const modules = join(here, 'node_modules');
const { devDependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const libraries = Object.keys(devDependencies);
const absent = libraries.filter((name) => !existsSync(join(modules, name)));
if (absent.length > 0) {
  const why = `${absent.join(', ')} not installed`;
  missing({ what: 'docs/interop.md', why, install: 'npm ci --prefix test/interop' });
}

const blocks = blocksOf('docs/interop.md');

describe.skipIf(absent.length > 0)('docs/interop.md', () => {
  const installed = install();
  afterAll(installed.remove);
  if (absent.length === 0) linkPackages(modules, installed);

  it('has a block for every library', () => {
    expect([...blocks.keys()]).toEqual([
      'TensorFlow.js',
      'ONNX Runtime',
      'transformers.js',
      'Apache Arrow',
      'ndarray',
    ]);
    const all = [...blocks.values(), blocksOf('docs/training.md').get('jax-js')];
    const imported = new Set([...all.join('').matchAll(/^import .*?'([^']+)';/gm)].map(([, name]) => name));
    expect([...imported].filter((name) => name !== 'simdloss').sort()).toEqual([...libraries].sort());
  });

  it.each([...blocks])('%s: prints what its comments say', (heading, code) =>
    prints(installed, heading, code),
  );
});

describe.skipIf(absent.length > 0)('objects that were not converted', async () => {
  const library = (name: string) => createRequire(join(here, 'package.json'))(name);
  const F = await load();
  afterAll(() => F.dispose());
  const three = Float32Array.of(1, 2, 3);
  const codeOf = (input: any, target: any = three): string => {
    try {
      return String(F.mse(input, target));
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `${code} ${message}`;
    }
  };

  it('what platforms have', () => {
    const clamped = Uint8ClampedArray.of(0, 51, 255);
    expect(codeOf(clamped)).toBe('ERR_DTYPE "input" expected f32, f64, f16 or bf16, got u8');
    expect(
      codeOf(
        Float32Array.from(clamped, (v) => v / 255),
        Float32Array.of(0, 0.2, 1),
      ),
    ).toBe('0');
    expect(codeOf(new ArrayBuffer(12))).toMatch(/^ERR_TYPE/);
    expect(codeOf(new Float32Array(three.slice().buffer))).toBe('0');
    const b = Buffer.concat([Buffer.from('x'), Buffer.from(three.slice().buffer)]).subarray(1);
    expect(b.byteOffset % 4).not.toBe(0);
    expect(codeOf(new Float32Array(Uint8Array.from(b).buffer))).toBe('0');
    const rows = [
      [1, 2],
      [3, 4],
    ];
    const flat = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
    // a list has the dtype that the other operand has
    for (const given of [rows, { data: rows.flat(), shape: [2, 2] }]) expect(codeOf(given, flat)).toBe('0');
    expect(codeOf([[1, 2], [3]], flat)).toMatch(/^ERR_SHAPE/);
  });

  it('a tensor of TensorFlow.js: its data is a function', () => {
    const tf = library('@tensorflow/tfjs-core');
    library('@tensorflow/tfjs-backend-cpu');
    const t = tf.tensor1d([1, 2, 3]);
    expect(codeOf(t)).toBe('ERR_TYPE "input.data" expected a typed array, got a function');
    expect(codeOf({ data: t.dataSync(), shape: t.shape })).toBe('0');
    const integers = tf.tensor1d([1, 2, 3], 'int32');
    expect(codeOf({ data: integers.dataSync(), shape: integers.shape })).toMatch(
      /^ERR_DTYPE "input" expected f32, f64, f16 or bf16, got i32/,
    );
    const flags = tf.tensor1d([true, false, true], 'bool');
    expect(codeOf({ data: flags.dataSync(), shape: flags.shape })).toMatch(/^ERR_DTYPE/);
  });

  it('a tensor of ONNX Runtime goes in as it is: it has dims', () => {
    const { Tensor } = library('onnxruntime-common');
    const t = new Tensor('float32', three, [3]);
    expect(codeOf(t)).toBe('0');
    expect(codeOf(t, t)).toBe('0');
    const half = new Tensor('float16', new Uint16Array(3), [3]);
    expect(codeOf(half)).toBe('4.666666666666667');
    // bits of halves are numbers, no labels, nor a mask
    for (const type of ['float16', 'bfloat16'] as const) {
      const one = type === 'float16' ? 0x3c00 : 0x3f80;
      const data = Uint16Array.of(one, 0, one);
      const bits = type === 'float16' ? new Tensor(type, data, [3]) : { type, data, dims: [3] };
      expect(F.mse(three, [0, 0, 0], { sampleWeight: bits as any })).toBe(5);
      const rows = { data: new Float32Array(6), shape: [3, 2] };
      expect(() => F.crossEntropy(rows, bits as any)).toThrow('"target"');
    }
    expect(
      F.crossEntropy(
        { data: new Float32Array(6), shape: [3, 2] },
        new Tensor('uint16', new Uint16Array(3), [3]),
      ),
    ).toBeCloseTo(Math.LN2);
    const wide = new Tensor('float64', Float64Array.of(1, 2, 3), [3]);
    expect(codeOf(wide)).toMatch(/^ERR_DTYPE "target" expected f64 as "input" has, got f32/);
  });

  it('a vector of Arrow, and one in chunks', () => {
    const arrow = library('apache-arrow');
    const v = arrow.makeVector(three);
    expect(codeOf(v)).toMatch(/^ERR_TYPE/);
    expect(codeOf(v.toArray())).toBe('0');
    expect(v.toArray().buffer).toBe(three.buffer);
    const chunked = arrow.makeVector(three.subarray(0, 1)).concat(arrow.makeVector(three.subarray(1)));
    expect(chunked.data).toHaveLength(2);
    expect(codeOf(chunked.toArray())).toBe('0');
  });

  it('a slice of a column of vectors is itself, not the whole', () => {
    const arrow = library('apache-arrow');
    const type = new arrow.FixedSizeList(2, new arrow.Field('value', new arrow.Float32()));
    const values = arrow.makeData({ type: new arrow.Float32(), data: Float32Array.of(0, 1, 2, 3, 4, 5) });
    const v = arrow.makeVector(arrow.makeData({ type, length: 3, child: values })).slice(1);
    const input = { data: v.getChildAt(0).toArray(), shape: [v.length, v.type.listSize] };
    expect(codeOf(input, { data: Float32Array.of(2, 3, 4, 5), shape: [2, 2] })).toBe('0');
  });

  it('rows that are null in Arrow, left out by a weight', () => {
    const arrow = library('apache-arrow');
    const v = arrow.vectorFromArray([1, null, 3], new arrow.Float32());
    expect(v.nullCount).toBe(1);
    const sampleWeight = Float32Array.from({ length: v.length }, (_, i) => Number(v.isValid(i)));
    expect(F.mse(v.toArray(), Float32Array.of(1, 50, 5), { sampleWeight })).toBe(2);
  });

  it('an ndarray: dense as it is, ERR_SHAPE otherwise, right after the one line', () => {
    const ndarray = library('ndarray');
    const ops = library('ndarray-ops');
    const a = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
    const same = { data: a.data, shape: a.shape };
    expect(codeOf(a, same)).toBe('0');
    const slices: [string, any, number[]][] = [
      ['a transpose', a.transpose(1, 0), [1, 4, 2, 5, 3, 6]],
      ['columns', a.hi(2, 2), [1, 2, 4, 5]],
      ['later rows', a.lo(1, 0), [4, 5, 6]],
      ['one column', a.pick(-1, 1), [2, 5]],
      ['backwards', a.step(1, -1), [3, 2, 1, 6, 5, 4]],
      ['column-major', ndarray(a.data, [2, 3], [1, 2]), [1, 3, 5, 2, 4, 6]],
    ];
    for (const [what, slice, elements] of slices) {
      const wanted = { data: Float32Array.from(elements), shape: slice.shape };
      expect(codeOf(slice, wanted), what).toMatch(/^ERR_SHAPE "input" /);
      const dense = ndarray(new Float32Array(slice.size), slice.shape);
      ops.assign(dense, slice);
      expect(codeOf(dense, wanted), what).toBe('0');
    }
    expect(codeOf(a.transpose(1, 0), same)).toBe(
      'ERR_SHAPE "input" expected dense data in C order, got other strides',
    );
  });
});
