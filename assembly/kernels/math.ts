// The vector math as maps on tensors: F.exp, F.log … Bounds and domains stand beside each function in math/.
import { MapOp } from '../loops/map';
import { Exp } from '../math/exp';
import { Expm1 } from '../math/expm1';
import { Log } from '../math/log';
import { Log1p } from '../math/log1p';
import { Softplus } from '../math/softplus';
import { Tanh } from '../math/tanh';

export class ExpMap<T extends number> extends MapOp<T> {
  @inline map(x: v128): v128 {
    return Exp.full<T>(x);
  }
}

export class Expm1Map<T extends number> extends MapOp<T> {
  @inline map(x: v128): v128 {
    return Expm1.of<T>(x);
  }
}

export class LogMap<T extends number> extends MapOp<T> {
  @inline map(x: v128): v128 {
    return Log.of<T>(x);
  }
}

export class Log1pMap<T extends number> extends MapOp<T> {
  @inline map(x: v128): v128 {
    return Log1p.of<T>(x);
  }
}

export class TanhMap<T extends number> extends MapOp<T> {
  @inline map(x: v128): v128 {
    return Tanh.of<T>(x);
  }
}

export class SoftplusMap<T extends number> extends MapOp<T> {
  @inline map(x: v128): v128 {
    return Softplus.of<T>(x);
  }
}
