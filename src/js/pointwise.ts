// Elementwise losses: which loop a call takes. The loops themselves are generated from points/.
import { FLAGS } from '../abi.ts';
import { type Kernel, type Loop, reduce } from './reduce.ts';

export interface Loops {
  /** The sum, without weights. */
  sum: Loop;
  /** The gradient with respect to the input, without weights and with one upstream number. */
  grad: Loop;
  /** Both in one pass. */
  sumGrad: Loop;
  /** Everything that can be asked for; sums have the same bits. */
  any: Loop;
}

export const pointwise =
  (loops: Loops): Kernel =>
  (call) => {
    const special =
      call.weight || call.extra || call.sampleWeight || call.gradOutput || call.gradTarget || call.value;
    const isValue = (call.flags & FLAGS.VALUE) !== 0;
    const loop = special ? loops.any : !call.grad ? loops.sum : isValue ? loops.sumGrad : loops.grad;
    return reduce(loop, call, call.inner);
  };
