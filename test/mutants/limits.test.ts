// Ends of ranges: the axis option, a shape without axes, strides that say what is so anyway, scopes within scopes.
import { describe, expect, it } from 'vitest';
import { loadSync } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { backends, loaded, matrix } from '../instances.ts';
import { descriptorOf } from '../intervals.ts';
import { expectSame } from '../losses/bits.ts';
import { hasData, inputsOf, shapeOf, sizeOf, variantsOf } from '../losses/inputs.ts';
import { lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';

type Any = any;

describe.each(matrix)('$backend $dtype', ({ backend, dtype }) => {
  const F = loaded[backend] as Any;

  const ofAxis = allRows.filter(({ loss }) => 'axis' in registry[loss].options);

  it.each(ofAxis)('$loss: the axis may be from −32 to 31, as far as the shape has it', (row) => {
    const loss = lossOf(F, row.loss);
    const [{ options }] = row.variants;
    const at = (axis: number, own?: number) => {
      const shape = Array(32).fill(1);
      shape.splice(axis, 1, 2);
      const inputs = inputsOf(row, { title: '', shape, options: { ...options, axis } }, dtype);
      const given: Any = own === undefined ? {} : { axis: own };
      return loss(inputs.input, inputs.target, { ...inputs.options, ...given, reduction: 'sum' });
    };
    expect(at(-32)).toBe(at(-32, 0));
    expect(at(31)).toBe(at(31, -1));
    for (const axis of [-33, 32])
      expect(() => at(-1, axis)).toThrow('"axis" expected an integer from -32 to 31');
  });

  const ofBatches = allRows.filter(({ loss }) => descriptorOf(loss).batchmean);

  it.each(ofBatches)('$loss: batchmean of a shape without axes divides by 1', (row) => {
    const loss = lossOf(F, row.loss);
    const { input, target } = inputsOf(row, { title: '', shape: [] }, dtype);
    const [sum, mean] = ['sum', 'batchmean'].map((reduction) =>
      loss.valueAndGrad(input, target, { reduction }),
    );
    expect(mean.value).not.toBe(0);
    expect(mean).toEqual(sum);
  });

  it.each(allRows)('$loss: strides that say what is so anyway are dense', (row) => {
    const loss = lossOf(F, row.loss);
    for (const variant of variantsOf(row)) {
      if (sizeOf(shapeOf(row, variant)) > 100) continue;
      const { input, target, options } = inputsOf(row, variant, dtype);
      const dense = (tensor: Any) => {
        let stride = 1;
        const all = tensor.shape.map((_: number, k: number) => {
          const own = stride;
          stride *= tensor.shape.at(-1 - k);
          // an axis that has no second element may say anything
          return tensor.shape.at(-1 - k) === 1 ? 77 : own;
        });
        return { ...tensor, stride: all.reverse(), offset: 0 };
      };
      const own = Object.fromEntries(
        Object.entries(options).map(([name, v]: Any) => [name, hasData(v) ? dense(v) : v]),
      );
      const expected = loss.valueAndGrad(input, target, options);
      const { value, grad } = loss.valueAndGrad(dense(input), dense(target), own);
      expectSame(value, expected.value, `${variant.title}, value`);
      expectSame(grad, expected.grad, `${variant.title}, gradient`);
    }
  });
});

describe.each(backends)('%s', (backend) => {
  it('what an inner scope passes out ends with the next scope', () => {
    const F = loadSync({ backend }) as Any;
    const seen: Any[] = [];
    F.scope(() => {
      F.scope(() => {
        seen.push(F.scope(() => F.zeros([5])));
        expect(seen[0].disposed).toBe(false);
      });
      expect(seen[0].disposed).toBe(true);
      seen.push(F.scope(() => F.zeros([5])));
    });
    expect(seen[1].disposed).toBe(true);
    expect(F.memory.liveTensors).toBe(0);
  });

  it('the high-water mark is that of bytes in use', () => {
    const F = loadSync({ backend }) as Any;
    expect(F.memory.highWaterMark).toBe(F.memory.bytesInUse);
    const tensor = F.zeros([1000]);
    const most = F.memory.bytesInUse;
    tensor.dispose();
    expect(F.memory.highWaterMark).toBe(most);
  });
});
