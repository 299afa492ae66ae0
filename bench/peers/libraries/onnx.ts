// ONNX Runtime, for the web (WebAssembly) and for Node (native), on one thread.
import { inProcess, type Peer, type Problem } from '../peer.ts';
import { crossEntropyGraph } from './onnxGraph.ts';

export async function onnx(build: 'web' | 'node', { shape, input, target }: Problem): Promise<Peer> {
  const ort = await import(build === 'web' ? 'onnxruntime-web' : 'onnxruntime-node');
  ort.env.logLevel = 'error';
  if (build === 'web') ort.env.wasm.numThreads = 1;
  const hadWorker = 'Worker' in globalThis;
  const [rows, classes] = shape;
  const session = await ort.InferenceSession.create(crossEntropyGraph(rows, classes), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
  });
  // the web build makes one up in Node; jax-js would take the platform for one with threads
  if (!hadWorker) Reflect.deleteProperty(globalThis, 'Worker');
  const feeds = {
    logits: new ort.Tensor('float32', input, [rows, classes]),
    labels: new ort.Tensor('int64', BigInt64Array.from(target, BigInt), [rows, 1]),
  };
  return inProcess(
    () => session.run(feeds),
    async () => {
      const { value, grad } = await session.run(feeds);
      return { value: value.data[0], grad: Float32Array.from(grad.data) };
    },
  );
}
