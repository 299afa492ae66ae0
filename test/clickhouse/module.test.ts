// The module by itself, in this engine: what it makes of blocks, without a ClickHouse.
import { describe, expect, it } from 'vitest';
import { losses } from '../../scripts/generate/clickhouse/functions.ts';
import { specs } from '../../src/clickhouse/generated/functions.ts';
import { module, moduleName, sha256 } from '../../src/clickhouse/index.ts';
import { load } from '../../src/index.ts';
import { fallbacksOf } from '../../src/options/specs.ts';
import { random } from '../random.ts';
import { bitsOf } from './chdb.ts';

type Column = Float32Array | Float64Array | Uint8Array | readonly Float32Array[];

class Refused extends Error {}

function start() {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module()), {
    env: {
      clickhouse_throw(at: number, size: number) {
        throw new Refused(new TextDecoder().decode(new Uint8Array(memory.buffer, at, size)));
      },
    },
  });
  const exports = instance.exports as any;
  const memory = exports.memory as WebAssembly.Memory;
  const viewOf = (handle: number): Uint8Array => {
    const [at, size] = new Uint32Array(memory.buffer, handle, 2);
    // as the host wants it
    expect(at).toBeGreaterThan(0);
    expect(at + size).toBeLessThan(memory.buffer.byteLength);
    return new Uint8Array(memory.buffer, at, size);
  };
  const bytesOf = (column: Column): Buffer => {
    if (!Array.isArray(column)) {
      const { buffer, byteOffset, byteLength } = column as Float32Array;
      return Buffer.from(buffer, byteOffset, byteLength);
    }
    let end = 0;
    const ends = BigUint64Array.from(column, ({ length }) => {
      end += length;
      return BigInt(end);
    });
    return Buffer.concat([Buffer.from(ends.buffer), ...column.map(bytesOf)]);
  };
  /** The bytes of the result's column. */
  const call = (name: string, n: number, ...columns: Column[]): Buffer => {
    const all = columns.map(bytesOf);
    const block = Buffer.concat([
      Buffer.from(BigUint64Array.of(BigInt(all.length), BigInt(n)).buffer),
      ...all.flatMap((bytes) => [Buffer.from(BigUint64Array.of(BigInt(bytes.length)).buffer), bytes]),
    ]);
    const given = exports.clickhouse_create_buffer(block.length);
    viewOf(given).set(block);
    try {
      const result = exports[name](given, n);
      const bytes = Buffer.from(viewOf(result));
      exports.clickhouse_destroy_buffer(result);
      expect([bytes.readBigUInt64LE(0), bytes.readBigUInt64LE(8)]).toEqual([1n, BigInt(n)]);
      expect(Number(bytes.readBigUInt64LE(16))).toBe(bytes.length - 24);
      return bytes.subarray(24);
    } finally {
      exports.clickhouse_destroy_buffer(given);
    }
  };
  return { call, memory };
}

const floats = (bytes: Buffer, from = 0): number[] =>
  Array.from({ length: (bytes.length - from) / 4 }, (_, i) => bitsOf(bytes.readFloatLE(from + 4 * i)));

it('its name has its hash, and it imports the host alone', async () => {
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', module())).toString('hex');
  expect(sha256).toBe(digest);
  expect(moduleName).toMatch(new RegExp(`^simdloss_\\d+_\\d+_\\d+\\w*_${digest.slice(0, 12)}$`));
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(module()));
  expect(imports).toEqual([{ module: 'env', name: 'clickhouse_throw', kind: 'function' }]);
});

describe('functions', async () => {
  const { call, memory } = start();
  const F: any = await load();
  const r = random(7);
  /** Columns of options, as a function of them has them: their fallbacks, but for those given. */
  const constants = (name: string, n: number, given: Record<string, number | Float32Array> = {}): Column[] =>
    specs
      .find((one) => one.name === name)!
      .options.map(({ name: option, kind, fallback }) =>
        kind === 'classWeights'
          ? Array.from({ length: n }, () => (given[option] as Float32Array) ?? new Float32Array(0))
          : new Float64Array(n).fill((given[option] as number) ?? fallback ?? Number.NaN),
      );

  it.each(losses.map((d) => [d.name, d] as const))(
    '%s: the bits of F, with and without options',
    (name, d) => {
      for (const n of [0, 1, 5, 700]) {
        const shown = d.inputs.map((input) => {
          const { low, high, shown = [low, high] } = input.domain(fallbacksOf(d.options));
          return shown;
        });
        const column = (i: number, count: number) =>
          Float32Array.from({ length: count }, () => shown[i][0] + (shown[i][1] - shown[i][0]) * r());
        if (d.family.name === 'elementwise') {
          const columns = d.inputs.map((_, i) => column(i, n));
          const value = F[name](...columns, { reduction: 'none' });
          const grad = F[name].grad(...columns, { reduction: 'sum' });
          for (const more of specs.find((one) => one.name === name)!.options.length > 0
            ? ['', '_with']
            : ['']) {
            const all = more === '' ? columns : [...columns, ...constants(name, n)];
            expect(floats(call(`${name}_loss${more}`, n, ...all))).toEqual(
              [...(value.data ?? value)].map(bitsOf),
            );
            expect(floats(call(`${name}_grad${more}`, n, ...all))).toEqual(
              [...(grad.data ?? grad)].map(bitsOf),
            );
          }
        } else {
          for (const classes of [1, 2, 7, 100]) {
            const z = column(0, n * classes);
            const y = Int32Array.from({ length: n }, () => Math.floor(r() * classes));
            const x = { data: z, shape: [n, classes] };
            const value = F[name](x, y, { reduction: 'none' });
            const grad = F[name].grad(x, y, { reduction: 'sum' });
            const lists = Array.from({ length: n }, (_, i) => z.subarray(i * classes, (i + 1) * classes));
            const given: Column[] = [lists, Float64Array.from(y), new Uint8Array(n)];
            for (const strictness of ['', '_or_nan'])
              for (const more of ['', '_with']) {
                const all = more === '' ? given : [...given, ...constants(name, n)];
                expect(floats(call(`${name}_loss${strictness}${more}`, n, ...all))).toEqual(
                  [...(value.data ?? value)].map(bitsOf),
                );
                expect(floats(call(`${name}_grad${strictness}${more}`, n, ...all), 8 * n)).toEqual(
                  [...(grad.data ?? grad)].map(bitsOf),
                );
              }
          }
        }
      }
    },
  );

  it('rows that are NULL are not looked at, and have no gradient', () => {
    const lists = [Float32Array.of(1, 2), new Float32Array(0), Float32Array.of(2, 1)];
    const given: Column[] = [lists, Float64Array.of(0, 9, 1), Uint8Array.of(0, 1, 0)];
    const bytes = call('crossEntropy_grad', 3, ...given);
    expect([0, 8, 16].map((at) => Number(bytes.readBigUInt64LE(at)))).toEqual([2, 2, 4]);
    const grad = F.crossEntropy.grad(
      { data: Float32Array.of(1, 2, 2, 1), shape: [2, 2] },
      Int32Array.of(0, 1),
      { reduction: 'sum' },
    );
    expect(floats(bytes, 24)).toEqual([...grad.data].map(bitsOf));
  });

  it('messages tell numbers', () => {
    const said = (label: number): string => {
      try {
        call('crossEntropy_loss', 1, [Float32Array.of(1, 2)], Float64Array.of(label), new Uint8Array(1));
      } catch (error) {
        if (error instanceof Refused) return /got (\S+)/.exec(error.message)![1];
        throw error;
      }
      return 'nothing';
    };
    for (const [label, text] of [
      [2, '2'],
      [-7, '-7'],
      [0.5, '0.5'],
      [-1.25, '-1.25'],
      [2 ** 53, '9.007199e15'],
      [2 ** 53 - 1, '9007199254740991'],
      [1e300, '1e300'],
      [1.5e-5, '1.5e-5'],
      [999999.9999999, '1000000'],
      [Infinity, 'Infinity'],
      [-Infinity, '-Infinity'],
      [Number.NaN, 'NaN'],
    ] as const)
      expect(said(label)).toBe(text);
  });

  it('calls leave no memory behind, errors neither', () => {
    const x = new Float32Array(100_000);
    call('mse_loss', x.length, x, x);
    const bytes = memory.buffer.byteLength;
    for (let i = 0; i < 50; i++) {
      call('mse_loss', x.length, x, x);
      expect(() =>
        call('huber_loss_with', 1, x.subarray(1), x.subarray(1), Float64Array.of(-1), Float64Array.of(1)),
      ).toThrow(Refused);
    }
    expect(memory.buffer.byteLength).toBe(bytes);
  });
});
