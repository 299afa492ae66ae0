// Gradients written over the operands, in the memory itself: the bits of the call that writes elsewhere.
import { describe, expect, it } from 'vitest';
import { code } from '../faults/caught.ts';
import { dtypes, loaded } from '../instances.ts';
import { difference } from '../losses/bits.ts';
import { inputsOf, isFreelyInPlace, isThirdSmall, mayBeOver, variantsOf, wrtOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';
import { asTensors } from './tensors.ts';

type Any = any;
const F = loaded.wasm as Any;

describe.each(allRows)('$loss', (row) => {
  const loss = lossOf(F, row.loss);
  it.each(dtypes)('over the input, the target, each other: %s', (dtype) => {
    const bad: string[] = [];
    const check = (what: string, actual: Any, expected: Any) => {
      const wrong = difference(actual.data, expected.data);
      if (wrong) bad.push(`${what}: ${wrong}`);
    };
    for (const variant of variantsOf(row)) {
      const inputs = inputsOf(row, variant, dtype);
      const names = wrtOf(row, variant).filter((name) => name !== 'third' || !isThirdSmall(inputs));
      const expected = loss.valueAndGrad(inputs.input, inputs.target, { ...inputs.options, wrt: [...names] });
      const other = { input: 'target', target: 'input' } as const;
      for (const name of names) {
        for (const place of names) {
          F.scope(() => {
            const { x, t, own } = asTensors(F, inputs);
            const out = { input: x, target: t, third: own.third }[place];
            const what = `${variant.title}, ${name} over ${place}`;
            if (!mayBeOver(row, name, place)) {
              const got = code(() => loss.grad(x, t, { ...own, wrt: name, out }));
              if (!/^ERR_(OPTION|SHAPE)$/.test(got)) bad.push(`${what}: ${got}`);
              return;
            }
            const { value, grad } = loss.valueAndGrad(x, t, { ...own, wrt: name, out });
            if (!Object.is(value, expected.value)) bad.push(`${what}: value ${value}`);
            check(what, grad, expected.grad[name]);
          });
          if (!mayBeOver(row, name, place)) continue;
          F.scope(() => {
            const { x, t, own } = asTensors(F, inputs);
            const out = { input: x, target: t, third: own.third }[place];
            loss.grad(x, t, { ...own, wrt: name, out });
            check(`${variant.title}, ${name} alone over ${place}`, out, expected.grad[name]);
          });
        }
      }
      if (names.length < 2 || !isFreelyInPlace(row)) continue;
      for (const crossed of [false, true]) {
        F.scope(() => {
          const { x, t, own } = asTensors(F, inputs);
          const places: Any = { input: x, target: t };
          const at = (name: 'input' | 'target') => places[crossed ? other[name] : name];
          const grad = { input: at('input'), target: at('target') };
          loss.valueAndGrad(x, t, { ...own, wrt: names, out: { grad } });
          const what = `${variant.title}, both${crossed ? ', crossed' : ''}`;
          check(`${what}, input`, grad.input, expected.grad.input);
          check(`${what}, target`, grad.target, expected.grad.target);
        });
      }
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });
});
