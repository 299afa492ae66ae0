// Losses that are a function of cross entropy's rows (loops/curve.ts has it: focal loss, poly loss): the loops that find these.

import { RowLoops } from '../loops/curved';
import { LANEWISE } from '../loops/lanewise';
import { PAIRS } from '../loops/pairs';
import { ROWWISE } from '../loops/rowwise';
import { SoftmaxColumn } from '../loops/softmaxColumn';
import { CrossEntropy } from './crossEntropy';

export class Curved<T extends number> extends RowLoops<T> {
  @inline rows(call: usize): f64 {
    return ROWWISE<T, CrossEntropy<T>>(call);
  }

  @inline lanes(call: usize): f64 {
    return LANEWISE<T, SoftmaxColumn<T, CrossEntropy<T>>>(call);
  }

  @inline pairs(call: usize): f64 {
    return PAIRS<T, CrossEntropy<T>>(call);
  }
}
