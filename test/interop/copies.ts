// In a process of its own: by how many times its size a large tensor of F's makes the process grow that hands it to onnxruntime-node,
// as an input ('in'), as an output ('out'), and what an output of the session's own takes ('own').
import { createRequire } from 'node:module';
import { load } from '../../src/index.ts';
import { onnx } from './onnx.ts';

const SIDE = 4000;
const require = createRequire(new URL('../../examples/perplexity/runtimes/package.json', import.meta.url));
const ort = require('onnxruntime-node');
const F = await load();
const large = F.zeros([SIDE, SIDE]);
large.data.fill(1);
const over = () => new ort.Tensor('float32', large.data, large.shape);
const vector = (dims: number[]) => new ort.Tensor('float32', new Float32Array(SIDE).fill(2), dims);
const session = (op: string) =>
  ort.InferenceSession.create(onnx(['a', 'b'], [{ op, inputs: ['a', 'b'], output: 'c' }], 'c'));

/** A product with a column reads the whole tensor; a sum of a column and a row fills one. */
const [product, sum] = [await session('MatMul'), await session('Add')];
const column = vector([SIDE, 1]);
const runs: Record<string, () => Promise<unknown>> = {
  in: () => product.run({ a: over(), b: column }),
  out: () => sum.run({ a: column, b: vector([1, SIDE]) }, { c: over() }),
  own: () => sum.run({ a: column, b: vector([1, SIDE]) }),
};
const peak = (): number => process.resourceUsage().maxRSS * 1024;
const before = peak();
await runs[process.argv[2]]();
console.log((peak() - before) / (4 * SIDE * SIDE));
