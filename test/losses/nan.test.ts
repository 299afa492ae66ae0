// What is NaN stays NaN: one NaN, of any payload and sign, in any operand, beside numbers at which formulas have a special case,
// through every loop. The reference says which results it reaches; no other is NaN.
import { describe, expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';
import { contains } from '../../src/options/interval.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { descriptorOf, domainsOf, notable, operandsOf, someOptions } from '../intervals.ts';
import { integer, type Random, random } from '../random.ts';
import { type Options, reference, type Tensor } from '../reference/index.ts';
import { lossNames } from '../rows/names.ts';
import type { LossName } from '../rows/row.ts';
import { lossOf, rolesOf } from './roles.ts';

type Any = any;
/** Quiet and signalling, of both signs, with and without a payload. */
const nans = {
  f32: [0x7fc00000, 0xffc00000, 0x7fc12345, 0xffffffff, 0x7f800001, 0xff812345].map(BigInt),
  f64: [
    0x7ff8000000000000n,
    0xfff8000000000000n,
    0x7ff8123456789abcn,
    0xffffffffffffffffn,
    0x7ff0000000000001n,
  ],
};

type Roles = Record<string, { data: number[]; shape: readonly number[] }>;
const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype] as Float32ArrayConstructor;

  /** Typed, with the bits of a NaN in place of every NaN: storing the number may quieten them. */
  function typed({ data, shape }: { data: number[]; shape: readonly number[] }, bits: bigint): Any {
    const out = array.from(data);
    const words = dtype === 'f32' ? new Uint32Array(out.buffer) : new BigUint64Array(out.buffer);
    data.forEach((v, i) => {
      if (Number.isNaN(v)) (words as Any)[i] = dtype === 'f32' ? Number(bits) : bits;
    });
    return { data: out, shape };
  }

  const kinds = (x: Any): string =>
    Array.from(typeof x === 'number' ? [x] : (x.data as ArrayLike<number>), (v) =>
      Number.isNaN(v) ? 'x' : '.',
    ).join('');

  function agree(
    loss: LossName,
    roles: Roles,
    labels: number[] | undefined,
    options: Options,
    bits: bigint,
  ): void {
    const { input, target, ...others } = roles;
    const targets = target ?? { data: labels!, shape: others.rows.shape };
    const { rows: _, ...factors } = others;
    const given = Object.fromEntries(
      Object.entries(factors).map(([name, role]) => [name, typed(role, bits)]),
    );
    const reductions = 'gradOutput' in factors ? ['none'] : ['none', 'sum', 'mean'];
    for (const reduction of reductions as 'none'[]) {
      const all = { ...options, reduction };
      const want = reference(loss, { input, target: targets as Tensor }, { ...all, ...factors });
      const t = target ? typed(target, bits) : { data: Int32Array.from(labels!), shape: targets.shape };
      // the text of a failure costs more than all else
      const check = (part: string, got: Any, due: Any) => {
        if (kinds(got) === kinds(due)) return;
        const list = Object.entries(roles).map(([name, { data }]) => `${name} ${data}`);
        const what = `${loss} ${reduction} ${JSON.stringify(options)} of ${list.join('; ')}; labels ${labels}`;
        expect(kinds(got), `${part} of ${what}, [${input.shape}]`).toBe(kinds(due));
      };
      const wants = [
        ['input'],
        ...(target ? [['target'], ['input', 'target']] : []),
        ...(rolesOf(loss).length > 2 ? [['third'], ['input', 'target', 'third']] : []),
      ];
      for (const wrt of wants) {
        const both = lossOf(F, loss).valueAndGrad(typed(input, bits), t, { ...all, ...given, wrt });
        const alone = lossOf(F, loss).grad(typed(input, bits), t, { ...all, ...given, wrt });
        check('value', both.value, want.value);
        for (const name of wrt as 'input'[]) {
          check(`gradient for ${name}`, both.grad[name], want.grads[name]);
          check(`gradient alone for ${name}`, alone[name], want.grads[name]);
        }
      }
      check('value alone', lossOf(F, loss)(typed(input, bits), t, { ...all, ...given }), want.value);
    }
  }

  const pick = <T>(r: Random, list: readonly T[]): T => list[integer(r, list.length)];
  const drawn = (r: Random, shape: readonly number[], list: readonly number[]) => ({
    data: Array.from({ length: product(shape) }, () => Math.fround(pick(r, list))),
    shape,
  });
  const factors = [0.5, 1, 3];

  const names = lossNames;
  const elementwise = names.filter((name) => registry[name].family.name === 'elementwise');
  /** Finite numbers of each input. */
  const numbersOf = (loss: LossName, options: Options): number[][] =>
    domainsOf(loss, options).map((domain) => notable(domain).filter(Number.isFinite));

  it.each(elementwise)('%s', (loss) => {
    const r = random(41);
    for (let round = 0; round < 300; round++) {
      const options = someOptions(loss, r);
      const shape = [1 + integer(r, round % 10 === 0 ? 90 : 9)];
      const [input, target, third] = numbersOf(loss, options);
      const roles: Roles = { input: drawn(r, shape, input), target: drawn(r, shape, target) };
      if (third !== undefined) {
        const isBroadcast = descriptorOf(loss).inputs[2].shape === 'broadcast' && r() < 0.3;
        roles.third = drawn(r, isBroadcast ? [1] : shape, third);
      }
      for (const { name, interval } of operandsOf(loss)) {
        const legal = factors.filter((factor) => contains(interval, factor));
        if (r() < 0.3) roles[name] = drawn(r, shape, legal);
      }
      if (r() < 0.3) roles.sampleWeight = drawn(r, shape, factors);
      if (r() < 0.2) roles.gradOutput = drawn(r, shape, [-1, ...factors]);
      const role = roles[r() < 0.6 ? pick(r, ['input', 'target']) : pick(r, Object.keys(roles))];
      role.data[integer(r, role.data.length)] = Number.NaN;
      agree(loss, roles, undefined, options, pick(r, nans[dtype]));
    }
  });

  const features = names.filter(
    (name) => registry[name].family.name === 'features' || name === 'multilabelSoftMargin',
  );
  it.each(features)('%s', (loss) => {
    const r = random(43);
    for (let round = 0; round < 300; round++) {
      const options = someOptions(loss, r);
      const size = pick(r, [1, 2, 3, 5, 8, 31, 32, 33]);
      const shape = [1 + integer(r, 9), size];
      // what is squared, and divides
      const small = (list: number[]) =>
        list.filter((v) => v === 0 || (Math.abs(v) > 1e-3 && Math.abs(v) < 100));
      const [input, target, third] = numbersOf(loss, options).map(small);
      const roles: Roles = { input: drawn(r, shape, input), target: drawn(r, shape, target) };
      if (third !== undefined)
        roles.third = drawn(
          r,
          registry[loss].inputs[2]!.shape === 'terms' ? shape.slice(0, 1) : shape,
          third,
        );
      if (r() < 0.3) roles.sampleWeight = drawn(r, shape.slice(0, 1), factors);
      if (r() < 0.2) roles.gradOutput = drawn(r, shape.slice(0, 1), [-1, ...factors]);
      const role = roles[r() < 0.6 ? pick(r, ['input', 'target']) : pick(r, Object.keys(roles))];
      role.data[integer(r, role.data.length)] = Number.NaN;
      agree(loss, roles, undefined, options, pick(r, nans[dtype]));
    }
  });

  const others = names.filter((name) => registry[name].family.name === 'classes');
  it.each(others)('%s', (loss) => {
    const r = random(42);
    for (let round = 0; round < 300; round++) {
      const options = someOptions(loss, r);
      const classes = pick(r, [1, 2, 3, 5, 8, 9, 64, 70]);
      const inner = r() < 0.3 ? 3 : 1;
      const outer = 1 + integer(r, 6);
      const shape = inner === 1 ? [outer, classes] : [outer, classes, inner];
      const rows = inner === 1 ? [outer] : [outer, inner];
      const [input, target] = numbersOf(loss, options);
      const roles: Roles = { input: drawn(r, shape, input), rows: { data: [], shape: rows } };
      const isSoft = target !== undefined && r() < 0.5;
      if (isSoft) roles.target = drawn(r, shape, target);
      const labels = isSoft ? undefined : Array.from({ length: product(rows) }, () => integer(r, classes));
      for (const { name } of operandsOf(loss)) {
        if (r() >= 0.3 || (name === 'mask' && options.fromLogits === false)) continue;
        roles[name] = name === 'mask' ? drawn(r, shape, [0, 1, 1]) : drawn(r, [classes], factors);
      }
      if (r() < 0.3) roles.sampleWeight = drawn(r, rows, factors);
      if (r() < 0.2) roles.gradOutput = drawn(r, rows, [-1, ...factors]);
      const names = Object.keys(roles).filter((name) => name !== 'rows');
      const role = roles[r() < 0.6 ? 'input' : pick(r, names)];
      role.data[integer(r, role.data.length)] = Number.NaN;
      agree(loss, roles, labels, options, pick(r, nans[dtype]));
    }
  });
});
