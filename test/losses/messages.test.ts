// What messages tell someone who has forgotten a shape, given one-hot integers, or an option of another loss.
import { describe, expect, it } from 'vitest';
import { type LossFunctions, loadSync } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { loadSync as loadParts } from '../../src/parts/load.ts';
import { optionTables } from '../../src/plan/options.ts';
import { backends, loaded } from '../instances.ts';
import { f32 } from '../parts/every.ts';
import { sizeOf } from './inputs.ts';

type Any = any;
type Shape = readonly number[];

const HINT = ': give shapes as { data, shape }';
const said = (call: () => unknown): string => {
  try {
    call();
    return 'nothing thrown';
  } catch (error) {
    const { code, message } = error as Any;
    return `${code} ${message}`;
  }
};
const show = (shape: Shape): string => `[${shape.join(', ')}]`;
const array = (shape: Shape, data: Any = new Float32Array(sizeOf(shape))) => ({ data, shape });
const flat = (shape: Shape): Float32Array => new Float32Array(sizeOf(shape));
const labels = (n: number): Int32Array => new Int32Array(n);

/** The last ones are as long as they get: messages say all of it. */
const shapes: Shape[] = [
  [2, 3],
  [1, 4],
  [5, 1],
  [2, 3, 4],
  [0, 1024, 1024, 1024, 1024],
  [0, 1000, 1000, 1000, 10000],
];

const named = shapes.map((shape) => [show(shape), shape] as const);

describe.each(backends)('%s: a forgotten shape', (backend) => {
  const F = loaded[backend] as Any;

  describe.each(descriptors.filter(({ family }) => family.name === 'elementwise'))(
    '$name',
    ({ name, inputs }) => {
      it.each(named)('%s', (_, shape) => {
        const all = inputs.map(() => array(shape));
        inputs.forEach((input, i) => {
          // what broadcasts may be flat
          if (i === 0 || (input.shape === 'broadcast' && shape.includes(1))) return;
          // it may lack the last axis, and has it then
          const got = input.shape === 'first' || shape.length > 2 ? [sizeOf(shape)] : [sizeOf(shape), 1];
          const wanted =
            input.shape === 'first'
              ? `shape ${show(shape)} as "input" has`
              : `a shape that broadcasts to ${show(shape)}`;
          const message = said(() => F[name](...all.map((full, k) => (k === i ? flat(shape) : full))));
          expect(message.replace(`"${inputs[0].name}" has`, '"input" has')).toBe(
            `ERR_SHAPE "${input.name}" expected ${wanted}, got ${show(got)}${HINT}`,
          );
        });
        expect(said(() => F[name](flat(shape), ...all.slice(1)))).toBe(
          `ERR_SHAPE "${inputs[1].name}" expected shape [${sizeOf(shape)}] as "${inputs[0].name}" has, got ${show(shape)}${HINT}`,
        );
      });

      it('is not what is wrong with other numbers of elements', () => {
        const message = said(() => F[name](...inputs.map((_, i) => flat([i === 1 ? 5 : 6]))));
        expect(message).toBe(
          `ERR_SHAPE "${inputs[1].name}" expected shape [6] as "${inputs[0].name}" has, got [5]`,
        );
      });
    },
  );

  describe.each(descriptors.filter(({ family }) => family.name === 'classes'))(
    '$name',
    ({ name, inputs }) => {
      const either = inputs[1].holds === 'either';
      const wanted = (input: Shape): string => {
        const rows = show([...input.slice(0, 1), ...input.slice(2)].slice(0, input.length - 1));
        return `ERR_SHAPE "target" expected shape ${rows} ${
          either
            ? `(class indices) or the input's ${show(input)} (probabilities)`
            : `for the input's ${show(input)}`
        }`;
      };

      it('long shapes are cut, and the sentence is not', () => {
        const long = (size: number): Shape => [0, ...Array(30).fill(size)];
        const message = said(() => F[name](array(long(1000)), array(long(1001), new Int32Array(0))));
        expect(message.length).toBeLessThanOrEqual('ERR_SHAPE '.length + 200);
        expect(message.endsWith(HINT)).toBe(true);
      });

      it.each(named)('%s', (_, shape) => {
        const n = sizeOf(shape);
        const rows = sizeOf(shape.filter((_, i) => i !== 1));
        const line = [n];
        // an input of many rows is read as one
        if (n > 0 && rows < n)
          expect(said(() => F[name](flat(shape), labels(rows)))).toBe(
            `${wanted(line)}, got [${rows}]${HINT}`,
          );
        if (shape.length > 2)
          expect(said(() => F[name](array(shape), labels(rows)))).toBe(
            `${wanted(shape)}, got [${rows}]${HINT}`,
          );
        if (either && n !== shape[0])
          expect(said(() => F[name](array(shape), flat(shape)))).toBe(`${wanted(shape)}, got [${n}]${HINT}`);
        expect(said(() => F[name](array([2, 3]), labels(4)))).toBe(`${wanted([2, 3])}, got [4]`);
      });
    },
  );

  it.each([
    ...[
      'Int8Array',
      'Int16Array',
      'Int32Array',
      'Uint8Array',
      'Uint8ClampedArray',
      'Uint16Array',
      'Uint32Array',
    ],
    ...['BigInt64Array', 'BigUint64Array'],
  ])('one-hot targets are probabilities, of no integer type: %s', (type) => {
    for (const shape of [[2, 3], [3], [2, 3, 2]]) {
      const data = new (globalThis as Any)[type](sizeOf(shape));
      const message = said(() => F.crossEntropy(array(shape), array(shape, data)));
      expect(message).toMatch(
        /^ERR_DTYPE "target" expected f32 or f64 \(probabilities, because of its shape\), got [iu]\d+$/,
      );
    }
    expect(F.crossEntropy(array([1, 2]), [[1, 0]])).toBeCloseTo(Math.LN2, 6);
  });
});

describe('an option that is unknown', () => {
  const F = loadSync() as LossFunctions & Any;
  const x = Float32Array.of(1);
  const forms = { plain: '', prepared: 'prepare', second: 'gradAndHess' };
  const calls = descriptors.flatMap((descriptor) =>
    Object.entries(optionTables(descriptor)).flatMap(([table, known]) => {
      const loss = F[descriptor.name];
      const call = table === 'plain' ? loss : loss[forms[table as keyof typeof forms]];
      return call === undefined ? [] : { descriptor, known: Object.keys(known), call };
    }),
  );
  const refusal = (call: Any, { inputs }: (typeof descriptors)[number], name: string): string =>
    said(() => call(...inputs.map(() => x), { [name]: 1 }));

  it('is named with the first loss that has it', () => {
    const own = [...new Set(descriptors.flatMap(({ options }) => Object.keys(options)))];
    let count = 0;
    for (const { descriptor, call, known } of calls) {
      for (const name of own) {
        if (known.includes(name)) continue;
        const owner = descriptors.find(({ options }) => name in options)!;
        expect(refusal(call, descriptor, name)).toBe(
          `ERR_OPTION unknown option "${name}": ${owner.name} has it`,
        );
        count++;
      }
    }
    expect(count).toBeGreaterThan(100);
    expect(refusal(F.bce, descriptors[0], 'posWeight')).toContain('bceWithLogits has it');
  });

  it('of a loss that is there alone', () => {
    for (const descriptor of descriptors) {
      const G = loadParts({ losses: [f32[descriptor.name as keyof typeof f32]] } as Any) as Any;
      for (const [name, owner] of Object.entries(descriptor.elsewhere ?? {}))
        expect(refusal(G[descriptor.name], descriptor, name)).toBe(
          `ERR_OPTION unknown option "${name}": ${owner} has it`,
        );
      G.dispose();
    }
  });

  it('that what is elsewhere is there', () => {
    for (const { elsewhere = {}, options } of descriptors) {
      for (const [name, owner] of Object.entries(elsewhere)) {
        expect(options).not.toHaveProperty(name);
        expect(descriptors.find((d) => d.name === owner)!.options).toHaveProperty(name);
      }
    }
  });

  it('far from all that are known: these are named, so many as there is room for', () => {
    const cut = new Set<string>();
    for (const { descriptor, known, call } of calls) {
      const message = refusal(call, descriptor, 'x'.repeat(1000));
      const [, named, isCut] = /^ERR_OPTION known options are (.*?)(…?), not "x+/.exec(message)!;
      expect(isCut ? known.join(', ').slice(0, named.length) : known.join(', ')).toBe(named);
      expect(named.length).toBeGreaterThanOrEqual(isCut ? 160 : 0);
      if (isCut) cut.add(descriptor.name);
    }
    expect([...cut]).toEqual(['crossEntropy', 'categoricalFocal']);
  });

  it.each([
    ['reducton', 'reduction'],
    ['Reduction', 'reduction'],
    ['sample_weight', 'sampleWeight'],
    ['sampleWeights', 'sampleWeight'],
    ['wieght', 'weight'],
    ['weihgt', 'weight'],
    ['gradoutptu', 'gradOutput'],
    ['ou', 'out'],
    ['WRT', 'wrt'],
  ])('%s is near to %s', (name, near) => {
    expect(refusal(F.mse, descriptors[0], name)).toBe(
      `ERR_OPTION unknown option "${name}": did you mean "${near}"?`,
    );
  });
});
