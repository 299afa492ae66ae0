// Elementwise losses: which loop a call takes. The loops themselves are generated from points/.
import { FLAGS, GRAD0, IN0, IN1 } from '../abi.ts';
import { type Kernel, type RangeLoop, reduce } from './reduce.ts';

export interface Loops {
  /** Everything that can be asked for. */
  any: RangeLoop;
  /** The sum, without weights: the same bits. */
  sum?: RangeLoop;
  /** The gradient with respect to the input, without weights and with one upstream number. */
  grad?: RangeLoop;
  /** Both in one pass. */
  sumGrad?: RangeLoop;
}

/** What the special loops read and write. */
const PLAIN = (1 << IN0) | (1 << IN1) | (1 << GRAD0);

export const pointwise =
  ({ any, sum = any, grad = any, sumGrad = any }: Loops): Kernel =>
  (call) => {
    const special = (call.given & ~PLAIN) !== 0;
    const isValue = (call.flags & FLAGS.VALUE) !== 0;
    const loop = special ? any : !call.has(GRAD0) ? sum : isValue ? sumGrad : grad;
    return reduce(loop, call, call.inner);
  };
