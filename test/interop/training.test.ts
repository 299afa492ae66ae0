// docs/training.md with jax-js and ONNX Runtime: its code, against their own gradients, and what is said of copies.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { load, type Tensor } from '../../src/index.ts';
import { install } from '../engines/packed.ts';
import { missing } from '../missing.ts';
import { blocksOf, linkPackages, prints } from './blocks.ts';
import { onnx } from './onnx.ts';

const blocks = blocksOf('docs/training.md');
const packages = {
  'jax-js': { names: ['@jax-js/jax'], folder: 'test/interop' },
  'ONNX Runtime': {
    names: ['onnxruntime-node', 'onnxruntime-web'],
    folder: 'examples/perplexity/runtimes',
  },
};
const modulesOf = (folder: string) => fileURLToPath(new URL(`../../${folder}/node_modules`, import.meta.url));
const isThere = (library: keyof typeof packages): boolean => {
  const { names, folder } = packages[library];
  const absent = names.filter((name) => !existsSync(join(modulesOf(folder), name)));
  if (absent.length === 0) return true;
  const why = `${absent.join(', ')} not installed`;
  missing({ what: `docs/training.md with ${library}`, why, install: `npm ci --prefix ${folder}` });
  return false;
};

const F = await load();
afterAll(() => F.dispose());
const taken = (library: keyof typeof packages, name: string): any =>
  createRequire(join(modulesOf(packages[library].folder), 'package.json'))(name);

const ROWS = 3;
/** Some of crossEntropy's. */
interface Options {
  labelSmoothing?: number;
  weight?: number[];
}

const STEPS = 30;
const RATE = 0.5;
const X = Float32Array.of(1, 0, 0, 1, 1, 1);
const labels = Int32Array.of(0, 1, 2);

/** What a linear model comes to by itself, with the gradient of F and products in f64. */
function expected(options: Options): number[] {
  const weights = new Float64Array(6);
  return Array.from({ length: STEPS }, () => {
    const logits = Float64Array.from({ length: 9 }, (_, i) => {
      const [row, c] = [Math.floor(i / 3), i % 3];
      return X[2 * row] * weights[c] + X[2 * row + 1] * weights[3 + c];
    });
    const { value, grad } = F.crossEntropy.valueAndGrad({ data: logits, shape: [3, 3] }, labels, options);
    for (let row = 0; row < ROWS; row++)
      for (let c = 0; c < 3; c++)
        for (const k of [0, 1]) weights[3 * k + c] -= RATE * X[2 * row + k] * grad.data[3 * row + c];
    return value;
  });
}
const close = (losses: readonly number[], wanted: readonly number[]): void => {
  expect(losses).toHaveLength(wanted.length);
  losses.forEach((loss, i) => {
    expect(Math.abs(loss - wanted[i])).toBeLessThan(1e-5);
  });
  expect(wanted.at(-1)).toBeLessThan(wanted[0]);
};

const hasJax = isThere('jax-js');
describe.skipIf(!hasJax)('jax-js', async () => {
  const {
    defaultDevice,
    init,
    nn,
    numpy: np,
    valueAndGrad,
    vjp,
  } = hasJax ? taken('jax-js', '@jax-js/jax') : {};
  if (hasJax) {
    await init('wasm');
    defaultDevice('wasm');
  }

  it('the code prints what its comments say', () => {
    const installed = install();
    linkPackages(modulesOf('test/interop'), installed);
    prints(installed, 'jax-js', blocks.get('jax-js')!);
    installed.remove();
  });

  it.each<Options>([{}, { labelSmoothing: 0.1 }, { weight: [1, 2, 3] }])(
    'a prepared step, whose gradient is one array for all steps: %j',
    async (options) => {
      const logits = F.zeros([3, 3]);
      const gradient = F.zeros([3, 3]);
      const step = F.crossEntropy.prepare(logits, labels, { ...options, out: gradient });
      const x = np.array(X).reshape([3, 2]);
      let weights = np.zeros([2, 3]);
      const losses: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        const [output, back] = vjp((w: unknown) => np.dot(x.ref, w), [weights.ref]);
        logits.data.set(await output.data());
        losses.push(step());
        const [change] = back(np.array(gradient.data).reshape([3, 3]));
        gradient.data.fill(NaN);
        back.dispose();
        weights = weights.sub(change.mul(RATE));
      }
      close(losses, expected(options));
      for (const one of [step, logits, gradient]) one.dispose();
    },
  );

  it('the gradient is that of its own grad()', () => {
    const x = np.array(X).reshape([3, 2]);
    const start = np.array([
      [0.5, -1, 2],
      [1, 0.25, -0.5],
    ]);
    const own = valueAndGrad((w: unknown) =>
      np.mean(np.sum(nn.logSoftmax(np.dot(x.ref, w)).mul(np.eye(3)), 1)).mul(-1),
    );
    const [value, grad] = own(start.ref);
    const [logits, back] = vjp((w: unknown) => np.dot(x.ref, w), [start]);
    const ours = F.crossEntropy.valueAndGrad({ data: logits.dataSync(), shape: [3, 3] }, labels);
    const [change] = back(np.array(ours.grad.data).reshape([3, 3]));
    expect(ours.value).toBeCloseTo(value.js(), 5);
    const wanted = [...grad.dataSync()];
    [...change.dataSync()].forEach((d, i) => {
      expect(d).toBeCloseTo(wanted[i], 5);
    });
  });
});

const forward = onnx(
  ['x', 'weights'],
  [{ op: 'MatMul', inputs: ['x', 'weights'], output: 'logits' }],
  'logits',
);
const update = onnx(
  ['x', 'weights', 'gradient'],
  [
    { op: 'Transpose', inputs: ['x'], output: 'columns' },
    { op: 'MatMul', inputs: ['columns', 'gradient'], output: 'slope' },
    { op: 'Mul', inputs: ['slope', 'rate'], output: 'change' },
    { op: 'Sub', inputs: ['weights', 'change'], output: 'updated' },
  ],
  'updated',
  { rate: RATE },
);

const hasOnnx = isThere('ONNX Runtime');
describe.skipIf(!hasOnnx)('ONNX Runtime', () => {
  it('the code prints what its comments say', () => {
    const installed = install();
    linkPackages(modulesOf('examples/perplexity/runtimes'), installed);
    installed.write('forward.onnx', forward);
    installed.write('update.onnx', update);
    prints(installed, 'ONNX Runtime', blocks.get('ONNX Runtime')!);
    installed.remove();
  });

  describe.each(['onnxruntime-node', 'onnxruntime-web'])('%s', async (name) => {
    const ort = hasOnnx ? taken('ONNX Runtime', name) : {};
    const writes = name === 'onnxruntime-node';
    const over = ({ data, shape }: Tensor) => new ort.Tensor('float32', data, shape);
    const x = hasOnnx ? new ort.Tensor('float32', X, [3, 2]) : undefined;
    // where both are loaded they share a list of backends, in which 'cpu' is the native one
    const executionProviders = [writes ? 'cpu' : 'wasm'];
    const sessions = async () => [
      await ort.InferenceSession.create(forward, { executionProviders }),
      await ort.InferenceSession.create(update, { executionProviders }),
    ];
    const zeros = () => new ort.Tensor('float32', new Float32Array(6), [2, 3]);

    it.each<Options>([{}, { labelSmoothing: 0.1 }])('trains between two graphs: %j', async (options) => {
      const [model, change] = await sessions();
      const logits = F.zeros([3, 3]);
      const gradient = F.zeros([3, 3]);
      const step = F.crossEntropy.prepare(logits, labels, { ...options, out: gradient });
      let weights = zeros();
      const losses: number[] = [];
      for (let i = 0; i < STEPS; i++) {
        if (writes) await model.run({ x, weights }, { logits: over(logits) });
        else logits.data.set((await model.run({ x, weights })).logits.data);
        losses.push(step());
        weights = (await change.run({ x, weights, gradient: over(gradient) })).updated;
      }
      close(losses, expected(options));
      for (const one of [step, logits, gradient]) one.dispose();
    });

    it('a result goes into a call as it is', async () => {
      const [model] = await sessions();
      const weights = new ort.Tensor('float32', Float32Array.of(0.5, -1, 2, 1, 0.25, -0.5), [2, 3]);
      const { logits } = await model.run({ x, weights });
      const data = Float32Array.of(0.5, -1, 2, 1, 0.25, -0.5, 1.5, -0.75, 1.5);
      expect(logits.data).toEqual(data);
      expect(F.crossEntropy(logits, labels)).toBe(F.crossEntropy({ data, shape: [3, 3] }, labels));
    });

    it('what it does with an output that it is given', async () => {
      const [model] = await sessions();
      const logits = F.zeros([3, 3]);
      logits.data.fill(7);
      const weights = new ort.Tensor('float32', new Float32Array(6).fill(1), [2, 3]);
      await model.run({ x, weights }, { logits: over(logits) });
      // should the second write some day, the document has to say so
      expect([...logits.data]).toEqual(writes ? [1, 1, 1, 1, 1, 1, 2, 2, 2] : Array(9).fill(7));
      logits.dispose();
    });
  });

  // copies of 64 MB, by the process's greatest size
  it.each([
    ['in', 0],
    ['out', 1],
    ['own', 2],
  ])('onnxruntime-node, a large tensor %s: copies made: %i', (how, copies) => {
    const script = fileURLToPath(new URL('copies.ts', import.meta.url));
    const grown = Number(
      execFileSync(process.execPath, ['--import', 'tsx', script, how], { encoding: 'utf8', timeout: 60_000 }),
    );
    expect(Math.abs(grown - copies)).toBeLessThan(0.4);
  });

  it('onnxruntime-node refuses a view that memory has outgrown, and takes one made anew', async () => {
    const ort = taken('ONNX Runtime', 'onnxruntime-node');
    const own = await load();
    const logits = own.zeros([3, 3]);
    const model = await ort.InferenceSession.create(forward);
    const feeds = {
      x: new ort.Tensor('float32', X, [3, 2]),
      weights: new ort.Tensor('float32', new Float32Array(6).fill(1), [2, 3]),
    };
    const old = new ort.Tensor('float32', logits.data, logits.shape);
    const large = own.zeros([1 << 22]);
    await expect(model.run(feeds, { logits: old })).rejects.toThrow('not enough space');
    await model.run(feeds, { logits: new ort.Tensor('float32', logits.data, logits.shape) });
    expect(logits.data[8]).toBe(2);
    large.dispose();
    own.dispose();
  });

  it('onnxruntime-node takes no view of shared memory', async () => {
    const ort = taken('ONNX Runtime', 'onnxruntime-node');
    const model = await ort.InferenceSession.create(forward);
    const shared = new Float32Array(new SharedArrayBuffer(36));
    const feeds = {
      x: new ort.Tensor('float32', X, [3, 2]),
      weights: new ort.Tensor('float32', new Float32Array(6), [2, 3]),
    };
    const logits = new ort.Tensor('float32', shared, [3, 3]);
    await expect(model.run(feeds, { logits })).rejects.toThrow('Invalid argument');
  });
});
