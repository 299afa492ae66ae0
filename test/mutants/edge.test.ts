// Operands that end where the memory ends: one byte read or written too far traps.
import { describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { arrayOf } from '../instances.ts';
import { isClassLoss, isOfRows, isOfSets, setsOf, termsOf } from '../losses/inputs.ts';
import { isProjection, lossOf } from '../losses/roles.ts';
import { random } from '../random.ts';
import { separateRows } from '../rows/index.ts';

type Any = any;
const PAGE = 65536;
const REGION = 4 * PAGE;
const LENGTHS = 70;

describe.each(separateRows)('$loss', (row) => {
  const shapes: ((n: number) => number[])[] = isClassLoss(row)
    ? [(n) => [1, n + 1], (n) => [n, 3], (n) => [1, 3, n], (n) => [3, n + 1]]
    : isOfRows(row)
      ? [(n) => [1, n + 1], (n) => [n, 3], (n) => [3, n + 1]]
      : [(n) => [n]];

  it.each(['f32', 'f64'] as const)('each operand in turn: %s', async (dtype) => {
    const memory = new WebAssembly.Memory({ initial: 6 });
    const F = (await load({ memory: { memory, base: 0, size: REGION } })) as Any;
    const loss = lossOf(F, row.loss);
    const r = random(11);
    const end = memory.buffer.byteLength;
    const atEnd = (data: ArrayLike<number>, shape: number[], type: string) => {
      const size = type === 'f64' ? 8 : 4;
      const tensor = F.attach(end - data.length * size, shape, type);
      tensor.data.set(data);
      return tensor;
    };
    for (const shapeOf of shapes) {
      for (let n = 1; n < LENGTHS; n++) {
        const shape = shapeOf(n);
        const size = shape.reduce((a, b) => a * b, 1);
        const rowShape = [...termsOf(row, shape)];
        const targetShape = isClassLoss(row) ? rowShape : shape;
        const count = rowShape.reduce((a, b) => a * b, 1);
        const draw = (length: number, of: (r: () => number) => number) =>
          (arrayOf[dtype] as Float32ArrayConstructor).from({ length }, () => of(r));
        const x = draw(size, row.input);
        const labels = Int32Array.from({ length: count }, () =>
          Math.floor(r() * (isProjection(row.loss) ? shape.at(-1)! : shape[1])),
        );
        const sets = isOfSets(row) ? setsOf(r, shape).data : undefined;
        const t = isClassLoss(row) ? labels : (sets ?? draw(size, row.target));
        const s = draw(count, (u) => u() + 0.5);
        const [X, T] = [
          { data: x, shape },
          { data: t, shape: targetShape },
        ];
        const S = { data: s, shape: rowShape };
        F.scope(() => {
          const input = () => atEnd(x, shape, dtype);
          const target = () => atEnd(t, targetShape, isClassLoss(row) || sets ? 'i32' : dtype);
          const whole = () => atEnd(new Float64Array(size), shape, dtype);
          const perRow = () => atEnd(new Float64Array(count), rowShape, dtype);
          const expected = loss.valueAndGrad(X, T, { sampleWeight: S });
          const same = (actual: Any) => {
            expect(actual.value).toBe(expected.value);
            expect([...actual.grad.data]).toEqual([...expected.grad.data]);
          };
          same(loss.valueAndGrad(input(), T, { sampleWeight: S }));
          same(loss.valueAndGrad(X, target(), { sampleWeight: S }));
          same(loss.valueAndGrad(X, T, { sampleWeight: atEnd(s, rowShape, dtype) }));
          same(loss.valueAndGrad(X, T, { sampleWeight: S, out: whole() }));
          expect(loss(input(), T)).toBe(loss(X, T));
          expect(loss(X, target())).toBe(loss(X, T));
          const none = { reduction: 'none' };
          expect([...loss(X, T, { ...none, out: perRow() }).data]).toEqual([...loss(X, T, none).data]);
          const g = loss.grad(X, T);
          expect([...loss.grad(X, T, { out: whole() }).data]).toEqual([...g.data]);
          const upstream = { ...none, gradOutput: S };
          const gradOutput = atEnd(s, rowShape, dtype);
          expect([...loss.grad(X, T, { ...none, gradOutput }).data]).toEqual([
            ...loss.grad(X, T, upstream).data,
          ]);
        });
      }
    }
  });
});
