// Every variant of every loss, each of its calls: no byte outside the instance's region changes, and inside it none of
// the tensors that lie before, between and behind the operands.
import { describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { dtypes } from '../instances.ts';
import { gradientsOf, hasData, inputBy, inputsOf, sizeOf, variantsOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { integer, random } from '../random.ts';
import { allRows } from '../rows/index.ts';
import { asTensors } from './tensors.ts';

type Any = any;
const PAGE = 65536;
const BASE = 3 * PAGE;
const SIZE = 40 * PAGE;
/** Elements of a guard. */
const GUARD = 64;

const memory = new WebAssembly.Memory({ initial: 46 }); // the region and as much before it as behind it
const whole = Buffer.from(memory.buffer);
// bytes that differ from place to place: copying some of them elsewhere must show
const r = random(17);
const pattern = Buffer.from(Array.from({ length: BASE }, () => integer(r, 256)));
const F = (await load({ memory: { memory, base: BASE, size: SIZE } })) as Any;
pattern.copy(whole);
pattern.copy(whole, BASE + SIZE);

const untouched = (from: number, length: number): boolean =>
  whole.compare(pattern, 0, length, from, from + length) === 0;

describe.each(allRows)('$loss', (row) => {
  it.each(dtypes)('%s', (dtype) => {
    const loss = lossOf(F, row.loss);
    const bad: string[] = [];
    for (const variant of variantsOf(row)) {
      const inputs = inputsOf(row, variant, dtype);
      const wrt = gradientsOf(row, variant);
      const guards: number[] = [];
      const guard = () => {
        const { byteOffset } = F.zeros([GUARD]);
        pattern.copy(whole, byteOffset, 0, 4 * GUARD);
        guards.push(byteOffset);
      };
      F.scope(() => {
        guard();
        const { x, t, own } = asTensors(F, inputs);
        guard();
        const none = F.zeros(inputs.rows, dtype);
        const upstream = F.tensor(
          none.data.map((_: number, i: number) => 1 + (i % 3)),
          inputs.rows,
        );
        guard();
        const grad: Any = {};
        for (const name of wrt) {
          grad[name] = F.zeros(inputBy(inputs, name).shape, dtype);
          guard();
        }
        const operands = [x, t, ...Object.values(own).filter(hasData)];
        const before = operands.map((tensor: Any) => tensor.data.slice());
        const check = (what: string) => {
          const wrong = [
            ...(untouched(0, BASE) ? [] : ['before the region']),
            ...(untouched(BASE + SIZE, whole.length - BASE - SIZE) ? [] : ['behind the region']),
            ...guards.filter((at) => !untouched(at, 4 * GUARD)).map((at) => `guard ${guards.indexOf(at)}`),
            ...operands.flatMap(({ data }: Any, i) =>
              data.every((value: number, k: number) => Object.is(value, before[i][k]))
                ? []
                : [`operand ${i}`],
            ),
          ];
          if (wrong.length) bad.push(`${variant.title}, ${what}: ${wrong}`);
        };
        loss(x, t, own);
        check('value');
        loss.grad(x, t, { ...own, out: grad.input });
        check('gradient');
        loss.valueAndGrad(x, t, { ...own, wrt, out: { grad } });
        check('both');
        if (!variant.options?.reduction && sizeOf(inputs.rows)) {
          const each = { ...own, reduction: 'none' };
          loss(x, t, { ...each, out: none });
          check('none');
          loss.valueAndGrad(x, t, { ...each, wrt, gradOutput: upstream, out: { value: none, grad } });
          check('none, both');
        }
      });
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });
});
