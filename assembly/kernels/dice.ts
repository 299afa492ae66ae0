// Dice, or Tversky, loss of a class, from sums over the positions p of a sample (S. S. M. Salehi and others, 2017; F. Milletari and
// others, 2016): both Σ p t, over Σ p (1 − t), under Σ t (1 − p)
//
//   wrong = α over + β under + e,  right = both + s,  D = right + wrong
//   loss       wrong/D, never 1 − right/D, which has no digit where the sets are nearly equal
//   gradient   (1 − t) α r − t (β r + l), r = right/D², l = wrong/D²; of the target (1 − p) β r − p (α r + l)
//
// P0, P1 are α and β, P2 is s and P3 is e.
import { CALL_P0, CALL_P1, CALL_P2, CALL_P3 } from '../generated/abi';
import { OverlapOp } from '../loops/overlaps';

let alpha: f64 = 0;
let beta: f64 = 0;
let smooth: f64 = 0;
let eps: f64 = 0;

// Of the last class.
let wrong: f64 = 0;
let right: f64 = 0;

export class Dice<T extends number> extends OverlapOp<T> {
  begin(call: usize): void {
    alpha = load<f64>(call, CALL_P0);
    beta = load<f64>(call, CALL_P1);
    smooth = load<f64>(call, CALL_P2);
    eps = load<f64>(call, CALL_P3);
  }

  loss(both: f64, over: f64, under: f64): f64 {
    wrong = alpha * over + beta * under + eps;
    right = both + smooth;
    return wrong / (right + wrong);
  }

  keep(at: usize, k: f64): void {
    const divisor = right + wrong;
    store<f64>(at, (right / divisor / divisor) * k);
    store<f64>(at, (wrong / divisor / divisor) * k, 8);
  }

  @inline over(at: usize, isTarget: bool): f64 {
    return (isTarget ? beta : alpha) * load<f64>(at);
  }

  @inline under(at: usize, isTarget: bool): f64 {
    return (isTarget ? alpha : beta) * load<f64>(at) + load<f64>(at, 8);
  }
}
