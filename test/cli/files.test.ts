// Arrays in files: as NumPy wrote them, and as safetensors has them.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { opened, plainBytes } from '../../src/cli/data/bytes.ts';
import { npy } from '../../src/cli/data/npy.ts';
import { npzBytes } from '../../src/cli/data/npz.ts';
import { safetensor } from '../../src/cli/data/safetensors.ts';
import type { StoredArray } from '../../src/cli/data/stored.ts';
import { numberOf } from '../../src/half.ts';
import { bytesOf, remove, safetensors, write } from './command.ts';

interface Case {
  readonly name: string;
  readonly file: string;
  readonly shape: number[];
  readonly values: (number | string | boolean)[];
}
const found = JSON.parse(readFileSync(new URL('../fixtures/numpy.json', import.meta.url), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'simdloss-cli-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
  remove();
});

function stored(name: string, base64: string): string {
  const path = join(folder, name.replace(/\W/g, '_'));
  writeFileSync(path, Buffer.from(base64, 'base64'));
  return path;
}
const openNpy = async (path: string) => npy(path, plainBytes(await opened(path), path, 0));

/** All rows, so many at a time. */
async function all(array: StoredArray, atOnce: number): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let row = 0; row < array.rows; row += atOnce)
    for (const value of await array.read(Math.min(atOnce, array.rows - row)))
      values.push(typeof value === 'bigint' ? Number(value) : value);
  await array.close();
  return values;
}

describe('.npy', () => {
  it.each<Case>(found.cases)('$name', async ({ name, file, shape, values }) => {
    for (const atOnce of [1, 2, 100]) {
      const array = await openNpy(stored(name, file));
      expect(array.shape).toEqual(shape);
      // -0 is a number of its own, and what is 1 in 65536 stays what half precision has
      expect(await all(array, atOnce)).toEqual(values);
    }
  });

  it.each<Case & { says: RegExp }>([
    { ...found.refused[0], says: /is in Fortran order: save numpy\.ascontiguousarray of it/ },
    { ...found.refused[1], says: /elements of a structured type/ },
    { ...found.refused[2], says: /elements of type <c8; f2, f4, f8, i1 to i8, u1 to u8, b1 and U are read/ },
    { ...found.refused[3], says: /is one number, not an array of rows/ },
  ])('refuses $name', async ({ name, file, says }) => {
    await expect(openNpy(stored(name, file))).rejects.toThrow(says);
  });

  it('refuses what is none, or has another version, or ends early', async () => {
    const [{ file }] = found.cases as Case[];
    const bytes = Buffer.from(file, 'base64');
    const changed = (change: (copy: Buffer) => Buffer | undefined): string => {
      const copy = Buffer.from(bytes);
      return stored('changed', (change(copy) ?? copy).toString('base64'));
    };
    await expect(openNpy(changed(() => Buffer.from('no')))).rejects.toThrow(/is no \.npy file/);
    await expect(openNpy(changed((copy) => void copy.writeUInt8(0, 3)))).rejects.toThrow(/is no \.npy file/);
    await expect(openNpy(changed((copy) => void copy.writeUInt8(9, 6)))).rejects.toThrow(/has version 9/);
    await expect(openNpy(changed((copy) => void copy.fill(32, 10, 40)))).rejects.toThrow(/is not understood/);
    const cut = await openNpy(changed((copy) => copy.subarray(0, copy.length - 1)));
    await expect(all(cut, 1)).rejects.toThrow(/ends before its data do/);
  });
});

describe('half precision', () => {
  it('every pattern is what NumPy makes of it', () => {
    const all = Float32Array.from({ length: 65536 }, (_, bits) => numberOf('f16', bits));
    const numbers = all.map((x) => (Number.isNaN(x) ? 0 : x));
    expect(createHash('sha256').update(numbers).digest('hex')).toBe(found.halves);
    expect(all.every((x, bits) => Number.isNaN(x) === (bits & 0x7fff) > 0x7c00)).toBe(true);
    expect([0x8000, 0x7c00, 0xfc00, 1].map((bits) => numberOf('f16', bits))).toEqual([
      -0,
      Infinity,
      -Infinity,
      2 ** -24,
    ]);
  });

  it('a bf16 is the upper half of an f32', () => {
    const words = new Uint32Array(1);
    const number = new Float32Array(words.buffer);
    for (let bits = 0; bits < 65536; bits++) {
      words[0] = bits * 65536;
      expect(Object.is(numberOf('bf16', bits), number[0])).toBe(true);
    }
  });
});

describe('.npz', () => {
  it.each<{ name: string; file: string }>(found.archives)('$name', async ({ name, file }) => {
    const path = stored(`${name}.npz`, file);
    const logits = await npy(path, await npzBytes(path, 'logits'));
    expect(logits.shape).toEqual([2, 3]);
    expect(await all(logits, 1)).toEqual([1.5, -2.25, 1e-3, 65504, -0, 3].map(Math.fround));
    expect(await all(await npy(path, await npzBytes(path, 'labels')), 2)).toEqual([2, 0]);
    await expect(npzBytes(path, 'weights')).rejects.toThrow(/has no weights, but logits, labels/);
    await expect(npzBytes(path, undefined)).rejects.toThrow(/has logits, labels: say which, as .*:logits/);
  });

  it('refuses what is none, and what is damaged', async () => {
    const [{ file }] = found.archives;
    const bytes = Buffer.from(file, 'base64');
    await expect(npzBytes(stored('short.npz', 'AAAA'), 'logits')).rejects.toThrow(
      /is no \.npz file|ends before/,
    );
    await expect(
      npzBytes(stored('zeros.npz', Buffer.alloc(99).toString('base64')), 'logits'),
    ).rejects.toThrow(/is no \.npz file/);
    // whatever byte of the directory is another: a clear error, or the right numbers
    for (let at = bytes.length - 150; at < bytes.length; at++) {
      const copy = Buffer.from(bytes);
      copy[at] ^= 0xff;
      const path = stored('damaged.npz', copy.toString('base64'));
      const told = await npzBytes(path, 'logits')
        .then((read) => npy(path, read))
        .then((array) => all(array, 2))
        .then(
          (values) => values.length === 6,
          (error) => error.constructor.name === 'DataError' || error,
        );
      expect(told, String(at)).toBe(true);
    }
  });
});

describe('.safetensors', () => {
  const x = Float32Array.of(1.5, -2, 0.25, 3);
  const bf16 = Uint16Array.from(new Uint32Array(x.buffer), (word) => word >>> 16);
  const path = safetensors('model.safetensors', {
    a: { dtype: 'F32', shape: [2, 2], data: bytesOf(x) },
    b: { dtype: 'BF16', shape: [2, 2], data: bytesOf(bf16) },
    y: { dtype: 'I64', shape: [2], data: bytesOf(BigInt64Array.of(1n, 0n)) },
    c: { dtype: 'F8_E4M3', shape: [2], data: new Uint8Array(2) },
  });

  it('has tensors by name', async () => {
    expect(await all(await safetensor(path, 'a'), 1)).toEqual([...x]);
    expect(await all(await safetensor(path, 'b'), 2)).toEqual([...x]);
    expect(await all(await safetensor(path, 'y'), 1)).toEqual([1, 0]);
  });

  it('says what it has, and what it cannot read', async () => {
    await expect(safetensor(path, 'z')).rejects.toThrow(/has no z, but a, b, y, c$/);
    await expect(safetensor(path, undefined)).rejects.toThrow(/has a, b, y, c: say which/);
    await expect(safetensor(path, 'c')).rejects.toThrow(/elements of type F8_E4M3/);
    await expect(safetensor(write('no.safetensors', 'nothing at all'), 'a')).rejects.toThrow(
      /is no \.safetensors/,
    );
    await expect(safetensor(join(folder, 'none.safetensors'), 'a')).rejects.toThrow(/ENOENT/);
  });
});
