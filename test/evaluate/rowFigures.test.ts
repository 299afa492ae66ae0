// What rows say of their labels, against the definitions in f64: every layout and number of classes that has loops of its own.
import { describe, expect, it } from 'vitest';
import { arrayOf, floats, loaded, matrix } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';

const names = ['nll', 'rank', 'argmax', 'confidence', 'entropy', 'brier'] as const;
type Figures = Record<(typeof names)[number], number>;

/** From the definitions: probabilities that are differences are added up instead. */
function reference(x: ArrayLike<number>, label: number): Figures {
  const all = Array.from(x);
  if (all.some(Number.isNaN))
    return { nll: NaN, rank: NaN, argmax: NaN, confidence: NaN, entropy: NaN, brier: NaN };
  const m = Math.max(...all);
  const argmax = all.indexOf(m);
  const rank = all.filter((y, j) => y > x[label] || (y === x[label] && j < label)).length;
  if (!Number.isFinite(m)) return { nll: NaN, rank, argmax, confidence: NaN, entropy: NaN, brier: NaN };
  const e = all.map((y) => Math.exp(y - m));
  const sum = (terms: number[]) => terms.sort((a, b) => Math.abs(a) - Math.abs(b)).reduce((a, b) => a + b, 0);
  const rest = sum(e.filter((_, j) => j !== argmax));
  const z = 1 + rest;
  const missed = sum(e.filter((_, j) => j !== label)) / z;
  return {
    nll: Math.log1p(rest) + (m - x[label]),
    rank,
    argmax,
    confidence: 1 / z,
    entropy: Math.log1p(rest) + sum(e.map((p, j) => (p === 0 ? 0 : p * (m - all[j])))) / z,
    brier: missed ** 2 + sum(e.filter((_, j) => j !== label).map((p) => (p / z) ** 2)),
  };
}

const kinds: Record<string, (r: Random) => number> = {
  plain: (r) => 10 * (r() - 0.5),
  ties: (r) => integer(r, 3),
  equal: () => 0.1,
  confident: (r) => (r() < 0.05 ? 40 : 0) + r(),
  'wide gaps': (r) => 300 * (r() - 0.5),
  'some −∞': (r) => (r() < 0.3 ? -Infinity : r()),
  'some +∞': (r) => (r() < 0.02 ? Infinity : r()),
  'some NaN': (r) => (r() < 0.02 ? NaN : r()),
  'all −∞': () => -Infinity,
};

const CLASSES = [1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 128, 1000, 1024, 1030, 3000];

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend];
  const bound = dtype === 'f32' ? 4e-6 : 1e-12;

  it.each(Object.keys(kinds))('%s', (kind) => {
    const r = random(kind.length);
    for (const classes of CLASSES) {
      for (const inner of [1, 3]) {
        const outer = 1 + integer(r, 4);
        const x = floats(
          dtype,
          Array.from({ length: outer * classes * inner }, () => kinds[kind](r)),
        );
        const labels = Int32Array.from({ length: outer * inner }, () => integer(r, classes));
        const ignored = integer(r, 5);
        if (ignored < labels.length) labels[ignored] = -100;
        const shape = inner === 1 ? [outer, classes] : [outer, classes, inner];
        const rows = inner === 1 ? [outer] : [outer, inner];
        const got = F.rowFigures({ data: x, shape }, { data: labels, shape: rows });
        labels.forEach((label, i) => {
          const first = Math.floor(i / inner) * classes * inner + (i % inner);
          const row = Array.from({ length: classes }, (_, j) => x[first + j * inner]);
          const want = label === -100 ? undefined : reference(row, label);
          for (const name of names) {
            const [is, due] = [got[name].data[i], want === undefined ? NaN : want[name]];
            const where = `${name} of ${classes} classes, inner ${inner}, row ${i}`;
            if (name === 'rank' || name === 'argmax' || !Number.isFinite(due)) expect(is, where).toBe(due);
            else
              expect(Math.abs(is - due), `${where}: ${is}, not ${due}`).toBeLessThanOrEqual(
                bound * due + 1e-30,
              );
          }
        });
      }
    }
  });

  it('has the bits of cross entropy in long rows, whatever the others are', () => {
    const r = random(4);
    for (const kind of Object.keys(kinds)) {
      for (const classes of CLASSES.filter((n) => n > 64)) {
        const x = {
          data: floats(
            dtype,
            Array.from({ length: 7 * classes }, () => kinds[kind](r)),
          ),
          shape: [7, classes],
        };
        const labels = Int32Array.from({ length: 7 }, () => integer(r, classes));
        const { nll } = F.rowFigures(x, labels);
        if (backend === 'wasm') expect(nll).toEqual(F.crossEntropy(x, labels, { reduction: 'none' }));
        labels.forEach((label, i) => {
          const row = { data: x.data.slice(i * classes, (i + 1) * classes), shape: [1, classes] };
          const alone = F.rowFigures(row, Int32Array.of(label));
          expect(alone.nll.data[0]).toBe(nll.data[i]);
        });
      }
    }
  });

  it('makes what is wanted, with the same bits, and nothing else', () => {
    const r = random(6);
    for (let k = 0; k < 60; k++) {
      const classes = CLASSES[integer(r, CLASSES.length)];
      const inner = 1 + integer(r, 2);
      const rows = [3, inner];
      const x = {
        data: new arrayOf[dtype](
          Array.from({ length: 3 * classes * inner }, () => (r() < 0.02 ? Number.NaN : 4 * (r() - 0.5))),
        ),
        shape: [3, classes, inner],
      };
      const labels = { data: Int32Array.from({ length: 3 * inner }, () => integer(r, classes)), shape: rows };
      const only = names.filter(() => r() < 0.5);
      const before = F.memory.bytesInUse;
      const got = F.rowFigures(x, labels, { only });
      const all = F.rowFigures(x, labels);
      expect(Object.keys(got).sort()).toEqual([...only].sort());
      for (const name of only) expect(got[name]).toEqual(all[name]);
      const tensor = F.tensor(x.data, x.shape);
      F.scope(() => {
        const some = F.rowFigures(tensor, labels, { only });
        for (const name of only) expect([...some[name].data]).toEqual([...all[name].data]);
      });
      tensor.dispose();
      expect(F.memory.bytesInUse).toBe(before);
    }
  });

  it('works on tensors, which it returns then, and on any axis', () => {
    const before = F.memory.bytesInUse;
    F.scope(() => {
      const x = F.tensor(arrayOf[dtype].of(1, 3, 2, 5, 5, 0), [2, 3]);
      const { rank, argmax } = F.rowFigures(x, Int32Array.of(2, 1));
      expect([...rank.data, ...argmax.data]).toEqual([1, 1, 1, 0]);
      const turned = F.tensor(arrayOf[dtype].of(1, 5, 3, 5, 2, 0), [3, 2]);
      expect([...F.rowFigures(turned, Int32Array.of(2, 1), { axis: 0 }).rank.data]).toEqual([1, 1]);
    });
    expect(F.memory.bytesInUse).toBe(before);
  });

  it('refuses labels that are none, and forgets what it made', () => {
    const x = { data: new arrayOf[dtype](6), shape: [2, 3] };
    const before = F.memory.bytesInUse;
    expect(() => F.rowFigures(x, Int32Array.of(0, 3))).toThrow(
      expect.objectContaining({ code: 'ERR_LABEL' }),
    );
    expect(() => F.rowFigures(x, Int32Array.of(0))).toThrow(expect.objectContaining({ code: 'ERR_SHAPE' }));
    expect(() => F.rowFigures(x, Float32Array.of(0, 1) as never)).toThrow(
      expect.objectContaining({ code: 'ERR_DTYPE' }),
    );
    for (const only of [['loss'], Array(7).fill('nll')])
      expect(() => F.rowFigures(x, Int32Array.of(0, 1), { only: only as never })).toThrow(
        expect.objectContaining({ code: 'ERR_OPTION' }),
      );
    // @ts-expect-error: no option of it
    expect(() => F.rowFigures(x, Int32Array.of(0, 1), { reduction: 'none' })).toThrow(
      expect.objectContaining({ code: 'ERR_OPTION' }),
    );
    expect(F.memory.bytesInUse).toBe(before);
  });
});
