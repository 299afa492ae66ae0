// Rows whose greatest logit is infinite, through every loop: logSumExp is that logit, everything divided by it is NaN.
import { describe, expect, it } from 'vitest';
import { arrayOf, loaded, matrix } from '../instances.ts';
import { integer, random } from '../random.ts';

type Any = any;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Finite and infinite rows of `classes`, with what their logSumExp is; undefined where that is an ordinary number. */
function rowsOf(classes: number): { x: number[]; want: number | undefined }[] {
  const r = random(classes);
  const finite = () => Array.from({ length: classes }, () => 8 * r() - 4);
  const set = (x: number[], at: number, value: number) => x.map((v, c) => (c === at ? value : v));
  const put = (x: number[], value: number) => set(x, integer(r, classes), value);
  const minus = new Array<number>(classes).fill(-inf);
  const rows = [
    { x: finite(), want: undefined },
    { x: minus, want: -inf },
    { x: put(finite(), inf), want: inf },
    { x: put(minus, inf), want: inf },
    { x: new Array<number>(classes).fill(inf), want: inf },
    { x: put(minus, 2), want: 2 },
    { x: put(minus, nan), want: nan },
    { x: put(finite(), nan), want: nan },
    { x: new Array<number>(classes).fill(nan), want: nan },
  ];
  const both = put(finite(), inf);
  const at = both.indexOf(inf);
  if (classes > 1) rows.push({ x: set(both, (at + 1) % classes, nan), want: nan });
  return rows;
}

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;
  const array = arrayOf[dtype];

  it.each([1, 2, 3, 5, 8, 10, 64, 65, 70, 131, 1024])('%d classes', (classes) => {
    for (const inner of [1, 3]) {
      const rows = rowsOf(classes);
      while (rows.length % inner > 0) rows.pop();
      const outer = rows.length / inner;
      const shape = inner === 1 ? [outer, classes] : [outer, classes, inner];
      const at = (row: number, c: number) => (Math.floor(row / inner) * classes + c) * inner + (row % inner);
      const pack = (of: (row: number, c: number) => number) => {
        const data = new array(rows.length * classes);
        for (let row = 0; row < rows.length; row++)
          for (let c = 0; c < classes; c++) data[at(row, c)] = of(row, c);
        return { data, shape };
      };
      const x = pack((row, c) => rows[row].x[c]);
      const up = pack((row, c) => 1 + ((row + c) % 3));
      const upRows = { data: new array(rows.length).fill(2), shape: inner === 1 ? [outer] : [outer, inner] };
      const sums = F.logSumExp(x).data;
      const results: Record<string, ArrayLike<number>> = {
        'logSumExp’s gradient': F.logSumExp.grad(x, upRows).data,
      };
      for (const name of ['softmax', 'logSoftmax']) {
        const y = F[name](x);
        results[name] = y.data;
        results[`${name}’s gradient`] = F[name].grad(y, up).data;
      }
      rows.forEach(({ x, want }, row) => {
        const what = `row ${row} of ${classes}, inner ${inner}`;
        if (want === undefined) expect(Number.isFinite(sums[row]), what).toBe(true);
        else expect(sums[row], what).toBe(want);
        const isInfinite = want !== undefined && !Number.isFinite(want);
        const kind = (v: number, c: number, isLog: boolean): string => {
          // log 0 is a number like another
          if (Number.isFinite(v) || (isLog && v === -inf && x[c] === -inf)) return 'number';
          return String(v);
        };
        for (const [name, data] of Object.entries(results)) {
          const kinds = new Set(x.map((_, c) => kind(data[at(row, c)], c, name === 'logSoftmax')));
          expect([...kinds], `${name}, ${what}`).toEqual([isInfinite ? 'NaN' : 'number']);
        }
      });
    }
  });
});

// a tile of rows is gone through in one way: the one that its farthest row needs
describe.each(matrix)('logSumExp on $backend in $dtype', ({ backend, dtype }) => {
  it.each([1, 2, 3, 9])('of a row of −∞ at any place, %i classes', (classes) => {
    const F = loaded[backend] as any;
    for (const rows of [8, 16, 17, 40])
      for (let at = 0; at < rows; at++) {
        const data = (arrayOf[dtype] as Float32ArrayConstructor).from({ length: classes * rows }, (_, i) =>
          i % rows === at ? Number.NEGATIVE_INFINITY : 1,
        );
        const { data: got } = F.logSumExp({ data, shape: [1, classes, rows] });
        expect([...got].map((x) => x === Number.NEGATIVE_INFINITY)).toEqual(
          Array.from({ length: rows }, (_, i) => i === at),
        );
      }
  });
});
