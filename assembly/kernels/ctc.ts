// Connectionist temporal classification (Graves et al., 2006): −log of the probability of all paths through the frames that spell the
// labels, a path having a label or the blank in each frame.
//
// A path is on the blank behind n labels (φ), or on label n (ε):
//   φ_t(n) = e_t(blank) (φ_t−1(n) + ε_t−1(n − 1))
//   ε_t(n) = e_t(y_n) (ε_t−1(n) + φ_t−1(n) + [y_n ≠ y_n−1] ε_t−1(n − 1))
// in scaled numbers, which cost a third of logarithms and lose nothing where a sequence is long. From the end
//   φ'_t(n) = u_t+1(φ n) + u_t+1(ε n)
//   ε'_t(n) = u_t+1(ε n) + u_t+1(φ n + 1) + [y_n+1 ≠ y_n] u_t+1(ε n + 1),   u = e times these,
// and γ = φ φ'/P or ε ε'/P is the share of the paths in a cell. The gradient is −γ with respect to log-probabilities, p − γ to logits.

import { Call } from '../call';
import { CALL_GRAD0, CALL_P0, CALL_P2, CALL_TILE } from '../generated/abi';
import { RANGE, rowMax } from '../loops/rowRange';
import { SequenceOp } from '../loops/sequences';
import { Exp } from '../math/exp';
import { Log1p } from '../math/log1p';
import { NONE, Scaled } from '../math/scaled';
import { Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import { Pair } from '../simd/pair';

/** Frames after which mantissas, of which one makes 9 times as much at most, are brought back to 1. */
const OFTEN: usize = 32;

// Of the call.
let isLogits: bool = false;
let classes: usize = 0;
let step: usize = 0;
let blank: usize = 0;
let hasGrad: bool = false;
let room: usize = 0;

// Of the sequence.
let frames: usize = 0;
let labels: usize = 0;
let count: usize = 0;
/** Bytes of an array over n. */
let width: usize = 0;
/** 0 where y_n ≠ y_n−1, else what makes an exponent that of 0. */
let repeats: usize = 0;
/** What a row's exponentials add up to but for the greatest, by frame. */
let rests: usize = 0;
/** Two rows of what is left to go. */
let ahead: usize = 0;
/** γ of the labels, and of the classes, the latter 0 between frames. */
let cells: usize = 0;
let shares: usize = 0;
/** P. */
let mantissa: f64 = 0;
let exponent: f64 = 0;

class Cells {
  /** Bytes up to n in an array that begins with −2, so that a vector below 0 and one above the end can be read. */
  @inline static offset(n: usize): usize {
    return 8 * (n + 2);
  }

  /** The class of the label that is at this offset. */
  @inline static label(offset: usize): usize {
    return load<u32>(labels + ((offset - 16) >> 1));
  }
}

/** The cells of a frame through which a path can lead, as vectors: the first, and the one behind the last. */
let first: usize = 0;
let end: usize = 0;

function SET_BAND(t: usize): void {
  const left = frames - t;
  first = Cells.offset((count > left ? count - left : 0) & ~1);
  end = Cells.offset((min(count, t) | 1) + 1);
}

/**
 * A row: m and e of φ, then of ε, and of frames m and e of the labels' factors, and the blank's. All frames' rows are kept where
 * there is a gradient to be written, else two.
 */
class Row {
  @inline static get bytes(): usize {
    return 6 * width + 16;
  }

  /** What there is after frame t; of −1 what there is before all. */
  @inline static at(t: usize): usize {
    t++;
    return room + (hasGrad ? t : t & 1) * Row.bytes;
  }

  /** 0 in the vector at o. */
  @inline static clear(row: usize, o: usize): void {
    v128.store(row + o, Lanes.zero());
    v128.store(row + width + o, NONE);
    v128.store(row + 2 * width + o, Lanes.zero());
    v128.store(row + 3 * width + o, NONE);
  }

  /** 0 everywhere but for φ(n), which is 1. */
  static start(row: usize, n: usize): void {
    for (let o: usize = 0; o < width; o += 16) Row.clear(row, o);
    store<f64>(row + Cells.offset(n), 1);
    store<f64>(row + width + Cells.offset(n), 0);
  }

  /** Ends a row whose band is there. */
  @inline static close(row: usize, t: usize): void {
    Row.clear(row, first - 16);
    Row.clear(row, end);
    if (t % OFTEN != 0) return;
    const n = (end - first) >> 3;
    Scaled.normalise(row + first, row + width + first, n);
    Scaled.normalise(row + 2 * width + first, row + 3 * width + first, n);
  }
}

export class Ctc<T extends number> extends SequenceOp<T> {
  begin(call: usize, n: usize, bytes: usize): void {
    blank = usize(load<f64>(call, CALL_P0));
    isLogits = load<f64>(call, CALL_P2) != 0;
    hasGrad = Call.at(call, CALL_GRAD0) != 0;
    room = Call.at(call, CALL_TILE);
    classes = n;
    step = bytes;
  }

  loss(x: usize, g: usize, frameCount: usize, y: usize, labelCount: usize): f64 {
    frames = frameCount;
    labels = y;
    count = labelCount;
    if (!IS_FEASIBLE()) return Infinity;
    SET_ROOM();
    Row.start(Row.at(-1), 0);
    for (let t: usize = 0; t < frames; t++) {
      FACTORS<T>(x, g, t);
      FORWARD(t);
      x += step;
      g += step;
    }
    const last = Row.at(frames - 1);
    const a = last + Cells.offset(count);
    const b = last + 2 * width + Cells.offset(count - 1);
    exponent = max(load<f64>(a + width), load<f64>(b + width));
    const top = f64x2.splat(exponent);
    mantissa =
      Scaled.alignedOne(load<f64>(a), load<f64>(a + width), top) +
      Scaled.alignedOne(load<f64>(b), load<f64>(b + width), top);
    const loss = 0 - Scaled.log(mantissa, exponent);
    if (!isLogits) return loss;
    const whole = loss + LOG_SUMS();
    return whole < 0 ? 0 : whole;
  }

  grads(g: usize, k: f64): void {
    Row.start(ahead + (frames & 1) * Row.bytes, count);
    for (let c: usize = 0; c < classes; c++) store<f64>(shares + 8 * c, 0);
    g += frames * step;
    for (let t = frames; t-- > 0; ) {
      g -= step;
      store<f64>(shares + 8 * blank, BACKWARD(t));
      for (let n: usize = first; n < min(end, Cells.offset(count)); n += 8) {
        const p = shares + 8 * Cells.label(n);
        store<f64>(p, load<f64>(p) + load<f64>(cells + n));
      }
      if (isLogits) LOGIT_ROW<T>(g, k, 1 / (1 + load<f64>(rests + 8 * t)));
      else {
        Lanes.fill<T>(g, Lanes.splat<T>(0 * k), classes);
        this.store(g, blank, k);
        for (let n: usize = first; n < min(end, Cells.offset(count)); n += 8)
          this.store(g, Cells.label(n), k);
      }
      for (let n: usize = first; n < min(end, Cells.offset(count)); n += 8)
        store<f64>(shares + 8 * Cells.label(n), 0);
    }
  }

  /** Writes the gradient with respect to a class's log-probability. */
  @inline store(g: usize, c: usize, k: f64): void {
    Lanes.storeFirst<T>(g + c * sizeof<T>(), Lanes.splat<T>(0 - k * load<f64>(shares + 8 * c)));
  }
}

/** Whether there are as many frames as the labels take, with a blank between two that are the same. */
function IS_FEASIBLE(): bool {
  let least = count;
  for (let n: usize = 1; n < count && least <= frames; n++)
    least += usize(load<u32>(labels + 4 * n) == load<u32>(labels + 4 * n - 4));
  return least <= frames;
}

/** Finds places for all that the sequence takes. */
function SET_ROOM(): void {
  width = 8 * ((count + 6) & ~1);
  const rows = hasGrad ? frames + 1 : 2;
  ahead = room + rows * Row.bytes;
  repeats = ahead + 2 * Row.bytes;
  cells = repeats + width;
  rests = cells + width;
  shares = rests + 8 * frames;
  Lanes.fill<f64>(repeats, NONE, width >> 3);
  for (let n: usize = 1; n < count; n++) {
    if (load<u32>(labels + 4 * n) != load<u32>(labels + 4 * n - 4)) store<f64>(repeats + Cells.offset(n), 0);
  }
}

/** The factors of frame t, of e^x, or of logits e^(x − m), whose exponentials are left in g where there is one. */
function FACTORS<T extends number>(x: usize, g: usize, t: usize): void {
  const row = Row.at(t);
  const m = row + 4 * width;
  for (let n: usize = 0; n < count; n++)
    store<f64>(m + Cells.offset(n), Lanes.load<T>(x + usize(load<u32>(labels + 4 * n)) * sizeof<T>()));
  // the blank is the last of them
  store<f64>(m + Cells.offset(count), Lanes.load<T>(x + blank * sizeof<T>()));
  store<f64>(m + Cells.offset(count + 1), 0);
  let greatest = Lanes.zero();
  if (isLogits) {
    store<f64>(rests + 8 * t, SUM<T>(x, hasGrad ? g : 0) - 1);
    greatest = Wide.low<T>(rowMax);
  }
  EXPONENTIALS(row, greatest);
}

/** Makes e^(x − greatest) of what stands in a row for its factors. */
function EXPONENTIALS(row: usize, greatest: v128): void {
  const m = row + 4 * width;
  const e = m + width;
  const last = Cells.offset(count);
  for (let o = Cells.offset(0); o <= last; o += 16)
    Scaled.storeExp(m + o, e + o, f64x2.sub(v128.load(m + o), greatest));
  const place = row + 6 * width;
  store<f64>(place, load<f64>(m + last));
  store<f64>(place, load<f64>(e + last), 8);
  // and no label is behind the others
  store<f64>(m + last, 0);
  store<f64>(e + last, f64x2.extract_lane(NONE, 0));
  store<f64>(m + last, 0, 8);
  store<f64>(e + last, f64x2.extract_lane(NONE, 0), 8);
}

/** Σ e^(x − m) of a row of logits, the greatest of which it finds; leaves the exponentials in g. */
function SUM<T extends number>(x: usize, g: usize): f64 {
  RANGE<T>(x, classes);
  let sum = Lanes.zero();
  let left = classes;
  for (; left >= Lanes.count<T>(); left -= Lanes.count<T>()) {
    const e = Exp.flush<T>(v128.sub<T>(v128.load(x), rowMax));
    sum = Tree.accumulate<T>(sum, e);
    if (g) v128.store(g, e);
    x += 16;
    g += g ? 16 : 0;
  }
  let rest: f64 = 0;
  for (; left; left--) {
    const e = Exp.flush<T>(v128.sub<T>(Lanes.loadSplat<T>(x), rowMax));
    rest += Lanes.first<T>(e);
    if (g) Lanes.storeFirst<T>(g, e);
    x += sizeof<T>();
    g += g ? sizeof<T>() : 0;
  }
  return Tree.fold(sum) + rest;
}

/** Σ log Z over the frames. */
function LOG_SUMS(): f64 {
  let sum = Lanes.zero();
  let t: usize = 0;
  for (; t + 2 <= frames; t += 2) sum = f64x2.add(sum, Log1p.of<f64>(v128.load(rests + 8 * t)));
  let total = Tree.fold(sum);
  if (t < frames) total += f64x2.extract_lane(Log1p.of<f64>(v128.load64_splat(rests + 8 * t)), 0);
  return total;
}

/** What there is after frame t. */
function FORWARD(t: usize): void {
  SET_BAND(t);
  const from = Row.at(t - 1);
  const to = Row.at(t);
  const m = v128.load64_splat(to + 6 * width);
  const e = v128.load64_splat(to + 6 * width + 8);
  for (let o = first; o != end; o += 16) {
    const p = from + o;
    const q = p + 2 * width;
    const phi = v128.load(p);
    const phiE = v128.load(p + width);
    const eps = v128.load(q);
    const epsE = v128.load(q + width);
    // of the label before
    const old = v128.load(q - 8);
    const oldE = v128.load(q + width - 8);
    const r = to + o;
    const top = f64x2.pmax(phiE, oldE);
    const sum = f64x2.add(Scaled.aligned(phi, phiE, top), Scaled.aligned(old, oldE, top));
    v128.store(r, f64x2.mul(sum, m));
    v128.store(r + width, f64x2.add(top, e));
    const skipE = f64x2.add(oldE, v128.load(repeats + o));
    const most = f64x2.pmax(f64x2.pmax(phiE, epsE), skipE);
    const all = f64x2.add(
      f64x2.add(Scaled.aligned(phi, phiE, most), Scaled.aligned(eps, epsE, most)),
      Scaled.aligned(old, skipE, most),
    );
    v128.store(r + 2 * width, f64x2.mul(all, v128.load(r + 4 * width)));
    v128.store(r + 3 * width, f64x2.add(most, v128.load(r + 5 * width)));
  }
  Row.close(to, t);
}

/** What is left to go from frame t, and the shares of its cells; returns the blank's. */
function BACKWARD(t: usize): f64 {
  SET_BAND(t);
  const row = Row.at(t);
  const from = ahead + ((t + 1) & 1) * Row.bytes;
  const to = ahead + (t & 1) * Row.bytes;
  const m = v128.load64_splat(row + 6 * width);
  const e = v128.load64_splat(row + 6 * width + 8);
  const inverse = f64x2.splat(1 / mantissa);
  const less = f64x2.splat(exponent);
  let blanks = Lanes.zero();
  for (let o = first; o != end; o += 16) {
    const p = from + o;
    const q = p + 2 * width;
    const phi = v128.load(p);
    const phiE = v128.load(p + width);
    const eps = v128.load(q);
    const epsE = v128.load(q + width);
    // of the next label, and of the blank before it
    const next = v128.load(p + 8);
    const nextE = v128.load(p + width + 8);
    const skip = v128.load(q + 8);
    const skipE = f64x2.add(v128.load(q + width + 8), v128.load(repeats + o + 8));
    const top = f64x2.pmax(phiE, epsE);
    const sum = f64x2.add(Scaled.aligned(phi, phiE, top), Scaled.aligned(eps, epsE, top));
    const most = f64x2.pmax(f64x2.pmax(epsE, nextE), skipE);
    const all = f64x2.add(
      f64x2.add(Scaled.aligned(eps, epsE, most), Scaled.aligned(next, nextE, most)),
      Scaled.aligned(skip, skipE, most),
    );
    const r = row + o;
    const s = to + o;
    blanks = f64x2.add(
      blanks,
      Scaled.aligned(
        f64x2.mul(v128.load(r), f64x2.mul(sum, inverse)),
        f64x2.add(v128.load(r + width), top),
        less,
      ),
    );
    v128.store(
      cells + o,
      Scaled.aligned(
        f64x2.mul(v128.load(r + 2 * width), f64x2.mul(all, inverse)),
        f64x2.add(v128.load(r + 3 * width), most),
        less,
      ),
    );
    v128.store(s, f64x2.mul(sum, m));
    v128.store(s + width, f64x2.add(top, e));
    v128.store(s + 2 * width, f64x2.mul(all, v128.load(r + 4 * width)));
    v128.store(s + 3 * width, f64x2.add(most, v128.load(r + 5 * width)));
  }
  Row.close(to, t);
  return Tree.fold(blanks);
}

/** Makes the gradient of a row of logits of their exponentials. */
function LOGIT_ROW<T extends number>(g: usize, k: f64, inverse: f64): void {
  const factor = f64x2.splat(k);
  const by = f64x2.splat(inverse);
  let p = shares;
  let left = classes;
  for (; left >= 2; left -= 2) {
    const probability = f64x2.mul(Pair.load<T>(g), by);
    Pair.store<T>(g, f64x2.mul(factor, f64x2.sub(probability, v128.load(p))));
    g += 2 * sizeof<T>();
    p += 16;
  }
  if (left) Pair.storeFirst<T>(g, f64x2.splat(k * (Lanes.load<T>(g) * inverse - load<f64>(p))));
}
