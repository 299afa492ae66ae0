// Calls of every export of the module, as records: what each loop can be asked for, at all lengths around its units.
import {
  BLOCK,
  type F64Field,
  FLAGS,
  OVERLAP_BYTES,
  type offsetOf,
  tileBytes,
  type U32Field,
} from '../../src/abi.ts';
import { pairsBytes, projectionBytes } from '../../src/families/chunk.ts';
import { spaceOf } from '../../src/families/sequence.ts';
import type { FloatDType } from '../../src/index.ts';
import { arrayOf } from '../instances.ts';
import { integer, type Random, random } from '../random.ts';

type Field = keyof typeof offsetOf;

/** One call of one export. */
export interface RecordCall {
  readonly title: string;
  readonly numbers: Partial<Record<F64Field | U32Field, number>>;
  /** What the operands hold before the call. */
  readonly operands: Partial<Record<Field, Uint8Array>>;
  /** Those that are written. */
  readonly results: readonly Field[];
  /** Results that take the place of an input. */
  readonly inPlace: Partial<Record<Field, Field>>;
}

/** Formulas' own numbers with which no result is NaN. */
const params: Record<string, readonly number[]> = {
  bce: [0, 1, 0, -100, 1e-12],
  probabilities: [0.875, 0.0625, 0.01, 0.99, 0],
  multiMargin: [0.5, 0, 1, 0, 0],
  multilabelMargin: [1, 0, 0, 0, 0],
  shaped: [0.875, 0.0625, 0.5, 2, 0.25],
  curved: [0.875, 0.0625, 1, 0, 0, 2.5, 2],
  focalProbabilities: [0.875, 0.0625, 0.01, 2.5, 0.01],
};
const ofFeatures: Readonly<Record<string, readonly number[]>> = {
  cosine: [0.25, 1e-12, 0, 1, 0],
  tripletMargin: [1, 2, 1e-6, 1, 0],
};
const otherParams = [0.875, 0.0625, 0, 0, 0];

const lengths = [
  ...Array.from({ length: 40 }, (_, i) => i + 1),
  1000,
  1023,
  1024,
  1025,
  1060,
  2048,
  2081,
  3072,
];
const classCounts = [...Array.from({ length: 72 }, (_, i) => i + 1), 96, 127, 128, 129];

/** The calls of the export of that name. */
export function callsOf(name: string): RecordCall[] {
  const [kernel, ...rest] = name.split('_');
  const dtype = rest.at(-1) as FloatDType;
  const loop = rest.length > 1 ? rest[0] : kernel;
  const of = families[loop];
  if (of === undefined) throw new Error(`no calls for ${name}: what does its loop read and write?`);
  const calls =
    kernel === 'rowFigures' ? figures : (ofRowsOfElements[kernel] ?? (kernel in ofFeatures ? features : of));
  return calls(new Drawing(kernel, dtype), loop);
}

/** Draws operands, all of whose numbers are in (0, 1). */
class Drawing {
  readonly kernel: string;
  readonly dtype: FloatDType;
  readonly size: number;
  readonly #random: Random = random(1);

  constructor(kernel: string, dtype: FloatDType) {
    this.kernel = kernel;
    this.dtype = dtype;
    this.size = dtype === 'f32' ? 4 : 8;
  }

  floats(n: number, draw: (r: Random) => number = (r) => 0.0625 + 0.875 * r()): Uint8Array {
    const array = (arrayOf[this.dtype] as Float32ArrayConstructor).from({ length: n }, () =>
      draw(this.#random),
    );
    return new Uint8Array(array.buffer);
  }

  /** Class indices, some of them ignored. */
  labels(n: number, classes: number): Uint8Array {
    const labels = Int32Array.from({ length: n }, () =>
      this.integer(9) === 0 ? IGNORED : this.integer(classes),
    );
    return new Uint8Array(labels.buffer);
  }

  integer(below: number): number {
    return integer(this.#random, below);
  }

  /** Room for n numbers that the call is to write. */
  room(n: number): Uint8Array {
    return new Uint8Array(n * this.size).fill(0xa5);
  }

  call(
    title: string,
    numbers: RecordCall['numbers'],
    operands: RecordCall['operands'],
    results: readonly Field[] = [],
    inPlace: RecordCall['inPlace'] = {},
  ): RecordCall {
    const [p0, p1, p2, p3, p4, p5 = 0, p6 = 0] =
      params[this.kernel] ?? ofFeatures[this.kernel] ?? otherParams;
    return {
      title,
      numbers: {
        scale: 1,
        divisor: 3,
        hessianScale: 1,
        p0,
        p1,
        p2,
        p3,
        p4,
        p5,
        p6,
        ignoreIndex: IGNORED,
        ...numbers,
      },
      operands,
      results,
      inPlace,
    };
  }
}
const IGNORED = -100;

type Calls = (draw: Drawing, loop: string) => RecordCall[];

/** A block of one broadcast operand: rank, then length and step from the innermost axis. */
const shapeOf = (...dims: [number, number][]): Uint8Array =>
  new Uint8Array(Uint32Array.of(dims.length, ...dims.flat()).buffer);

const elementwise: Calls = (draw, loop) =>
  lengths.flatMap((n) => {
    const numbers = { inner: n, to: n };
    const x = () => draw.floats(n);
    // most targets are 0 or 1, which is what the products are for; a soft one takes another way
    const soft = draw.integer(2);
    const t = () => draw.floats(n, (r) => (r() < 0.1 ? soft * r() : Math.round(r())));
    const room = () => draw.room(n);
    const value = { ...numbers, flags: FLAGS.VALUE };
    if (loop === 'map') {
      return [
        draw.call(`${n}`, value, { in0: x(), value: room() }, ['value']),
        draw.call(`${n} in place`, value, { in0: x() }, ['in0'], { value: 'in0' }),
      ];
    }
    const both = () => ({ in0: x(), in1: t() });
    const sum = draw.call(`${n} sum`, value, both());
    const grad = draw.call(`${n} gradient`, numbers, { ...both(), grad0: room() }, ['grad0']);
    const overInput = draw.call(`${n} over the input`, numbers, both(), ['in0'], { grad0: 'in0' });
    if (loop === 'sum') return [sum];
    if (loop === 'grad') return [grad, overInput];
    const blocks = new Uint8Array(8 * Math.ceil(n / BLOCK));
    const valueAndGrad = [
      draw.call(`${n} both`, value, { ...both(), grad0: room() }, ['grad0']),
      draw.call(`${n} both over the input`, value, both(), ['in0'], { grad0: 'in0' }),
      draw.call(`${n} both over the target`, value, both(), ['in1'], { grad0: 'in1' }),
      draw.call(`${n} a part`, value, { ...both(), grad0: room(), partials: blocks }, ['grad0', 'partials']),
    ];
    if (loop === 'sumgrad') return valueAndGrad;
    if (loop === 'terms') return [sum, ...valueAndGrad];
    const gradients = [
      draw.call(`${n} the target’s`, value, { ...both(), grad1: room() }, ['grad1']),
      draw.call(`${n} two gradients`, value, { ...both(), grad0: room(), grad1: room() }, ['grad0', 'grad1']),
      draw.call(`${n} two gradients in place`, value, both(), ['in0', 'in1'], {
        grad0: 'in0',
        grad1: 'in1',
      }),
      draw.call(`${n} two gradients alone`, numbers, { ...both(), grad0: room(), grad1: room() }, [
        'grad0',
        'grad1',
      ]),
    ];
    const plain = [sum, grad, overInput, ...valueAndGrad, ...gradients];
    if (loop !== 'any') return plain;
    const columns = 1 + draw.integer(n);
    return [
      ...plain,
      draw.call(
        `${n} weighted`,
        value,
        {
          ...both(),
          weight: x(),
          in2: x(),
          sampleWeight: x(),
          grad0: room(),
          grad1: room(),
        },
        ['grad0', 'grad1'],
      ),
      draw.call(
        `${n} each value`,
        value,
        { ...both(), sampleWeight: x(), gradOutput: x(), value: room(), grad0: room() },
        ['value', 'grad0'],
      ),
      draw.call(
        `${n} second derivatives`,
        numbers,
        { ...both(), weight: x(), in2: x(), sampleWeight: x(), grad0: room(), hess: room() },
        ['grad0', 'hess'],
      ),
      draw.call(
        `${n} broadcast by rows`,
        value,
        {
          ...both(),
          weight: draw.floats(Math.ceil(n / columns)),
          weightShape: shapeOf([columns, 0], [Math.ceil(n / columns), 1]),
          in2: draw.floats(columns),
          in2Shape: shapeOf([columns, 1], [Math.ceil(n / columns), 0]),
          grad0: room(),
        },
        ['grad0'],
      ),
      draw.call(
        `${n} broadcast numbers`,
        value,
        {
          ...both(),
          weight: draw.floats(1),
          weightShape: shapeOf(),
          in2: draw.floats(1),
          in2Shape: shapeOf([n, 0]),
          value: room(),
        },
        ['value'],
      ),
    ];
  });

/** [outer, classes, inner]: rows that fill tiles and blocks and rows that don't, class axes that are strided or not. */
function layouts(draw: Drawing, loop: string): [number, number, number][] {
  const strided = loop !== 'rows';
  return [
    ...classCounts.flatMap((classes): [number, number, number][] => [
      [1 + draw.integer(5), classes, 1],
      ...(strided
        ? ([
            [16, classes, 1],
            [1 + draw.integer(3), classes, 1 + draw.integer(20)],
            [2, classes, 16],
          ] as [number, number, number][])
        : []),
    ]),
    [1030, 2, 1],
    [2048, 3, 1],
    ...(strided ? ([[3, 2, 350]] as [number, number, number][]) : []),
  ];
}

/** Rows of features: a label for each row, or a third row. */
const features: Calls = (draw, loop) =>
  layouts(draw, loop).flatMap(([outer, classes, inner]) => {
    const rows = outer * inner;
    const title = `[${outer}, ${classes}, ${inner}]`;
    const x = () => draw.floats(rows * classes);
    const row = () => draw.floats(rows);
    const room = () => draw.room(rows * classes);
    const isTriple = draw.kernel === 'tripletMargin';
    const all = () => ({ in0: x(), in1: x(), ...(isTriple && { in2: x() }) });
    const third: RecordCall['operands'] = isTriple ? { grad2: room() } : {};
    const rooms = () => ({ grad0: room(), grad1: room(), ...third });
    const results = Object.keys(rooms()) as Field[];
    const tile: RecordCall['operands'] = loop === 'lanes' ? { tile: new Uint8Array(tileBytes(classes)) } : {};
    const call = (
      kind: string,
      operands: RecordCall['operands'],
      written: readonly Field[],
      inPlace?: RecordCall['inPlace'],
    ): RecordCall =>
      draw.call(
        `${title} ${kind}`,
        { outer, classes, inner, to: rows, flags: FLAGS.VALUE },
        { ...operands, ...tile },
        written,
        inPlace,
      );
    return [
      call('sum', all(), []),
      call('gradients', { ...all(), ...rooms() }, results),
      call('in place', all(), ['in0', 'in1'], { grad0: 'in0', grad1: 'in1' }),
      call(
        'each value, weighted',
        {
          ...all(),
          ...(!isTriple && { in2: draw.floats(rows, (r) => (r() < 0.5 ? 1 : -1)) }),
          sampleWeight: row(),
          gradOutput: row(),
          value: draw.room(rows),
          ...rooms(),
        },
        ['value', ...results],
      ),
      call('a part', { ...all(), partials: draw.room(rows) }, ['partials']),
    ];
  });

/** Six results of each row. */
const figures: Calls = (draw, loop) =>
  layouts(draw, loop).map(([outer, classes, inner]) => {
    const rows = outer * inner;
    const results = ['value', 'grad0', 'grad1', 'grad2', 'grad3', 'hess'] as const;
    const labels = Int32Array.from({ length: rows }, () => draw.integer(classes));
    return draw.call(
      `[${outer}, ${classes}, ${inner}]`,
      { outer, classes, inner, to: rows, flags: FLAGS.VALUE | FLAGS.INDEX },
      {
        in0: draw.floats(rows * classes),
        in1: new Uint8Array(labels.buffer),
        ...(loop === 'lanes' && { tile: new Uint8Array(tileBytes(classes)) }),
        ...Object.fromEntries(results.map((field) => [field, draw.room(rows)])),
      },
      results,
    );
  });

const classes: Calls = (draw, loop) => {
  const isShaped = draw.kernel === 'shaped';
  return layouts(draw, isShaped ? 'lanes' : loop).flatMap(([outer, classes, inner]) => {
    const rows = outer * inner;
    const n = rows * classes;
    const title = `[${outer}, ${classes}, ${inner}]`;
    const numbers = { outer, classes, inner, to: rows };
    const x = () => draw.floats(n, (r) => (draw.kernel.startsWith('log') ? -r() : 0.0625 + 0.875 * r()));
    const w = () => draw.floats(classes);
    const labels = () => draw.labels(rows, classes);
    const row = () => draw.floats(rows);
    const mask = () => (isShaped ? { in2: draw.floats(n, (r) => Number(r() < 0.8)) } : {});
    const room = () => draw.room(n);
    const tile: RecordCall['operands'] = loop === 'lanes' ? { tile: new Uint8Array(tileBytes(classes)) } : {};
    const call = (
      kind: string,
      flags: number,
      operands: RecordCall['operands'],
      results: readonly Field[],
      inPlace?: RecordCall['inPlace'],
    ): RecordCall =>
      draw.call(`${title} ${kind}`, { ...numbers, flags }, { ...operands, ...tile }, results, inPlace);
    const { VALUE, INDEX, SOFT } = FLAGS;

    if (draw.kernel.endsWith('Backward')) {
      return [
        call('backward', SOFT, { in0: x(), in1: x(), grad0: room() }, ['grad0']),
        call('in place', SOFT, { in0: x(), in1: x() }, ['in0'], { grad0: 'in0' }),
      ];
    }
    const hard = [
      call('labels', VALUE | INDEX, { in0: x(), in1: labels(), grad0: room() }, ['grad0']),
      call('in place', VALUE | INDEX, { in0: x(), in1: labels() }, ['in0'], { grad0: 'in0' }),
      call(
        'labels, weighted',
        VALUE | INDEX,
        { in0: x(), in1: labels(), ...mask(), weight: w(), sampleWeight: row(), grad0: room() },
        ['grad0'],
      ),
      call(
        'labels, each value',
        VALUE | INDEX,
        {
          in0: x(),
          in1: labels(),
          sampleWeight: row(),
          gradOutput: row(),
          value: draw.room(rows),
          grad0: room(),
        },
        ['value', 'grad0'],
      ),
      call('labels, a part', VALUE | INDEX, { in0: x(), in1: labels(), partials: draw.room(rows) }, [
        'partials',
      ]),
    ];
    hard.push(
      call(
        'labels, second derivatives',
        INDEX,
        { in0: x(), in1: labels(), ...mask(), grad0: room(), hess: room() },
        ['grad0', 'hess'],
      ),
    );
    if (loop === 'pick' || draw.kernel === 'multiMargin') return hard;
    // what `pick` is for
    if (/probabilities$/i.test(draw.kernel)) hard.length = 0;
    const soft = [
      call(
        'smoothed labels, second derivatives',
        INDEX | SOFT,
        { in0: x(), in1: labels(), grad0: room(), hess: room() },
        ['grad0', 'hess'],
      ),
      call('smoothed labels', VALUE | INDEX | SOFT, { in0: x(), in1: labels(), grad0: room() }, ['grad0']),
      call(
        'probabilities',
        VALUE | SOFT,
        { in0: x(), in1: x(), ...mask(), weight: w(), sampleWeight: row(), grad0: room(), grad1: room() },
        ['grad0', 'grad1'],
      ),
      call('probabilities, in place', VALUE | SOFT, { in0: x(), in1: x() }, ['in0', 'in1'], {
        grad0: 'in0',
        grad1: 'in1',
      }),
      call('probabilities, the target’s', VALUE | SOFT, { in0: x(), in1: x(), grad1: room() }, ['grad1']),
    ];
    if (draw.kernel !== 'crossEntropy') return [...hard, ...soft];
    return [
      ...hard,
      ...soft,
      call('softmax', 0, { in0: x(), grad0: room() }, ['grad0']),
      call('logSoftmax', 0, { in0: x(), grad1: room() }, ['grad1']),
      call('logSumExp', VALUE, { in0: x(), value: draw.room(rows) }, ['value']),
    ];
  });
};

/** Rows, and their classes, of which few fill a vector and many a block. */
const rowsOfElements = [
  [1, 1],
  [3, 2],
  [5, 3],
  [7, 4],
  [3, 17],
  [3, 64],
  [4, 129],
  [2, 1030],
  [1030, 2],
  [2048, 3],
] as const;

/** What all calls on rows have: of derivatives, of values, in place, of a part. */
const ofRows = (
  draw: Drawing,
  rows: number,
  classes: number,
  target: () => Uint8Array,
  more: RecordCall['operands'],
): RecordCall[] => {
  const isSet = draw.kernel === 'multilabelMargin';
  const n = rows * classes;
  const numbers = { outer: rows, classes, inner: 1, to: rows, ...(!isSet && { p5: 1 }) };
  const flags = FLAGS.VALUE | (isSet ? FLAGS.INDEX | FLAGS.SETS | FLAGS.EVERY_ROW : 0);
  const x = () => draw.floats(n);
  const row = () => draw.floats(rows);
  const room = () => draw.room(n);
  const title = `[${rows}, ${classes}]`;
  const grads = isSet ? { grad0: room() } : { grad0: room(), grad1: room() };
  const call = (kind: string, operands: RecordCall['operands'], results: readonly Field[]): RecordCall =>
    draw.call(`${title} ${kind}`, { ...numbers, flags }, { in0: x(), in1: target(), ...operands }, results);
  return [
    call('plain', { ...more, ...grads }, isSet ? ['grad0'] : ['grad0', 'grad1']),
    draw.call(
      `${title} in place`,
      { ...numbers, flags },
      { in0: x(), in1: target(), ...(more.tile && { tile: more.tile }) },
      ['in0'],
      { grad0: 'in0' },
    ),
    call(
      'each value',
      { ...more, sampleWeight: row(), gradOutput: row(), value: draw.room(rows), grad0: room() },
      ['value', 'grad0'],
    ),
    call('a part', { ...more, partials: draw.room(rows) }, ['partials']),
    call('second derivatives', { ...more, grad0: room(), hess: room() }, ['grad0', 'hess']),
  ];
};

/** Lists of labels in the shape of the input. */
const sets: Calls = (draw) =>
  rowsOfElements.flatMap(([rows, classes]) => {
    const labels = () => {
      const all = Int32Array.from({ length: rows * classes }, () =>
        draw.integer(4) === 0 ? -1 : draw.integer(classes),
      );
      return new Uint8Array(all.buffer);
    };
    return ofRows(draw, rows, classes, labels, { tile: new Uint8Array(tileBytes(classes)) });
  });

/** Means over rows, and weights: of each element, and of each class. */
const means: Calls = (draw) =>
  rowsOfElements.flatMap(([rows, classes]) => {
    const t = () => draw.floats(rows * classes);
    const shape = shapeOf([classes, 1], [rows, 0]);
    return [
      ...ofRows(draw, rows, classes, t, { weight: t() }),
      ...ofRows(draw, rows, classes, t, { weight: draw.floats(classes), weightShape: shape }),
    ];
  });

const ofRowsOfElements: Readonly<Record<string, Calls>> = {
  multilabelMargin: (draw, loop) => sets(draw, loop),
  multilabelSoftMargin: (draw, loop) => means(draw, loop),
};

/** Of those with labels, what is left to the loop for two or three logits. */
const few: Calls = (draw) =>
  [2, 3].flatMap((classes) =>
    [...lengths, 1030].flatMap((rows) => {
      const numbers = { outer: rows, classes, inner: 1, to: rows, flags: FLAGS.VALUE | FLAGS.INDEX };
      const title = `[${rows}, ${classes}] labels`;
      const x = () => draw.floats(classes * rows);
      const in1 = draw.labels(rows, classes);
      const row = () => draw.floats(rows);
      const room = () => draw.room(classes * rows);
      return [
        draw.call(title, numbers, { in0: x(), in1, grad0: room() }, ['grad0']),
        draw.call(`${title}, in place`, numbers, { in0: x(), in1 }, ['in0'], { grad0: 'in0' }),
        draw.call(`${title}, a part`, numbers, { in0: x(), in1, partials: draw.room(rows) }, ['partials']),
        draw.call(
          `${title}, each value`,
          numbers,
          {
            in0: x(),
            in1,
            sampleWeight: row(),
            gradOutput: row(),
            value: draw.room(rows),
            grad0: room(),
          },
          ['value', 'grad0'],
        ),
      ];
    }),
  );

/** Sequences of all frames and labels, and of fewer, on just the space that they take. */
const sequences: Calls = (draw) =>
  [
    ...Array.from({ length: 12 }, (_, i) => [i + 1, i >> 1, 2 + (i % 5), 1 + (i % 3)]),
    ...[
      [33, 9, 7, 5],
      [40, 40, 3, 2],
      [9, 3, 70, 4],
      [20, 0, 5, 3],
      [3, 2, 3, 1030],
    ],
  ].flatMap(([frames, labels, count, outer]) => {
    const title = `${outer} of [${frames}, ${count}], ${labels} labels`;
    const n = frames * count * outer;
    const integers = (length: number, of: () => number) =>
      new Uint8Array(Int32Array.from({ length }, of).buffer);
    const target = integers(outer * labels, () => 1 + draw.integer(count - 1));
    const x = () => draw.floats(n, (r) => -4 * r());
    const row = () => draw.floats(outer);
    return [0, 1].flatMap((fromLogits) => {
      const lengths = (most: number) =>
        integers(outer, () => (draw.integer(2) ? most : draw.integer(most + 1)));
      const all = () => ({ in0: x(), in1: target, in2: lengths(frames), in3: lengths(labels) });
      const call = (
        kind: string,
        flags: number,
        operands: RecordCall['operands'],
        written: readonly Field[],
        inPlace: RecordCall['inPlace'] = {},
      ): RecordCall => {
        const hasGrad = 'grad0' in operands || 'grad0' in inPlace;
        return draw.call(
          `${title} ${fromLogits} ${kind}`,
          {
            ...{ outer, classes: frames * count, inner: 1, to: outer, flags },
            ...{ p0: 0, p1: 1, p2: fromLogits, p3: 1, p4: frames, p5: count, p6: labels },
          },
          { ...operands, tile: new Uint8Array(spaceOf(frames, labels, count, hasGrad)) },
          written,
          inPlace,
        );
      };
      const grad0 = () => draw.room(n);
      return [
        call('sum', FLAGS.VALUE, all(), []),
        call('both', FLAGS.VALUE, { ...all(), grad0: grad0() }, ['grad0']),
        call('in place', 0, all(), ['in0'], { grad0: 'in0' }),
        call(
          'each value, weighted',
          FLAGS.VALUE,
          { ...all(), sampleWeight: row(), gradOutput: row(), value: draw.room(outer), grad0: grad0() },
          ['value', 'grad0'],
        ),
        call('a part', FLAGS.VALUE, { ...all(), partials: draw.room(outer) }, ['partials']),
      ];
    });
  });

const prepass: Calls = (draw) =>
  lengths.flatMap((rows) => {
    const classes = 1 + draw.integer(9);
    const numbers = { outer: rows, classes, inner: 1, to: rows, flags: FLAGS.INDEX };
    const target = draw.labels(rows, classes);
    const bad = target.slice();
    new Int32Array(bad.buffer)[rows - 1] = classes;
    return [
      draw.call(`${rows} labels`, numbers, { in1: target }),
      draw.call(`${rows} labels, the last one bad`, numbers, { in1: bad }),
      draw.call(`${rows} weighted`, numbers, {
        in1: target,
        weight: draw.floats(classes),
        sampleWeight: draw.floats(rows),
      }),
      draw.call(`${rows} sample weights`, { ...numbers, flags: 0 }, { sampleWeight: draw.floats(rows) }),
    ];
  });

/** What a sum over values may pad them by. */
const PADDING = 128;

/** Gradients of operands that are broadcast: over all, over rows, over columns, over the inner and the outer axis. */
const unbroadcast: Calls = (draw) =>
  lengths.flatMap((n) => {
    const columns = 1 + draw.integer(n);
    const shapes: Record<string, [number, number][]> = {
      all: [[n, 0]],
      rows: [
        [columns, 1],
        [Math.ceil(n / columns), 0],
      ],
      columns: [
        [columns, 0],
        [Math.ceil(n / columns), 1],
      ],
      'inner and outer': [
        [3, 0],
        [columns, 1],
        [2, 0],
      ],
    };
    return Object.entries(shapes).flatMap(([title, dims]) => {
      const elements = dims.reduce((product, [length]) => product * length, 1);
      const grad = () => draw.floats(elements);
      const shape = shapeOf(...dims);
      return [
        draw.call(`${n} ${title}`, {}, { grad1: grad(), grad1Shape: shape }, ['grad1']),
        draw.call(
          `${n} ${title}, two`,
          {},
          { grad0: grad(), grad1: grad(), grad1Shape: shape, grad2: grad(), grad2Shape: shape },
          ['grad0', 'grad1', 'grad2'],
        ),
      ];
    });
  });

/** Rows, features and classes beside the units of the products. */
const products: readonly (readonly [rows: number, features: number, classes: number, chunk: number])[] = [
  [1, 1, 1, 1],
  [3, 5, 7, 2],
  [9, 8, 16, 9],
  [13, 9, 33, 8],
  [5, 131, 6, 5],
  [6, 3, 140, 4],
  [140, 7, 5, 137],
];

/** Logits that are a product. */
const project: Calls = (draw) =>
  products.flatMap(([outer, width, classes, chunk]) => {
    const title = `[${outer}, ${width}] × [${classes}, ${width}], chunks of ${chunk}`;
    const numbers = { outer, classes, inner: 1, to: outer, features: width, chunk };
    const tile = () => new Uint8Array(projectionBytes(draw.size, outer, classes, width, chunk));
    const all = () => ({ in0: draw.floats(outer * width), in2: draw.floats(classes * width), tile: tile() });
    const labels = () => draw.labels(outer, classes);
    const rooms = () => ({
      grad0: draw.room(outer * width),
      grad2: draw.room(classes * width),
      grad3: draw.room(classes),
    });
    const results = ['grad0', 'grad2', 'grad3'] as const;
    const index = { ...numbers, flags: FLAGS.VALUE | FLAGS.INDEX };
    return [
      draw.call(`${title} sum`, index, { ...all(), in1: labels() }),
      draw.call(`${title} gradients`, index, { ...all(), in1: labels(), ...rooms() }, results),
      draw.call(
        `${title} probabilities, each value`,
        { ...numbers, flags: FLAGS.VALUE | FLAGS.SOFT },
        {
          ...all(),
          in1: draw.floats(outer * classes),
          in3: draw.floats(classes),
          weight: draw.floats(classes),
          sampleWeight: draw.floats(outer),
          gradOutput: draw.floats(outer),
          value: draw.room(outer),
          ...rooms(),
        },
        ['value', ...results],
      ),
    ];
  });

/** Rows that are compared with each other, or with more. */
const allPairs: Calls = (draw) =>
  products.flatMap(([rows, width, more, chunk]) => {
    const isOfOne = draw.kernel === 'ntxent';
    const call = (
      title: string,
      others: number,
      symmetric: number,
      operands: RecordCall['operands'],
      results: readonly Field[],
    ): RecordCall => {
      const hasShared = isOfOne ? 'grad0' in operands : 'grad1' in operands;
      return draw.call(
        `[${rows}, ${width}] × [${others}, ${width}], chunks of ${chunk}, ${title}`,
        {
          ...{ outer: rows, classes: others, inner: 1, to: rows, features: width, chunk },
          ...{ flags: isOfOne ? FLAGS.VALUE | FLAGS.COMPARED : FLAGS.VALUE },
          ...{ p0: 3, p1: symmetric, p2: 1, p3: Number(isOfOne), p4: 0 },
        },
        {
          in0: draw.floats(rows * width),
          in1: isOfOne ? draw.labels(rows, 3) : draw.floats(others * width),
          ...operands,
          tile: new Uint8Array(pairsBytes(draw.size, rows, others, width, chunk, hasShared)),
        },
        results,
      );
    };
    const grad0 = () => draw.room(rows * width);
    const each = () => ({
      sampleWeight: draw.floats(rows),
      gradOutput: draw.floats(rows),
      value: draw.room(rows),
    });
    if (isOfOne)
      return [
        call('sum', rows, 0, {}, []),
        call('gradient', rows, 0, { grad0: grad0() }, ['grad0']),
        call('each value', rows, 0, { ...each(), grad0: grad0() }, ['value', 'grad0']),
      ];
    const others = rows + more;
    const factor = () => ({ in2: draw.floats(1), grad2: draw.room(1) });
    return [
      call('sum', rows, 1, {}, []),
      call('gradients', rows, 1, { grad0: grad0(), grad1: grad0() }, ['grad0', 'grad1']),
      call('the factor', rows, 1, factor(), ['grad2']),
      call(
        'each value, one direction',
        others,
        0,
        { ...each(), ...factor(), grad0: grad0(), grad1: draw.room(others * width) },
        ['value', 'grad0', 'grad1', 'grad2'],
      ),
    ];
  });

/** Samples, classes, positions, and how many of these follow each other; of more than one block, too. */
const extents: readonly (readonly [samples: number, classes: number, positions: number, inner: number])[] = [
  ...Array.from({ length: 20 }, (_, i) => [1 + (i % 3), 1 + (i % 5), i, 1] as const),
  ...Array.from({ length: 20 }, (_, i) => [1 + (i % 2), 1 + (i % 4), i + 1, i + 1] as const),
  [2, 1, 300, 300],
  [2, 3, 140, 35],
  [1, 70, 20, 1],
  [1, 70, 36, 18],
  [3, 2, 0, 0],
];
const POSITIONS = 128;

/** Sets, of blocks of few positions, on just the space that they take. */
const overlaps: Calls = (draw) =>
  extents.flatMap(([samples, classes, positions, inner]) =>
    [0, 1, 2].flatMap((kind) => {
      const title = `${samples} of [${positions}, ${classes}], ${inner} on end, kind ${kind}`;
      const n = samples * classes * positions;
      const features = samples * Math.ceil(positions / POSITIONS);
      const terms = samples * classes;
      const numbers = {
        ...{ outer: terms, classes, inner: 1, to: terms, features, chunk: POSITIONS },
        ...{ p0: 0.5, p1: 0.5, p2: 1, p3: 0, p4: kind, p5: 0, p6: inner, p7: positions },
      };
      const tile = () => new Uint8Array(tileBytes(classes) + OVERLAP_BYTES * features * classes);
      const x = () => draw.floats(n, (r) => r());
      const soft = { ...numbers, flags: FLAGS.VALUE | FLAGS.SOFT };
      return [
        draw.call(`${title} sum`, soft, { in0: x(), in1: x(), tile: tile() }),
        draw.call(
          `${title} labels`,
          { ...numbers, flags: FLAGS.VALUE },
          { in0: x(), in1: draw.labels(samples * positions, classes), tile: tile(), grad0: draw.room(n) },
          ['grad0'],
        ),
        draw.call(
          `${title} each value, weights`,
          soft,
          {
            ...{ in0: x(), in1: x(), tile: tile() },
            weight: draw.floats(classes),
            sampleWeight: draw.floats(terms),
            gradOutput: draw.floats(terms),
            value: draw.room(terms),
            grad0: draw.room(n),
            grad1: draw.room(n),
          },
          ['value', 'grad0', 'grad1'],
        ),
      ];
    }),
  );

const families: Record<string, Calls> = {
  overlaps,
  any: elementwise,
  sum: elementwise,
  grad: elementwise,
  sumgrad: elementwise,
  terms: elementwise,
  softplus: elementwise,
  product: elementwise,
  map: elementwise,
  rows: classes,
  few,
  lanes: classes,
  pick: classes,
  sequences,
  project,
  allPairs,
  prepass,
  unbroadcast,
  addBlocks: (draw) =>
    lengths.map((n) =>
      draw.call(
        `${n}`,
        { to: n },
        {
          partials: new Uint8Array(Float64Array.from({ length: Math.ceil(n / BLOCK) }, Math.sqrt).buffer),
        },
      ),
    ),
  addRows: (draw) =>
    lengths.map((n) => draw.call(`${n}`, { to: n }, { partials: draw.floats(n + PADDING / draw.size) })),
};
