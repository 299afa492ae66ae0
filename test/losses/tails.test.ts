// Start offsets 0–15 × lengths 0–257: the bits of the aligned call, and nothing around the tensors is touched.
import { describe, expect, it } from 'vitest';
import { loaded, matrix } from '../instances.ts';
import { allRows } from '../rows/index.ts';
import { difference } from './bits.ts';
import { gradientsOf, hasData, inputBy, inputsOf, isOfRows, lengthsOf } from './inputs.ts';
import { lossOf } from './roles.ts';

type Any = any;
const GUARD = -12345;
const LENGTHS = 258;
const OFFSETS = 16;

describe.each(allRows)('$loss', (row) => {
  it.each(matrix)('any start and length: $backend $dtype', ({ backend, dtype }) => {
    const F = loaded[backend] as Any;
    const loss = lossOf(F, row.loss);
    const bad: string[] = [];
    lengthsOf(row, LENGTHS).forEach((variant, turn) => {
      const inputs = inputsOf(row, variant, dtype);
      const { input, target, options } = inputs;
      const names = gradientsOf(row, variant);
      const wrt = names[turn % names.length];
      const expected = loss.valueAndGrad(input, target, { ...options, wrt });
      const all: Record<string, Any> = { input, target, ...options };
      const given = Object.keys(all).filter((name) => hasData(all[name]));
      const { data: place, shape: dims } = inputBy(inputs, wrt);
      const arrays: Any[] = [...given.map((name) => all[name].data), place.slice().fill(0)];
      // all sixteen starts in turn for each operand, each differently aligned from the others; of rows, which come in more shapes, every
      // other one
      const step = isOfRows(row) ? 2 : 1;
      for (let start = turn % step; start < OFFSETS; start += step) {
        const starts = arrays.map((_, i) => ((2 * i + 1) * start + i) % OFFSETS);
        const wholes = arrays.map((array, i) => {
          const whole = new array.constructor(array.length + 2 * OFFSETS).fill(GUARD);
          whole.set(array, starts[i]);
          return whole;
        });
        const held = backend === 'wasm' ? wholes.map((whole) => F.tensor(whole)) : undefined;
        const part = (i: number) => {
          // the call may have made the memory grow, for working space
          const whole = held?.[i].data ?? wholes[i];
          return whole.subarray(starts[i], starts[i] + arrays[i].length);
        };
        const placed = Object.fromEntries(
          given.map((name, i) => [name, { data: part(i), shape: all[name].shape }]),
        );
        const { input: x, target: t, ...own } = { ...all, ...placed } as Any;
        const last = given.length;
        const { value } = loss.valueAndGrad(x, t, { ...own, wrt, out: { data: part(last), shape: dims } });
        const say = (what: string) =>
          bad.push(`${variant.title}, gradient of ${wrt}, from ${starts}: ${what}`);
        const wrong = Object.is(value, expected.value)
          ? difference(part(last), expected.grad.data)
          : `value ${value}`;
        if (wrong) say(wrong);
        arrays.forEach((array, i) => {
          // whatever the result is, it lies between guard words, too
          const now = (held?.[i].data ?? wholes[i]).slice();
          const before = now.slice().fill(GUARD);
          before.set(i === last ? part(last) : array, starts[i]);
          if (difference(now, before)) say(i === last ? 'guard words' : `${given[i]} changed`);
        });
        if (held) for (const tensor of held) tensor.dispose();
      }
    });
    expect(bad.slice(0, 5)).toEqual([]);
  });
});
