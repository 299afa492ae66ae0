// What must agree bit for bit, for every variant of every loss.
import { describe, it } from 'vitest';
import { hasOwnMean } from '../draws/index.ts';
import { loaded, matrix } from '../instances.ts';
import { rows } from '../rows/index.ts';
import { expectSame } from './bits.ts';
import { inputsOf, isFreelyInPlace, isOfRows, isThirdSmall, sizeOf, targetOf, wrtOf } from './inputs.ts';
import { lossOf, type Role } from './roles.ts';

type Any = any;

/** What makes a term no finite number, or overflows on the way to it. */
const SPOILT = [Number.NaN, Infinity, -Infinity, 3e38];

describe.each(Object.values(rows))('$loss', (row) => {
  describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
    const F = loaded[backend] as Any;
    const loss = lossOf(F, row.loss);

    it('value and gradient alone = both in one pass = a prepared step', () => {
      for (const variant of row.variants) {
        const { input, target, options } = inputsOf(row, variant, dtype);
        for (const reduction of variant.options?.reduction
          ? [variant.options.reduction]
          : ['mean', 'sum', 'none']) {
          for (const wrt of [
            'input',
            ...(wrtOf(row, variant).length > 1 ? [wrtOf(row, variant)[1], wrtOf(row, variant)] : []),
          ]) {
            const all = { ...options, reduction, wrt };
            const both = loss.valueAndGrad(input, target, all);
            const what = `${variant.title} ${reduction} ${wrt}`;
            expectSame(loss(input, target, all), both.value, `${what} value`);
            const grad = loss.grad(input, target, all);
            const step = loss.prepare(input, target, all);
            const value = step();
            expectSame(value, both.value, `${what} prepared value`);
            for (const name of Array.isArray(wrt) ? wrt : [undefined]) {
              const pick = (g: Any) => (name === undefined ? g : g[name]);
              expectSame(pick(grad), pick(both.grad), `${what} gradient`);
              expectSame(pick(step.grad), pick(both.grad), `${what} prepared gradient`);
            }
            step.dispose();
          }
        }
      }
    });

    it('mean = sum / count', () => {
      for (const variant of row.variants) {
        if (variant.options?.reduction) continue;
        const { input, target, options, rows: shape } = inputsOf(row, variant, dtype);
        const { weight, sampleWeight } = options as { weight?: Any; sampleWeight?: Any };
        // a sum of its own: of weights that count, of pairs, or of labels in each term
        if (hasOwnMean(row.loss)) continue;
        if (sampleWeight || (weight && targetOf(row, variant) === 'indices')) continue;
        const sum = loss(input, target, { ...options, reduction: 'sum' });
        let count = sizeOf(shape);
        if (targetOf(row, variant) === 'indices') {
          const ignore = options.ignoreIndex ?? -100;
          count = (target.data as Int32Array).filter((label) => label !== ignore).length;
        }
        expectSame(loss(input, target, options), sum / count, variant.title);
      }
    });

    it('tensors = ordinary arrays', () => {
      for (const variant of row.variants) {
        const { input, target, options } = inputsOf(row, variant, dtype);
        F.scope(() => {
          const arrays = loss.valueAndGrad(input, target, options);
          const x = F.tensor(input.data, input.shape);
          const t = F.tensor(target.data, target.shape);
          const own: Record<string, unknown> = { ...options };
          for (const name of Object.keys(variant.tensors ?? {})) {
            own[name] = F.tensor((options[name] as Any).data, (options[name] as Any).shape);
          }
          const tensors = loss.valueAndGrad(x, t, own);
          expectSame(tensors.value, arrays.value, variant.title);
          expectSame(tensors.grad, arrays.grad, variant.title);
        });
      }
    });

    it('in place = elsewhere', () => {
      for (const variant of row.variants) {
        const isSmall = isThirdSmall(inputsOf(row, variant, dtype));
        const names = isFreelyInPlace(row)
          ? wrtOf(row, variant).filter((name) => !(isSmall && name === 'third'))
          : (['input'] as const);
        const at = (name: Role, other: Role, isSpoilt = false) => {
          const { input, target, options } = inputsOf(row, variant, dtype);
          // blocks of such terms are gone through twice
          if (isSpoilt)
            for (const [i, x] of SPOILT.entries()) input.data[(7 * i + 1) % input.data.length] = x;
          const expected = loss.valueAndGrad(input, target, { ...options, wrt: name });
          const out = { input, target, third: options.third as Any }[other];
          const actual = loss.valueAndGrad(input, target, { ...options, wrt: name, out });
          if (actual.grad !== out) throw new Error('the result is not out');
          expectSame(actual.value, expected.value, `${variant.title} value`);
          expectSame(out, expected.grad, `${variant.title} gradient of ${name} in ${other}`);
        };
        for (const name of names)
          for (const other of names) {
            at(name, other);
            if (!isOfRows(row)) at(name, other, true);
          }
        if ((names as readonly Role[]).includes('target')) {
          for (const [a, b] of [
            ['input', 'target'],
            ['target', 'input'],
          ] as const) {
            const { input, target, options } = inputsOf(row, variant, dtype);
            const expected = loss.valueAndGrad(input, target, { ...options, wrt: names });
            const places: Any = { input, target };
            loss.valueAndGrad(input, target, {
              ...options,
              wrt: names,
              out: { grad: { input: places[a], target: places[b] } },
            });
            expectSame(places[a], expected.grad.input, `${variant.title} both, input`);
            expectSame(places[b], expected.grad.target, `${variant.title} both, target`);
          }
        }
      }
    });

    it('the value of ‘none’ may be written over the input of an elementwise loss', () => {
      for (const variant of row.variants) {
        if (isOfRows(row) || variant.options?.reduction) continue;
        const { input, target, options } = inputsOf(row, variant, dtype);
        const expected = loss(input, target, { ...options, reduction: 'none' });
        expectSame(
          loss(input, target, { ...options, reduction: 'none', out: input }),
          expected,
          variant.title,
        );
      }
    });
  });
});
