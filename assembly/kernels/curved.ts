// Losses that are a function of cross entropy's rows (loops/curve.ts has it: focal loss, poly loss): the loops that find these.

import { RowLoops } from '../loops/curved';
import { FEW } from '../loops/few';
import { LANEWISE } from '../loops/lanewise';
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

  @inline few(call: usize): f64 {
    return FEW<T, CrossEntropy<T>>(call);
  }
}
