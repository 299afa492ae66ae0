// What is refused, with which code and text; a call that throws has written nothing and leaked nothing.
import { describe, expect, it } from 'vitest';
import { type LossFunctions, load } from '../../src/index.ts';
import { drawOf } from '../draws/index.ts';
import { backends } from '../instances.ts';
import { rows } from '../rows/index.ts';
import type { LossName } from '../rows/row.ts';
import { inputsOf, isClassLoss, isOfRows, sizeOf, takesNumbers } from './inputs.ts';
import { isProjection, isTernary, lossOf } from './roles.ts';

/** What `wrt` may name. */
const sourcesOf = (loss: LossName): string => {
  if (loss === 'ctc') return '"input" or "target" or "third" or "fourth"';
  if (loss === 'infoNce') return '"input" or "target" or "logitScale"';
  if (isProjection(loss)) return '"input" or "third" or "target" or "linearBias"';
  return isTernary(loss) ? '"input" or "target" or "third"' : '"input" or "target"';
};

type Any = any;
interface Caught {
  code: string;
  type: string;
  message: string;
}

const caught = (f: () => unknown): Caught => {
  try {
    f();
  } catch (error) {
    const { code, message } = error as Any;
    return { code, message, type: (error as Error).constructor.name };
  }
  return { code: 'nothing thrown', message: '', type: '' };
};

const kinds: Record<string, string> = {
  ERR_TYPE: 'TypeError',
  ERR_DTYPE: 'TypeError',
  ERR_SHAPE: 'RangeError',
  ERR_OPTION: 'RangeError',
  ERR_LABEL: 'RangeError',
  ERR_DISPOSED: 'Error',
};

describe.each(backends)('%s', async (backend) => {
  const F = (await load({ backend })) as Any;
  const G: LossFunctions = F;

  describe.each(Object.values(rows))('$loss', (row) => {
    const { input, target, rows: terms } = inputsOf(row, row.variants[0], 'f32');
    const loss = lossOf(F, row.loss);
    /** What has no default. */
    const needed = row.variants[0].options ?? {};
    const isOwn = drawOf(row.loss) !== undefined;
    const other = (x: Any) => ({ data: Float64Array.from(x.data), shape: x.shape });
    const n = input.data.length;

    const refused: [string, string, string, unknown, unknown, unknown?][] = [
      ['a bare number', 'ERR_TYPE', '"input" expected a Tensor', 3, target],
      ['null', 'ERR_TYPE', '"target" expected', input, null],
      ['undefined', 'ERR_TYPE', '"target" expected', input, undefined],
      ['a string', 'ERR_TYPE', '"input" expected', 'abc', target],
      ...[{ shape: [1] }, { dims: [1] }, { data: input.data }, {}].map((object): (typeof refused)[number] => [
        `an object with no more than ${Object.keys(object)}`,
        'ERR_TYPE',
        'an object with "data" and "shape" or "dims", got an object',
        object,
        target,
      ]),
      ['a DataView', 'ERR_DTYPE', 'DataView', new DataView(new ArrayBuffer(8)), target],
      ['clamped bytes', 'ERR_DTYPE', 'u8', { data: new Uint8ClampedArray(n), shape: input.shape }, target],
      [
        'integers as input',
        'ERR_DTYPE',
        '"input" expected f32, f64, f16 or bf16, got i32',
        { data: new Int32Array(n), shape: input.shape },
        target,
      ],
      [
        'a shape that is none',
        'ERR_TYPE',
        '"input.shape" expected a shape',
        { data: input.data, shape: 4 },
        target,
      ],
      [
        'a negative size',
        'ERR_SHAPE',
        '"input.shape" expected sizes',
        { data: input.data, shape: [-n] },
        target,
      ],
      ['a fractional size', 'ERR_SHAPE', '"input.shape"', { data: input.data, shape: [n + 0.5] }, target],
      ['too few elements', 'ERR_SHAPE', `but ${n} elements`, { data: input.data, shape: [n + 1] }, target],
      ['strides', 'ERR_SHAPE', 'other strides', { ...input, stride: input.shape.map(() => 2) }, target],
      ['an offset', 'ERR_SHAPE', 'offset', { ...input, offset: 1 }, target],
      [
        'words among numbers',
        'ERR_TYPE',
        'at index 1',
        { data: Array.from(input.data, (v, i) => (i === 1 ? 'x' : v)), shape: input.shape },
        target,
      ],
      ['options that are no object', 'ERR_TYPE', '"options" expected an object', input, target, 3],
      ['null as options', 'ERR_TYPE', '"options" expected an object', input, target, null],
      ['a tensor as options', 'ERR_TYPE', '"options" expected an object', input, target, new Float32Array(2)],
      ['an unknown option', 'ERR_OPTION', 'did you mean "reduction"?', input, target, { reducton: 'sum' }],
      [
        'another unknown option',
        'ERR_OPTION',
        'known options are reduction',
        input,
        target,
        { somethingElse: 1 },
      ],
      [
        'an unknown reduction',
        'ERR_OPTION',
        '"reduction" expected \'mean\' or',
        input,
        target,
        { reduction: 'avg' },
      ],
      [
        'gradOutput of another shape',
        'ERR_SHAPE',
        '"gradOutput" expected a number',
        input,
        target,
        { gradOutput: new Float32Array(2) },
      ],
      [
        'gradOutput of another shape, none',
        'ERR_SHAPE',
        '"gradOutput" expected shape',
        input,
        target,
        { reduction: 'none', gradOutput: new Float32Array(1) },
      ],
      [
        'gradOutput of another dtype',
        'ERR_DTYPE',
        '"gradOutput" expected f32',
        input,
        target,
        {
          reduction: 'none',
          gradOutput: {
            data: new Float64Array(sizeOf(terms)),
            shape: terms,
          },
        },
      ],
      ['gradOutput a word', 'ERR_TYPE', '"gradOutput" expected', input, target, { gradOutput: 'one' }],
      [
        'sampleWeight of another shape',
        'ERR_SHAPE',
        '"sampleWeight" expected shape',
        input,
        target,
        { sampleWeight: new Float32Array(1) },
      ],
      [
        'sampleWeight of another dtype',
        'ERR_DTYPE',
        '"sampleWeight" expected f32',
        input,
        target,
        { sampleWeight: other({ data: new Float32Array(sizeOf(terms)), shape: terms }) },
      ],
      [
        'wrt of another name',
        'ERR_OPTION',
        `"wrt" expected ${sourcesOf(row.loss)}, got "weight"`,
        input,
        target,
        { wrt: 'weight' },
      ],
      ['wrt empty', 'ERR_OPTION', '"wrt" expected at least one', input, target, { wrt: [] }],
      [
        'an overlapping gradient',
        'ERR_OPTION',
        'overlaps "input"',
        { data: new Float32Array(n + 1).subarray(1), shape: input.shape },
        target,
        'overlap',
      ],
      [
        'a gradient of another shape',
        'ERR_SHAPE',
        '"out" expected shape',
        input,
        target,
        { out: new Float32Array(n + 1) },
      ],
      [
        'a gradient of another dtype',
        'ERR_DTYPE',
        '"out" expected f32, f16 or bf16, got f64',
        input,
        target,
        { out: other(input) },
      ],
      [
        'numbers as out',
        'ERR_TYPE',
        '"out" expected a typed array',
        input,
        target,
        { out: { data: Array.from(input.data), shape: input.shape } },
      ],
      ['an unknown output', 'ERR_OPTION', 'known outputs are', input, target, { out: { gradient: input } }],
      [
        'a value to write that is none',
        'ERR_OPTION',
        "expected reduction 'none'",
        input,
        target,
        { out: { value: input } },
      ],
    ];
    if (loss.options.includes('ignoreIndex'))
      refused.push([
        'a fractional ignoreIndex',
        'ERR_OPTION',
        '"ignoreIndex" expected an integer',
        input,
        target,
        { ignoreIndex: 1.5 },
      ]);
    if (isClassLoss(row)) {
      const [rowsShape] = [target.shape];
      refused.push(
        ['too few labels', 'ERR_SHAPE', '"target" expected shape', input, Int32Array.of(1)],
        [
          'labels of a float type',
          'ERR_DTYPE',
          '"target" expected class indices of an integer type, got f32',
          input,
          { data: new Float32Array(sizeOf(rowsShape)), shape: rowsShape },
        ],
        ['wrt on labels', 'ERR_OPTION', '"wrt" names class indices', input, target, { wrt: 'target' }],
        [
          'weight of another length',
          'ERR_SHAPE',
          '"weight" expected shape [5]',
          input,
          target,
          { weight: new Float32Array(4) },
        ],
        ['a number as class weight', 'ERR_TYPE', '"weight" expected', input, target, { weight: 2 }],
        [
          'weight of another dtype',
          'ERR_DTYPE',
          '"weight" expected f32 as "input" has, got f64',
          input,
          target,
          { weight: new Float64Array(5) },
        ],
        ['an axis beyond the rank', 'ERR_OPTION', '"axis"', input, target, { axis: 2 }],
        ['another allIgnored', 'ERR_OPTION', '"allIgnored" expected', input, target, { allIgnored: 0 }],
        [
          'rank 0',
          'ERR_SHAPE',
          '"input" expected a class axis',
          { data: Float32Array.of(1), shape: [] },
          { data: Int32Array.of(0), shape: [] },
        ],
        [
          'no class',
          'ERR_SHAPE',
          isProjection(row.loss) ? 'at least one feature' : 'at least one class',
          { data: new Float32Array(0), shape: [3, 0] },
          Int32Array.of(0, 0, 0),
        ],
      );
    } else {
      const like = target.data instanceof Int32Array && isOwn ? Int32Array : Float32Array;
      const isOfInput = row.loss === 'infoNce' || !isOwn;
      refused.push(
        [
          'shapes that differ',
          'ERR_SHAPE',
          isOfInput
            ? `"target" expected shape [${input.shape.join(', ')}] as "input" has, got [22]`
            : '"target" expected shape [',
          input,
          row.loss === 'ctc' ? { data: new like(22), shape: [2, 11] } : new like(22),
        ],
        // which are the first of as many labels as the lengths say
        ...(row.loss === 'ctc'
          ? []
          : [
              [
                'a target that would broadcast',
                'ERR_SHAPE',
                '"target" expected shape',
                input,
                new like(1),
              ] as (typeof refused)[number],
            ]),
        [
          'dtypes that differ',
          'ERR_DTYPE',
          row.loss === 'ctc' || row.loss === 'ntxent'
            ? 'integer type, got f64'
            : takesNumbers(row) && (isOfInput || !(target.data instanceof Int32Array))
              ? '"target" expected f32 as "input" has, got f64'
              : '"target" expected class indices of an integer type, got f64',
          input,
          other(target),
        ],
      );
      if (loss.options.includes('weight')) {
        refused.push(
          [
            'a weight that does not broadcast',
            'ERR_SHAPE',
            `"weight" expected a shape that broadcasts to [${input.shape.join(', ')}]`,
            input,
            target,
            { weight: new Float32Array(2) },
          ],
          [
            'a weight of more dimensions',
            'ERR_SHAPE',
            'broadcasts',
            input,
            target,
            { weight: { data: new Float32Array(23), shape: [1, 23] } },
          ],
          [
            'weight of another dtype',
            'ERR_DTYPE',
            '"weight" expected f32',
            input,
            target,
            { weight: new Float64Array(23) },
          ],
        );
      }
    }

    it.each(refused)('%s: %s', (_, code, text, x, t, raw) => {
      const given: Any =
        raw === 'overlap'
          ? { out: { data: new Float32Array((x as Any).data.buffer, 0, n), shape: input.shape } }
          : raw;
      const isPlain = given === undefined || (given && Object.getPrototypeOf(given) === Object.prototype);
      const options = isPlain ? { ...needed, ...given } : given;
      const before = [F.memory.liveTensors, F.memory.bytesInUse];
      const copies = [input.data.slice(), target.data.slice()];
      const calls = {
        valueAndGrad: loss.valueAndGrad,
        prepare: loss.prepare,
        ...((options as Any)?.out ? {} : { value: loss, grad: loss.grad }),
      };
      for (const call of Object.values(calls)) {
        const error = caught(() => call(x, t, options));
        expect(error).toMatchObject({ code, type: kinds[code] });
        expect(error.message).toContain(text);
      }
      expect([F.memory.liveTensors, F.memory.bytesInUse]).toEqual(before);
      expect([input.data, target.data]).toEqual(copies);
    });

    it('an operand written over partly, or one that is no input: ERR_OPTION', () => {
      const weight = {
        data: new Float32Array(isClassLoss(row) ? 5 : n).fill(1),
        shape: isClassLoss(row) ? [5] : input.shape,
      };
      if (loss.options.includes('weight') && !isClassLoss(row)) {
        expect(caught(() => loss.grad(input, target, { weight, out: weight })).code).toBe('ERR_OPTION');
      }
      const sampleWeight = { data: new Float32Array(n).fill(1), shape: input.shape };
      if (!isOfRows(row)) {
        expect(caught(() => loss.grad(input, target, { sampleWeight, out: sampleWeight })).code).toBe(
          'ERR_OPTION',
        );
        const out = { data: new Float32Array(n), shape: input.shape };
        expect(
          caught(() =>
            loss.valueAndGrad(input, target, { reduction: 'none', out: { value: out, grad: out } }),
          ).code,
        ).toBe('ERR_OPTION');
      } else if (isClassLoss(row)) {
        const buffer = new ArrayBuffer(4 * (n + target.data.length));
        const labels = { data: new Int32Array(buffer, 4 * n - 4, target.data.length), shape: target.shape };
        labels.data.set(target.data);
        const out = { data: new Float32Array(buffer, 0, n), shape: input.shape };
        expect(caught(() => loss.grad(input, labels, { out })).code).toBe('ERR_OPTION');
      }
    });
  });

  it('numbers take the dtype beside them, f64 alone', () => {
    expect(G.mse([1, 2], Float32Array.of(0, 0))).toBe(2.5);
    expect(G.mse.grad([1, 2], Float32Array.of(0, 0)).data).toBeInstanceOf(Float32Array);
    expect(G.mse.grad([1, 2], [0, 0]).data).toBeInstanceOf(Float64Array);
    expect(G.crossEntropy({ data: Float32Array.of(0, 0), shape: [1, 2] }, [1])).toBeCloseTo(Math.LN2, 6);
    expect(
      G.mse({ data: [1, 2] as Any, shape: [2, 1] }, { data: Float32Array.of(0, 0), shape: [2, 1] }),
    ).toBe(2.5);
  });

  it('options are read once, inherited ones too; undefined counts as not given', () => {
    let reads = 0;
    const options = Object.create({ reduction: 'sum' });
    Object.defineProperty(options, 'gradOutput', {
      enumerable: true,
      get() {
        reads++;
        return 2;
      },
    });
    expect(G.mse.valueAndGrad(Float32Array.of(3), Float32Array.of(0), options).grad.data[0]).toBe(12);
    expect(reads).toBe(1);
    expect(G.mse(Float32Array.of(3), Float32Array.of(0), { reduction: undefined })).toBe(9);
  });

  it('helpers check the same way', () => {
    const x = { data: Float32Array.of(1, 2), shape: [1, 2] };
    expect(caught(() => F.softmax(3)).code).toBe('ERR_TYPE');
    expect(caught(() => F.softmax(x, { axes: 1 })).message).toContain('did you mean "axis"');
    expect(caught(() => F.softmax(x, { axis: 5 })).code).toBe('ERR_OPTION');
    expect(caught(() => F.softmax({ data: Float32Array.of(1), shape: [] })).code).toBe('ERR_SHAPE');
    expect(caught(() => F.softmax(x, { out: new Float32Array(3) })).code).toBe('ERR_SHAPE');
    expect(caught(() => F.softmax.grad(x, Float32Array.of(1, 2))).code).toBe('ERR_SHAPE');
    expect(caught(() => F.logSumExp.grad(x, x)).code).toBe('ERR_SHAPE');
    expect(caught(() => F.sigmoid.grad(x, { data: Float64Array.of(1, 2), shape: [1, 2] })).code).toBe(
      'ERR_DTYPE',
    );
    expect(caught(() => F.sigmoid(x, { axis: 0 })).code).toBe('ERR_OPTION');
    expect(caught(() => F.logSumExp(x, { out: x })).code).toBe('ERR_SHAPE');
    const out = { data: new Float32Array(2), shape: [1, 2] };
    expect(F.softmax(x, { out })).toBe(out);
    expect(F.softmax(x, { out: x })).toBe(x);
    expect([...x.data]).toEqual([...out.data]);
  });

  it('prepared steps check labels and disposal at every run', () => {
    const x = F.tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
    const t = F.tensor(Int32Array.of(0, 1));
    const step = F.crossEntropy.prepare(x, t);
    const value = step();
    expect(step.value).toBe(value);
    t.data[1] = 2;
    step.grad.data.fill(7);
    expect(caught(step).code).toBe('ERR_LABEL');
    expect([...step.grad.data]).toEqual([7, 7, 7, 7]);
    t.data[1] = 1;
    expect(step()).toBe(value);
    t.dispose();
    expect(caught(step).code).toBe('ERR_DISPOSED');
    step.dispose();
    expect(caught(step).message).toBe('this step was disposed');
    expect(step.grad.disposed).toBe(true);
    x.dispose();
    expect(F.memory.liveTensors).toBe(0);
  });

  it('prepared steps read ordinary arrays anew and write the same results', () => {
    const x = Float32Array.of(1, 2);
    const list = [0, 0];
    const grad = Float32Array.of(0, 0);
    const step = F.mse.prepare(x, list, { out: grad, reduction: 'sum' });
    expect([step(), [...grad], step.grad === grad]).toEqual([5, [2, 4], true]);
    x[0] = 3;
    list[1] = 2;
    expect([step(), [...grad]]).toEqual([9, [6, 0]]);
    const only = F.mse.prepare(x, list, { compute: 'value' });
    expect([only(), only.value, only.grad]).toEqual([4.5, 4.5, undefined]);
    const gradient = F.mse.prepare(x, list, { compute: 'grad', reduction: 'sum' });
    expect([...gradient().data]).toEqual([6, 0]);
    const none = F.mse.prepare(x, list, { reduction: 'none' });
    expect([...none().data]).toEqual([9, 0]);
    expect(none()).toBe(none.value);
    expect(caught(() => F.mse.prepare(x, list, { compute: 'all' })).code).toBe('ERR_OPTION');
    expect(caught(() => F.mse(x, list, { compute: 'value' })).code).toBe('ERR_OPTION');
  });
});
