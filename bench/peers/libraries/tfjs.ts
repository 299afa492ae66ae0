// TensorFlow.js: valueAndGrad of its own softmax cross entropy. It wants one-hot targets, made beforehand.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { inProcess, type Peer, type Problem } from '../peer.ts';

tf.enableProdMode();
tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false); // one thread

export async function tfjs(backend: 'cpu' | 'wasm', { shape, input, target }: Problem): Promise<Peer> {
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);
  const [rows, classes] = shape;
  const x = tf.tensor(input, [rows, classes], 'float32');
  const labels = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor1d(target, 'int32'), classes), 'float32'));
  const valueAndGrad = tf.valueAndGrad((logits) => tf.losses.softmaxCrossEntropy(labels, logits));
  const step = () => {
    tf.setBackend(backend); // both are in this process; at once, as both are ready
    const { value, grad } = valueAndGrad(x);
    const number = value.dataSync()[0];
    value.dispose();
    return { value: number, grad };
  };
  return inProcess(
    () => step().grad.dispose(),
    () => {
      const { value, grad } = step();
      const data = Float32Array.from(grad.dataSync());
      grad.dispose();
      return { value, grad: data };
    },
  );
}
