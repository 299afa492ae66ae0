// Start offsets 0–15 × lengths 0–257: the bits of the aligned call, and nothing around the tensors is touched.
import { describe, expect, it } from 'vitest';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { random } from '../random.ts';
import { separateRows } from '../rows/index.ts';
import { difference } from './bits.ts';
import { isClassLoss, isOfRows, isOfSets, setsOf } from './inputs.ts';
import { isProjection, lossOf } from './roles.ts';

type Any = any;
const GUARD = -12345.5;
const LENGTHS = 258;
const OFFSETS = 16;

describe.each(separateRows)('$loss', (row) => {
  it.each(matrix)('any start and length: $backend $dtype', ({ backend, dtype }) => {
    const F = loaded[backend] as Any;
    const loss = lossOf(F, row.loss);
    const r = random(7);
    const make = (draw: (r: () => number) => number, n: number) =>
      (arrayOf[dtype] as Float32ArrayConstructor).from({ length: n }, () => draw(r));
    // lengths along the axis of classes or features (one long row), and along the rows of three of them
    const alongRows = [(n: number) => [1, n + 1], (n: number) => [n, 3]];
    const shapes: ((n: number) => number[])[] =
      isClassLoss(row) && !isProjection(row.loss)
        ? [...alongRows, (n) => [1, 2, n]]
        : isOfRows(row)
          ? alongRows
          : [(n) => [n]];
    const bad: string[] = [];
    for (const shapeOf of shapes) {
      for (let n = 0; n < LENGTHS; n++) {
        const shape = shapeOf(n);
        const size = shape.reduce((a, b) => a * b, 1);
        const x = make(row.input, size);
        const classes = isClassLoss(row) ? shape[1] : 0;
        const rowShape = shape.filter((_, i) => i !== 1);
        const labels = Int32Array.from({ length: classes ? size / classes : 0 }, () =>
          Math.floor(r() * classes),
        );
        const t = classes ? labels : isOfSets(row) ? setsOf(r, shape).data : make(row.target, size);
        const targetShape = classes ? rowShape : shape;
        const expected = loss.valueAndGrad({ data: x, shape }, { data: t, shape: targetShape });
        // all sixteen starts in turn for each operand, each differently aligned from the others
        for (let start = 0; start < OFFSETS; start++) {
          const place = (array: Any, offset: number) => {
            const whole = new array.constructor(array.length + 2 * OFFSETS).fill(
              array instanceof Int32Array ? -7 : GUARD,
            );
            whole.set(array, offset);
            return whole;
          };
          const starts = [start, (3 * start + 1) % OFFSETS, (5 * start + 2) % OFFSETS];
          const wholes = [place(x, starts[0]), place(t, starts[1]), place(x.slice().fill(0), starts[2])];
          const held = backend === 'wasm' ? wholes.map((w) => F.tensor(w)) : undefined;
          const arrays: Any[] = held?.map((h: Any) => h.data) ?? wholes;
          const part = (i: number, length: number) => arrays[i].subarray(starts[i], starts[i] + length);
          const out = { data: part(2, size), shape };
          const { value } = loss.valueAndGrad(
            { data: part(0, size), shape },
            { data: part(1, t.length), shape: targetShape },
            { out },
          );
          // the call may have made the memory grow, for working space
          if (held) arrays.splice(0, 3, ...held.map((h: Any) => h.data));
          const wrong = Object.is(value, expected.value)
            ? difference(part(2, size), expected.grad.data)
            : `value ${value}`;
          if (wrong) bad.push(`[${shape}] from ${starts}: ${wrong}`);
          const guards = difference(
            arrays[2].slice(0, starts[2]),
            new arrays[2].constructor(starts[2]).fill(GUARD),
          );
          const after = arrays[2].slice(starts[2] + size);
          if (guards || difference(after, after.slice().fill(GUARD)))
            bad.push(`[${shape}] from ${starts}: guard words`);
          if (difference(part(0, size), x) || difference(part(1, t.length), t))
            bad.push(`[${shape}]: an input changed`);
          if (held) for (const tensor of held) tensor.dispose();
        }
      }
    }
    expect(bad.slice(0, 5)).toEqual([]);
  });
});
