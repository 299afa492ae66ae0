// Shapes without elements, whatever their other sizes are: no work, no room, and results as empty.
import { expect, it } from 'vitest';
import { type LossFunctions, load } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { drawOf } from '../draws/index.ts';
import { isClassLoss, isOfRows, isOfSets, sizeOf } from '../losses/inputs.ts';
import { isProjection, lossOf } from '../losses/roles.ts';
import { allRows, rows, separateRows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';

type Any = any;

const SIZES = [0, 1, 65, 2 ** 24, 2 ** 32, 2 ** 53 - 1];
const shapes = SIZES.flatMap((a) => SIZES.flatMap((b) => SIZES.map((c) => [a, b, c]))).filter(
  (shape) => sizeOf(shape) === 0,
);
const classLosses: readonly string[] = separateRows.flatMap((row) => (isClassLoss(row) ? row.loss : []));
const ofFeatures = separateRows.flatMap((row) => (isOfRows(row) && !isClassLoss(row) ? row.loss : []));

/** Every way to call with inputs of this shape. */
function calls(F: Any, shape: readonly number[], axis: number): Record<string, () => unknown> {
  const floats = { data: new Float32Array(0), shape };
  const tensor = F.zeros(shape);
  const labels = { data: new Int32Array(0), shape: shape.filter((_, i) => i !== axis) };
  const ways: Record<string, () => unknown> = {};
  const add = (name: string, call: (options: object) => unknown, options: object): void => {
    for (const reduction of ['sum', 'none'])
      ways[`${name} ${reduction}`] = () => call({ ...options, reduction });
  };
  // a product's weights are not empty: it has tests of its own
  for (const loss of separateRows.map(({ loss }) => loss).filter((name) => !isProjection(name as LossName))) {
    const isOfClasses = classLosses.includes(loss);
    const wrt = ['input', 'target'];
    const areRows = isOfClasses || ofFeatures.includes(loss as never);
    const hasAxis = F[loss].options.includes('axis');
    // those without the option have their rows along the last
    if (areRows && !hasAxis && axis !== shape.length - 1) continue;
    const sampleWeight = areRows ? { ...floats, shape: labels.shape } : floats;
    const step = (x: unknown, t: unknown) => (options: object) => {
      const run = lossOf(F, loss).prepare(x, t, options);
      return [run(), run()];
    };
    if (isOfClasses) {
      add(`${loss}, labels`, (options) => F[loss].valueAndGrad(floats, labels, options), { axis });
      const classes = shape[axis];
      const weight = classes < 100 ? new Float32Array(classes).fill(2) : undefined;
      add(`${loss}, weights`, step(tensor, labels), { axis, sampleWeight, weight });
      if (registry[loss as LossName].inputs[1].holds !== 'either') continue;
      add(`${loss}, probabilities`, (options) => F[loss].valueAndGrad(floats, floats, options), {
        axis,
        wrt,
      });
      add(`${loss}, tensors`, step(tensor, tensor), { axis, wrt, labelSmoothing: 0.1, sampleWeight });
      if (!F[loss].options.includes('fromLogits')) continue;
      add(`${loss}, a softmax`, step(floats, tensor), { axis, wrt, fromLogits: false });
    } else if (isOfSets(rows[loss as keyof typeof rows])) {
      const sets = { data: new Int32Array(0), shape };
      add(loss, (options) => F[loss].valueAndGrad(floats, sets, options), {});
      add(`${loss}, weights`, step(tensor, sets), { sampleWeight });
    } else {
      const at = hasAxis ? { axis } : {};
      add(loss, (options) => lossOf(F, loss).valueAndGrad(floats, tensor, options), { wrt, ...at });
      // from the last 0 on it broadcasts, and is empty
      const weight = { ...floats, shape: shape.slice(shape.lastIndexOf(0)) };
      const more = F[loss].options.includes('weight') ? { weight, sampleWeight } : { sampleWeight };
      add(`${loss}, weights`, step(tensor, floats), { wrt, ...more, ...at });
    }
  }
  for (const name of ['softmax', 'logSoftmax', 'logSumExp']) {
    const upstream = name === 'logSumExp' ? { ...floats, shape: labels.shape } : tensor;
    ways[name] = () => F[name](tensor, { axis });
    ways[`${name}.grad`] = () => F[name].grad(floats, upstream, { axis });
  }
  for (const name of ['sigmoid', 'exp']) ways[name] = () => F[name](floats);
  return ways;
}

const instances = [
  ['wasm', {}],
  ['js', { backend: 'js' }],
  ['two threads', { threads: 2 }],
  ['a region', { memory: { memory: new WebAssembly.Memory({ initial: 2 }), base: 0, size: 2 * 65536 } }],
] as const;

it.each(instances)('%s', async (_, options) => {
  const F: LossFunctions = await load(options as Any);
  const { memory } = F;
  const marks = F.zeros([1000], 'u8');
  marks.data.fill(77);
  // room for steps and empty results of each loss, and no more
  const room = 1_640 * separateRows.map(({ loss }) => loss).length;
  if (!('memory' in options)) F.zeros([room - 1000], 'u8').dispose();
  const before = [memory.bytesInUse, memory.liveTensors, memory.capacity];
  const most = memory.bytesInUse + room;
  for (const shape of shapes) {
    for (const axis of [0, 1, 2]) {
      // an axis without classes, but with rows
      const rowCount = sizeOf(shape.filter((_, i) => i !== axis));
      F.scope(() => {
        for (const [name, call] of Object.entries(calls(F, shape, axis))) {
          const where = `${name} of [${shape}], axis ${axis}`;
          // rows of no features have their terms; more than can be are refused
          const hasTerms = rowCount > 0 && ofFeatures.some((loss) => name.startsWith(loss));
          if (hasTerms && rowCount <= 2 ** 16) continue;
          let result: Any;
          try {
            result = call();
          } catch (error) {
            expect(error, where).toMatchObject({ code: 'ERR_SHAPE' });
            expect(rowCount, where).toBeGreaterThan(0);
            continue;
          }
          const values = [result, result.value, ...[result].flat()].filter((x) => typeof x === 'number');
          expect(
            values.every((x) => x === 0),
            where,
          ).toBe(true);
        }
      });
    }
  }
  expect(marks.data.every((mark) => mark === 77)).toBe(true);
  expect([memory.bytesInUse, memory.liveTensors, memory.capacity]).toEqual(before);
  expect(memory.highWaterMark).toBeLessThan(most);
  F.dispose();
});

/** Terms that losses of what is empty have at most. */
const MOST = 2 ** 16;
/** Ways of the draws: labels, numbers, axes and options with values; none of them has a weight of each class. */
const ways = [0.35, 0.6, 0.9];

it.each(instances)('%s: losses whose inputs their families draw', async (_, options) => {
  const F = (await load(options as Any)) as Any;
  const pairs = SIZES.flatMap((a) => SIZES.map((b) => [a, b])).filter((shape) => sizeOf(shape) === 0);
  const before = [F.memory.bytesInUse, F.memory.liveTensors];
  for (const { loss: name } of allRows) {
    const own = drawOf(name);
    if (own === undefined) continue;
    const hasLengths = registry[name].inputs.some(({ holds }) => holds === 'lengths');
    const loss = lossOf(F, name);
    let calls = 0;
    for (const shape of [...shapes, ...pairs]) {
      // there are as many lengths as sequences
      if (hasLengths && shape.length === 3 && shape[1] > MOST) continue;
      for (const way of ways) {
        const r = () => way;
        const drawn = own.options(name, shape, {}, r, () => 2);
        if (drawn === undefined) continue;
        const { target, third, fourth, integers, terms } = own.inputs(name, shape, drawn, {
          r,
          input: () => 1,
          target: () => 1,
          range: [0, 3],
        });
        const typed = (role: 'target' | 'third' | 'fourth', of: Any) =>
          of && {
            data: (integers.includes(role) ? Int32Array : Float32Array).from(of.data),
            shape: of.shape,
          };
        const x = { data: new Float32Array(0), shape };
        const t = typed('target', target);
        const more = { third: typed('third', third), fourth: typed('fourth', fourth) };
        const all = { ...drawn, ...(third && more) };
        const count = sizeOf(terms);
        const where = `${name} of [${shape}], ${way}`;
        for (const reduction of ['sum', 'none']) {
          let grad: Any;
          let value: Any;
          try {
            ({ value, grad } = loss.valueAndGrad(x, t, { ...all, reduction }));
            const step = loss.prepare(x, t, { ...all, reduction });
            step();
            step.dispose();
          } catch (error) {
            expect(error, where).toMatchObject({ code: 'ERR_SHAPE' });
            expect(count, where).toBeGreaterThan(MOST);
            continue;
          }
          calls++;
          expect([grad.data.length, ...grad.shape], where).toEqual([0, ...shape]);
          if (reduction === 'none') expect(value.shape, where).toEqual(terms);
          else if (count === 0) expect(value, where).toBe(0);
        }
      }
    }
    expect(calls, name).toBeGreaterThan(10);
  }
  expect([F.memory.bytesInUse, F.memory.liveTensors]).toEqual(before);
  F.dispose();
});
