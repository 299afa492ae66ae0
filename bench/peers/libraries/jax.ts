// jax-js on its WebAssembly backend: jit of valueAndGrad. One-hot targets, made beforehand: the gradient of takeAlongAxis does
// not compile (0.1.25). logSoftmax took twice as long as logsumexp.
import {
  blockUntilReady,
  defaultDevice,
  init,
  type JaxArray,
  jit,
  nn,
  numpy as np,
  valueAndGrad,
} from '@jax-js/jax';
import { inProcess, type Peer, type Problem } from '../peer.ts';

export async function jax({ shape, input, target }: Problem): Promise<Peer> {
  await init('wasm');
  defaultDevice('wasm');
  const [rows, classes] = shape;
  const x = np.array(input).reshape([rows, classes]);
  const labels = nn.oneHot(np.array(target, { dtype: np.int32 }), classes);
  // arguments are moved, not copied: .ref keeps ours
  const loss = (logits: JaxArray, oneHot: JaxArray) =>
    np
      .sum(nn.logsumexp(logits.ref, -1))
      .sub(np.sum(logits.mul(oneHot)))
      .mul(1 / rows);
  const step = jit(valueAndGrad(loss));
  const run = () => step(x.ref, labels.ref);
  return inProcess(
    async () => {
      for (const array of await blockUntilReady(run())) array.dispose();
    },
    async () => {
      const [value, grad] = await blockUntilReady(run());
      return { value: value.dataSync()[0], grad: Float32Array.from(grad.dataSync()) };
    },
  );
}
