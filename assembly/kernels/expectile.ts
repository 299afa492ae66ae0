// Expectile loss, d = x − t, q the quantile, P0 where it is no array:
//   w d² with w = q where x < t, 1 − q elsewhere;   gradient 2 w d
import { SummedOp } from '../loops/pointwise';
import { Lanes } from '../simd/lanes';
import { Pinball } from './pinball';

export class Expectile<T extends number> extends SummedOp<T> {
  @inline begin(): void {}

  @inline aux(x: v128, t: v128): v128 {
    return v128.sub<T>(x, t);
  }

  @inline value(x: v128, t: v128, q: v128, d: v128): v128 {
    return v128.mul<T>(v128.mul<T>(Pinball.rate<T>(q, d), d), d);
  }

  @inline grad(x: v128, t: v128, q: v128, d: v128): v128 {
    const half = v128.mul<T>(Pinball.rate<T>(q, d), d);
    return v128.add<T>(half, half);
  }

  @inline gradTarget(x: v128, t: v128, q: v128, d: v128): v128 {
    return Lanes.neg<T>(this.grad(x, t, q, d));
  }

  @inline hess(x: v128, t: v128, q: v128, d: v128): v128 {
    const rate = Pinball.rate<T>(q, d);
    return v128.or(v128.add<T>(rate, rate), v128.ne<T>(d, d));
  }
}
