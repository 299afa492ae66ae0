// Multi-label margin loss (PyTorch: nn.functional.multilabel_margin_loss), of one label k of a row and a class j that is none:
//   m = max(0, 1 + (x_j − x_k));   slope 1 where m > 0, else 0
import { SetOp } from '../loops/labelSets';
import { MultiMargin } from './multiMargin';

export class MultilabelMargin<T extends number> extends SetOp<T> {
  @inline slope(m: v128): v128 {
    return changetype<MultiMargin<T>>(0).slope(m, 1);
  }

  @inline plainSlope(m: v128): v128 {
    return changetype<MultiMargin<T>>(0).plainSlope(m, 1);
  }
}
