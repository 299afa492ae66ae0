// Results beside each operand and over it: side by side is no overlap, one byte shared is, and exactly an input may be written over.
import { describe, expect, it } from 'vitest';
import { code } from '../faults/caught.ts';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { difference } from '../losses/bits.ts';
import {
  variantsOf as allVariantsOf,
  gradientsOf,
  hasData,
  inputBy,
  inputsOf,
  mayBeOver,
  shapeOf,
  sizeOf,
} from '../losses/inputs.ts';
import { lossOf, ROLES } from '../losses/roles.ts';
import { integer, random } from '../random.ts';
import { allRows } from '../rows/index.ts';
import type { Row, Variant } from '../rows/row.ts';

type Any = any;

/** The plain one, one without elements, and some of the others, of those that are small. */
function variantsOf(row: Row): Variant[] {
  const [plain, ...others] = allVariantsOf(row).filter((variant) => sizeOf(shapeOf(row, variant)) < 300);
  const r = random(3);
  const some = Array.from({ length: 4 }, () => others[integer(r, others.length)]);
  const shape = [0, ...shapeOf(row, plain).slice(1)];
  return [plain, { ...plain, title: 'empty', shape }, ...some];
}

describe.each(allRows)('$loss', (row) => {
  describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
    const F = loaded[backend] as Any;
    const loss = lossOf(F, row.loss);

    it.each(['array', 'tensor'])('in one %s', (kind) => {
      const bad: string[] = [];
      let written = 0;
      for (const variant of variantsOf(row)) {
        const inputs = inputsOf(row, variant, dtype);
        const { input, target, options } = inputs;
        const operands: Record<string, Any> = { input, target };
        for (const [name, value] of Object.entries(options)) if (hasData(value)) operands[name] = value;
        const results = [...gradientsOf(row, variant), ...(options.reduction === undefined ? ['value'] : [])];
        for (const result of results) {
          const run = ({ input: x, target: t, ...own }: Any, out?: Any): Any => {
            const all = { ...options, ...own };
            return result === 'value'
              ? loss(x, t, { ...all, reduction: 'none', ...(out && { out }) })
              : loss.grad(x, t, { ...all, wrt: result, out });
          };
          const wanted = run(operands).data;
          const { shape } = result === 'value' ? { shape: inputs.rows } : inputBy(inputs, result);
          const size: number = wanted.byteLength;
          const unit = wanted.BYTES_PER_ELEMENT;
          for (const [name, operand] of Object.entries(operands)) {
            const { byteLength, BYTES_PER_ELEMENT } = operand.data;
            // in bytes: where the result starts, seen from where the operand does
            const middle = unit * Math.floor(byteLength / 2 / unit);
            const ends = [byteLength - BYTES_PER_ELEMENT, byteLength];
            const starts = [-size, unit - size, -unit, 0, unit, middle, ...ends];
            for (const start of starts) {
              const most = size + byteLength + unit;
              const whole = new (arrayOf[dtype] as Float32ArrayConstructor)((2 * most) / unit + 2);
              const held = kind === 'tensor' ? F.tensor(whole) : undefined;
              const { buffer, byteOffset } = held?.data ?? whole;
              // whichever of them is wider lies at a whole element of its own
              const at = byteOffset + unit * Math.ceil(most / unit);
              const data = new operand.data.constructor(buffer, at - start, operand.data.length);
              data.set(operand.data);
              const out = new arrayOf[dtype](buffer, at, size / unit);
              const isApart = size === 0 || byteLength === 0 || start <= -size || start >= byteLength;
              const isOver =
                start === 0 &&
                size === byteLength &&
                data.constructor === out.constructor &&
                (ROLES as readonly string[]).includes(name) &&
                // one that is broadcast is read again and again
                [input.shape, operand.shape].every((dims) => String(dims) === String(shape)) &&
                mayBeOver(row, result, name);
              const isLegal = isApart || isOver;
              const place = { ...operands, [name]: { ...operand, data } };
              const got = code(() => run(place, { data: out, shape }));
              held?.dispose();
              const due = isLegal ? 'nothing thrown' : 'ERR_OPTION';
              const wrong =
                (got === due ? '' : got) ||
                (isLegal ? difference(out, wanted) : '') ||
                (isOver ? '' : difference(data, operand.data));
              if (isOver) written++;
              if (wrong) bad.push(`${variant.title}, ${result} from ${start} bytes of ${name} on: ${wrong}`);
            }
          }
        }
      }
      expect(bad.slice(0, 5)).toEqual([]);
      // the input's own gradient over it, of every variant that is not empty
      expect(written).toBeGreaterThan(4);
    });
  });
});
