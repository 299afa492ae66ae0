// Every figure against its definition in plain f64, and that nothing depends on how the data came: cut, shuffled, merged.
import { describe, expect, it } from 'vitest';
import {
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type FigureName,
  type Results,
} from '../../src/evaluate/index.ts';
import { kindOf } from '../../src/evaluate/kinds.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { floats, loaded, matrix } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';
import { type Case, figuresOf } from './reference.ts';

/** What a loss's figures are computed of: rows of classes, or elements. */
function data(r: Random, loss: string, dtype: 'f32' | 'f64', rows: number, classes: number): Case {
  const numbers = (length: number, of: () => number) => floats(dtype, Array.from({ length }, of));
  // msle is of numbers from −1 on
  const least = loss === 'msle' ? 4 : 0;
  const number = () => least + Math.round(32 * (r() - 0.5)) / (least ? 8 : 4) + (r() < 0.5 ? r() : 0);
  const isClasses = kindOf(loss).name === 'classes';
  const x = numbers(isClasses ? rows * classes : rows, number);
  if (loss === 'bce') x.set(x.map((y) => 1 / (1 + Math.exp(-y))));
  const labels = Int32Array.from({ length: rows }, () => (r() < 0.1 ? -100 : integer(r, classes)));
  const isSigned = /margin|hinge/i.test(loss);
  const isBinary = kindOf(loss).name === 'binary';
  const target = numbers(rows, () =>
    isBinary ? integer(r, 2) * (isSigned ? 2 : 1) - Number(isSigned) : number(),
  );
  return {
    loss,
    rows,
    classes: isClasses ? classes : 0,
    input: x,
    target: isClasses ? labels : target,
    extra: loss === 'gaussianNll' ? [numbers(rows, () => 0.5 + r())] : [],
    weights: undefined,
    mask: undefined,
    keys: undefined,
  };
}

type Args = Parameters<Evaluation['add']>;

/** Rows `from` to `to` of it, as arguments. */
function batch(all: Case, from: number, to: number): Args {
  const { classes, input, target, extra, weights, mask, keys } = all;
  const size = classes || 1;
  const x = input.subarray(from * size, to * size);
  return [
    classes > 0 ? { data: x, shape: [to - from, classes] } : x,
    target.subarray(from, to),
    ...extra.map((more) => more.subarray(from, to)),
    {
      sampleWeight: weights?.subarray(from, to),
      mask: mask?.slice(from, to),
      group: keys?.slice(from, to),
    },
  ] as unknown as Args;
}

const losses = descriptors.map(({ name }) => name).filter((name) => kindOf(name).name !== 'other');

/** They agree but for rounding; the figures of groups, too. */
function expectClose(
  got: Results,
  want: Partial<Record<FigureName | 'loss' | 'count', unknown>>,
  bound: number,
): void {
  const near = (is: unknown, due: unknown, name: string): void => {
    if (typeof due === 'object' && due !== null)
      for (const [key, value] of Object.entries(due))
        near((is as Record<string, unknown>)[key], value, `${name}.${key}`);
    else if (typeof due === 'number' && Number.isFinite(due) && !Number.isInteger(due))
      expect(Math.abs((is as number) - due), `${name}: ${is}, not ${due}`).toBeLessThanOrEqual(
        bound * Math.max(1, Math.abs(due)),
      );
    else expect(is, name).toBe(due);
  };
  for (const [name, value] of Object.entries(want)) near(got[name as keyof Results], value, name);
}

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend];
  const bound = dtype === 'f32' ? 2e-5 : 1e-11;

  it.each(losses)('%s', (loss) => {
    const r = random(loss.length + dtype.length);
    const figures = Object.keys(kindOf(loss).figures).filter((name) => name !== 'topK') as FigureName[];
    const isClasses = kindOf(loss).name === 'classes';
    for (const classes of isClasses ? [2, 5, 70] : [0]) {
      for (const way of ['plain', 'mask', 'weights', 'groups'] as const) {
        const all = data(r, loss, dtype, 200, classes);
        if (way === 'mask') all.mask = Array.from({ length: all.rows }, () => r() < 0.7);
        if (way === 'weights')
          all.weights = floats(
            dtype,
            Array.from({ length: all.rows }, () => integer(r, 4) / 2),
          );
        if (way === 'groups')
          all.keys = Array.from({ length: all.rows }, () => [7, 'fr', 'de', -3][integer(r, 4)]);
        const wanted = figures.filter(
          (name) => way !== 'weights' || (name !== 'auc' && name !== 'confusion'),
        );
        const options = {
          loss: loss as 'mse',
          figures: wanted,
          ...(isClasses && { topK: [1, 3] }),
        } satisfies EvaluateOptions<'mse'>;
        const start = (): Evaluation => evaluate(F, options);
        const once = start().add(...batch(all, 0, all.rows));
        const result = once.result();
        expectClose(result, figuresOf(all, F, options), bound);
        if (way === 'groups') {
          expect(result.groups!.map(({ key }) => key)).toEqual([-3, 7, 'de', 'fr']);
          for (const group of result.groups!)
            expectClose(group, figuresOf(all, F, options, group.key), bound);
        }
        // cut anywhere, in any order, merged in any nesting: the same to the bit
        const shards = [start(), start(), start()];
        const cuts = [
          0,
          ...Array.from({ length: 6 }, () => integer(r, all.rows)).sort((a, b) => a - b),
          all.rows,
        ];
        const pieces = cuts.slice(1).map((to, i) => [cuts[i], to]);
        pieces
          .sort(() => r() - 0.5)
          .forEach(([from, to], i) => void shards[i % 3].add(...batch(all, from, to)));
        const told = JSON.stringify(once.state());
        const sent = shards.map((shard) => JSON.parse(JSON.stringify(shard.state())));
        const merged = evaluate.from(F, sent[2]).merge(evaluate.from(F, sent[0]).merge(sent[1]).state());
        expect(JSON.stringify(merged.state())).toBe(told);
        expect(merged.result()).toEqual(result);
      }
    }
  });

  it('the mean is that of the loss', () => {
    const r = random(8);
    for (const loss of losses) {
      const all = data(r, loss, dtype, 300, 6);
      const { loss: mean, sum } = evaluate(F, { loss: loss as 'mse' })
        .add(...batch(all, 0, 300))
        .result();
      const call = F[loss as 'mse'] as (...args: unknown[]) => number;
      const inputs = batch(all, 0, 300).slice(0, -1);
      expect(Math.abs(mean / call(...inputs) - 1)).toBeLessThan(dtype === 'f32' ? 1e-7 : 1e-14);
      expect(Math.abs(sum / call(...inputs, { reduction: 'sum' }) - 1)).toBeLessThan(
        dtype === 'f32' ? 1e-7 : 1e-14,
      );
    }
  });
});
