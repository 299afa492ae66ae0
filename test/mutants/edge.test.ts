// Operands that end where the memory ends: one byte read or written too far traps.
import { describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { arrayOf, dtypes } from '../instances.ts';
import { difference } from '../losses/bits.ts';
import { gradientsOf, hasData, inputBy, inputsOf, lengthsOf, sizeOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';

type Any = any;
const PAGE = 65536;
const REGION = 20 * PAGE;
const LENGTHS = 70;

describe.each(allRows)('$loss', (row) => {
  it.each(dtypes)('each operand in turn: %s', async (dtype) => {
    const memory = new WebAssembly.Memory({ initial: 22 });
    const F = (await load({ memory: { memory, base: 0, size: REGION } })) as Any;
    const loss = lossOf(F, row.loss);
    const end = memory.buffer.byteLength;
    const atEnd = ({ data, shape }: Any) => {
      const type = data instanceof Int32Array ? 'i32' : dtype;
      const tensor = F.attach(end - data.byteLength, shape, type);
      tensor.data.set(data);
      return tensor;
    };
    const bad: string[] = [];
    for (const variant of lengthsOf(row, LENGTHS - 1, 1)) {
      const inputs = inputsOf(row, variant, dtype);
      const { input, target, rows } = inputs;
      const wrt = gradientsOf(row, variant);
      const perTerm = {
        data: new arrayOf[dtype](sizeOf(rows)).map((_, i) => 0.5 + (i % 7) / 8),
        shape: rows,
      };
      const given: Any = { ...inputs.options, input, target, sampleWeight: perTerm };
      for (const reduction of ['mean', 'none']) {
        const isEach = reduction === 'none';
        const all = isEach ? { ...given, gradOutput: perTerm } : given;
        const split = ({ input: x, target: t, ...options }: Any) => [x, t, { ...options, reduction }];
        const [x, t, options] = split(all);
        const wanted = loss.valueAndGrad(x, t, { ...options, wrt });
        const check = (what: string, got: Any, due: Any) => {
          const list = (result: Any) => (typeof result === 'number' ? [result] : result.data);
          const wrong = difference(list(got), list(due));
          if (wrong) bad.push(`${variant.title} ${reduction}, ${what}: ${wrong}`);
        };
        for (const last of Object.keys(all).filter((name) => hasData(all[name]))) {
          F.scope(() => {
            const placed = split({ ...all, [last]: atEnd(all[last]) });
            const [a, b, own] = placed;
            const { value, grad } = loss.valueAndGrad(a, b, { ...own, wrt });
            check(`${last} last`, value, wanted.value);
            for (const name of wrt) check(`${last} last, gradient of ${name}`, grad[name], wanted.grad[name]);
            const { gradOutput, ...plain } = own;
            if (last !== 'gradOutput') check(`${last} last, value alone`, loss(a, b, plain), wanted.value);
            check(`${last} last, gradient alone`, loss.grad(a, b, own), wanted.grad.input);
          });
        }
        for (const last of wrt) {
          F.scope(() => {
            const out = atEnd({
              data: new arrayOf[dtype](inputBy(inputs, last).data.length),
              shape: inputBy(inputs, last).shape,
            });
            check(
              `gradient of ${last} last`,
              loss.grad(x, t, { ...options, wrt: last, out }),
              wanted.grad[last],
            );
            const { value } = loss.valueAndGrad(x, t, { ...options, wrt: last, out });
            check(`gradient of ${last} last, value`, value, wanted.value);
            check(`gradient of ${last} last, with the value`, out, wanted.grad[last]);
          });
        }
        if (!isEach) continue;
        F.scope(() => {
          const { gradOutput, ...plain } = options;
          const out = atEnd({ data: new arrayOf[dtype](sizeOf(rows)), shape: rows });
          check('value last', loss(x, t, { ...plain, out }), wanted.value);
        });
      }
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });
});
