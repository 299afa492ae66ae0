// Reading the call record, and what value and gradient are scaled by.
import {
  CALL_ACTIVE,
  CALL_DIVISOR,
  CALL_FLAGS,
  CALL_PARTIALS,
  CALL_VALUE,
  CALL_WEIGHT_SUM,
  FLAG_EMPTY_IS_ZERO,
  FLAG_WEIGHTED_MEAN,
} from './generated/abi';

export class Call {
  @inline static at(call: usize, field: usize): usize {
    return load<usize>(call + field);
  }

  /** What is `offset` bytes into an operand, 0 where it is not given. */
  static into(call: usize, field: usize, offset: usize): usize {
    const address = Call.at(call, field);
    return address ? address + offset : 0;
  }

  @inline static has(call: usize, flag: u32): bool {
    return (load<u32>(call, CALL_FLAGS) & flag) != 0;
  }

  /** Where the rows' values go, or 0 where they are to be added up: the result of 'none', or what a part leaves. */
  @inline static values(call: usize): usize {
    const partials = Call.at(call, CALL_PARTIALS);
    return partials ? partials : Call.at(call, CALL_VALUE);
  }

  /** A mean over nothing, or over weights that add up to 0, is NaN, and so are its gradients: 0 becomes NaN. */
  static divisor(call: usize): f64 {
    const divisor = Call.has(call, FLAG_WEIGHTED_MEAN)
      ? load<f64>(call, CALL_WEIGHT_SUM)
      : load<f64>(call, CALL_DIVISOR);
    return divisor == 0 ? NaN : divisor;
  }

  /** The reduced value from the sum of the terms. */
  static reduced(call: usize, sum: f64): f64 {
    if (Call.has(call, FLAG_EMPTY_IS_ZERO) && load<u32>(call, CALL_ACTIVE) == 0) return 0;
    return sum / Call.divisor(call);
  }
}
