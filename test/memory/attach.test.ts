// F.attach over bytes of the instance's own region: which it takes, which it shares, which it refuses.
import { describe, expect, it } from 'vitest';
import { type LossFunctions, loadSync, type Tensor } from '../../src/index.ts';
import { code } from '../faults/caught.ts';
import { integer, random } from '../random.ts';
import { eager } from '../threads/eager.ts';

const PAGE = 65536;
const LINE = 64;
const books = (F: LossFunctions): number[] => [F.memory.bytesInUse, F.memory.liveTensors];

/** An instance in a region with somebody else's bytes on both sides. */
function region(base: number, size: number) {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4 });
  const whole = new Uint8Array(memory.buffer);
  whole.fill(0xa5);
  const F = loadSync({ memory: { memory, base, size } });
  const outside = (): boolean =>
    whole.subarray(0, base).every((b) => b === 0xa5) && whole.subarray(base + size).every((b) => b === 0xa5);
  return { F, whole, outside };
}

/** Where a tensor of so many bytes would be. */
function freeBytes(F: LossFunctions, bytes: number): number {
  const tensor = F.zeros([bytes], 'u8');
  tensor.dispose();
  return tensor.byteOffset;
}

describe('free bytes', () => {
  it('are taken as long as the tensor lives', () => {
    const { F } = region(PAGE, 2 * PAGE);
    const before = books(F);
    const at = freeBytes(F, 1000);
    const t = F.attach(at + 4, [200]);
    // whole lines: 4 to 804 of them
    expect(F.memory.bytesInUse - before[0]).toBe(832);
    t.data.fill(7);
    for (let i = 0; i < 12; i++) {
      F.mse.valueAndGrad(new Float32Array(100 + i), new Float32Array(100 + i));
      (F.zeros([64 * i], 'u8').data as Uint8Array).fill(0xff);
      F.l1.prepare(new Float32Array(10 * i), new Float32Array(10 * i))();
    }
    expect(t.data.every((x) => x === 7)).toBe(true);
    F.dispose();
    expect(F.memory.liveTensors).toBe(0);
  });

  it('which the last plain call has borrowed', () => {
    const { F } = region(PAGE, 2 * PAGE);
    const x = Float32Array.from({ length: 1000 }, (_, i) => i);
    const want = F.mse.grad(x, new Float32Array(1000));
    const at = freeBytes(F, 64);
    F.mse.grad(x, new Float32Array(1000));
    const out = F.attach(at, [1000]);
    F.mse.grad(x, new Float32Array(1000), { out });
    expect(out.data).toEqual(want.data);
    expect(F.mse(x, new Float32Array(1000))).toBeGreaterThan(0);
    expect(out.data).toEqual(want.data);
  });

  it('of a memory that grows', () => {
    const F = loadSync({ memory: { initial: 2 } });
    const x = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i));
    const out = F.attach(F.memory.capacity - 16000, [4000]);
    const step = F.mse.prepare(x, new Float32Array(4000), { out, reduction: 'sum' });
    F.zeros([PAGE]);
    step();
    expect(out.data).toEqual(x.map((v) => 2 * v));
    expect(code(() => F.attach(F.memory.buffer!.byteLength, [1]))).toBe('ERR_SHAPE');
  });

  it('are free again afterwards', () => {
    const { F } = region(PAGE, 2 * PAGE);
    const before = books(F);
    const most = Math.floor(0.9 * (F.memory.capacity - F.memory.bytesInUse));
    const at = freeBytes(F, 64);
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
    ]) {
      const tensors = [0, 640, 320].map((from) => F.attach(at + from, [20]));
      for (const i of order) tensors[i].dispose();
      expect(books(F)).toEqual(before);
      F.zeros([most], 'u8').dispose();
    }
    F.scope(() => F.attach(at, [20]).length);
    expect(books(F)).toEqual(before);
  });
});

describe('bytes of a tensor', () => {
  it('live as long as the last tensor over them', () => {
    const { F } = region(PAGE, 2 * PAGE);
    const before = books(F);
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const owner = F.zeros([100]);
      const aliases = [F.attach(owner.byteOffset + 40, [50]), F.attach(owner.byteOffset, [100])];
      const all: Tensor<'f32'>[] = [owner, ...aliases];
      owner.data.fill(3);
      order.forEach((i, k) => {
        all[i].dispose();
        expect(F.memory.bytesInUse - before[0]).toBe(k < 2 ? 448 : 0);
        const other = F.zeros([100]);
        other.data.fill(9);
        for (const j of order.slice(k + 1)) expect(all[j].data.every((x) => x === 3)).toBe(true);
        other.dispose();
      });
      expect(code(() => owner.data)).toBe('ERR_DISPOSED');
      expect(books(F)).toEqual(before);
    }
  });

  it('outlive the scope that the tensor was made in', () => {
    const { F } = region(PAGE, 2 * PAGE);
    const rows = F.scope(() => {
      const t = F.tensor(Float32Array.of(1, 2, 3, 4));
      return F.attach(t.byteOffset + 8, [2]);
    });
    F.tensor(new Float32Array(100).fill(5));
    expect([...rows.data]).toEqual([3, 4]);
  });
});

/** Who has each line: a number for each block, 0 for nobody. */
class Lines {
  readonly #base: number;
  readonly #of: number[];
  #last = 0;

  constructor(base: number, end: number) {
    this.#base = base;
    this.#of = new Array((end - base) / LINE).fill(0);
  }

  #range(at: number, bytes: number): [number, number] {
    return [Math.floor((at - this.#base) / LINE), Math.ceil((at + bytes - this.#base) / LINE)];
  }
  /** The block of these bytes; undefined where they are of several. */
  blockOf(at: number, bytes: number): number | undefined {
    const lines = this.#of.slice(...this.#range(at, bytes));
    return lines.every((line) => line === lines[0]) ? lines[0] : undefined;
  }
  take(at: number, bytes: number): number {
    this.#last++;
    this.#of.fill(this.#last, ...this.#range(at, Math.max(bytes, 1)));
    return this.#last;
  }
  free(block: number): void {
    this.#of.forEach((line, i) => {
      if (line === block) this.#of[i] = 0;
    });
  }
  get used(): number {
    return LINE * this.#of.filter((line) => line !== 0).length;
  }
}

it.each([1, 2, 3])('any order of tensors, attached ones, and their ends: seed %i', (seed) => {
  const r = random(seed);
  const [base, size] = [1001 + integer(r, 200), 158_000 + integer(r, 200)];
  const { F, whole, outside } = region(base, size);
  const [start, end] = [Math.ceil(base / LINE) * LINE, Math.floor((base + size) / LINE) * LINE];
  const fixed = F.memory.bytesInUse;
  const lines = new Lines(start, end);
  const own = lines.take(start, fixed);
  const live: { tensor: Tensor; block: number }[] = [];
  const seen = { shared: 0, taken: 0, refused: 0, outside: 0 };
  /** A block that is new: what its lines hold stays as long as a tensor is over them. */
  const begin = (tensor: Tensor): number => {
    const { byteOffset, length } = tensor;
    const block = lines.take(byteOffset, length);
    const last = byteOffset + Math.max(length, 1);
    whole.fill(block % 251, byteOffset - (byteOffset % LINE), Math.ceil(last / LINE) * LINE);
    return block;
  };
  const attempt = (make: () => Tensor): Tensor | string => {
    try {
      return make();
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  for (let i = 0; i < 6000; i++) {
    const choice = r();
    if (choice < 0.3) {
      const tensor = attempt(() => F.zeros([integer(r, 3000)], 'u8'));
      if (typeof tensor === 'string') {
        expect(tensor).toBe('ERR_MEMORY');
        continue;
      }
      expect(lines.blockOf(tensor.byteOffset, Math.max(tensor.length, 1))).toBe(0);
      live.push({ tensor, block: begin(tensor) });
    } else if (choice < 0.6 || live.length === 0) {
      // near a tensor, or anywhere
      const near = live.length > 0 && r() < 0.6 ? live[integer(r, live.length)].tensor.byteOffset : undefined;
      const at = near === undefined ? integer(r, 4 * PAGE) : near + integer(r, 200) - 70;
      const bytes = 1 + integer(r, Math.min(1500, 4 * PAGE - at));
      const isOutside = at + bytes <= start || at >= end;
      const straddles = at < start || at + bytes > end;
      const block = isOutside ? -1 : straddles ? undefined : lines.blockOf(at, bytes);
      const tensor = attempt(() => F.attach(at, [bytes], 'u8'));
      if (block === undefined || block === own) {
        expect(tensor).toBe('ERR_OPTION');
        seen.refused++;
        continue;
      }
      if (typeof tensor === 'string') throw new Error(`${tensor}: ${bytes} bytes at ${at}`);
      seen[block < 0 ? 'outside' : block === 0 ? 'taken' : 'shared']++;
      live.push({ tensor, block: block === 0 ? begin(tensor) : block });
    } else {
      const [{ tensor, block }] = live.splice(integer(r, live.length), 1);
      if (block > 0) expect(tensor.data.every((b) => b === block % 251)).toBe(true);
      tensor.dispose();
      if (block > 0 && !live.some((other) => other.block === block)) lines.free(block);
    }
    expect(F.memory.bytesInUse).toBe(lines.used);
  }
  expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(20);
  for (const { tensor } of live) tensor.dispose();
  expect(F.memory.bytesInUse).toBe(fixed);
  // and in one piece, or nearly so
  F.zeros([Math.floor(0.9 * (end - start - fixed))], 'u8').dispose();
  expect(outside()).toBe(true);
});

describe('the working space', () => {
  /** Bytes of the region that attach refuses, line by line. */
  const refused = (F: LossFunctions, from: number, to: number): number => {
    let bytes = 0;
    for (let at = from; at < to; at += LINE) {
      try {
        F.attach(at, [1]).dispose();
      } catch (error) {
        expect((error as { code: string }).code).toBe('ERR_OPTION');
        bytes += LINE;
      }
    }
    return bytes;
  };

  it('of the instance and its prepared steps', () => {
    const { F } = region(PAGE, 2 * PAGE);
    const x = F.zeros([64]);
    const own = () => refused(F, PAGE, 3 * PAGE);
    expect(own()).toBe(F.memory.bytesInUse - 256);
    const step = F.bce.prepare(x, new Float32Array(64).fill(0.5), { weight: new Float32Array(64) });
    expect(own()).toBe(F.memory.bytesInUse - 256 - 256);
    step.dispose();
    expect(own()).toBe(F.memory.bytesInUse - 256);
  });

  it('of threads', async () => {
    const { F } = await eager(2, 4);
    const [from, to] = [LINE, F.memory.capacity];
    for (const n of [100, 20_000]) {
      F.mse(new Float32Array(n), new Float32Array(n));
      F.crossEntropy({ data: new Float32Array(n), shape: [n / 10, 10] }, new Int32Array(n / 10));
      expect(refused(F, from, to)).toBe(F.memory.bytesInUse);
    }
    F.dispose();
  });
});
