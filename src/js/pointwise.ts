// Elementwise losses: which loop a call takes. The loops themselves are generated from points/.
import { FLAGS } from '../abi.ts';
import { type Kernel, type Loop, reduce } from './reduce.ts';

export interface Loops {
  /** Everything that can be asked for. */
  any: Loop;
  /** The sum, without weights: the same bits. */
  sum?: Loop;
  /** The gradient with respect to the input, without weights and with one upstream number. */
  grad?: Loop;
  /** Both in one pass. */
  sumGrad?: Loop;
}

export const pointwise =
  ({ any, sum = any, grad = any, sumGrad = any }: Loops): Kernel =>
  (call) => {
    const special =
      call.weight || call.extra || call.sampleWeight || call.gradOutput || call.gradTarget || call.value;
    const isValue = (call.flags & FLAGS.VALUE) !== 0;
    const loop = special ? any : !call.grad ? sum : isValue ? sumGrad : grad;
    return reduce(loop, call, call.inner);
  };
