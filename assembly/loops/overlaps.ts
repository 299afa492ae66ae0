// Losses of sets: how much the positions of a sample that are predicted to be of a class overlap with those that are of it. Sums over
// the positions of each sample and class, a loss of each three of them, and a second sweep for the gradients; softmax or sigmoid are
// made in both. [samples, classes, positions] with the class axis anywhere behind the samples.
//
// Positions are cut into blocks, whose sums are added up in their order: a thread takes some blocks, and the bits are those of one
// thread. A block goes by tiles (see tile.ts) of a line of positions.
//
// A probability that is made here is kept as one number from which neither it nor 1 − p has lost anything: the smaller of them, with a
// sign bit where that is 1 − p.

import { Call } from '../call';
import {
  CALL_CHUNK,
  CALL_CLASSES,
  CALL_FEATURES,
  CALL_FROM,
  CALL_GRAD_OUTPUT,
  CALL_GRAD0,
  CALL_GRAD1,
  CALL_IN0,
  CALL_IN1,
  CALL_OUTER,
  CALL_P4,
  CALL_P5,
  CALL_P6,
  CALL_P7,
  CALL_PARTIALS,
  CALL_SAMPLE_WEIGHT,
  CALL_SCALE,
  CALL_SCRATCH,
  CALL_STEP,
  CALL_TILE,
  CALL_TO,
  CALL_VALUE,
  CALL_WEIGHT,
  FLAG_SOFT,
  FLAG_VALUE,
  OVERLAP_BYTES,
  SCRATCH_TAIL,
  STEP_GRADS,
  STEP_JOIN,
  STEP_SUMS,
  TILE_WIDTH,
} from '../generated/abi';
import { Exp } from '../math/exp';
import { GROUP, Tree } from '../reduce/tree';
import { Wide } from '../reduce/wide';
import { Lanes } from '../simd/lanes';
import { LOAD_TILE, STORE_TILE } from './tile';

/** A loss of the overlap of one sample and class. */
export abstract class OverlapOp<T extends number> {
  abstract begin(call: usize): void;
  /** The loss where prediction and target have `both` in common, and there is `over` of the one and `under` of the other besides. */
  abstract loss(both: f64, over: f64, under: f64): f64;
  /** Keeps at `at`, in two numbers, what the slopes of that loss, times k, follow from. */
  abstract keep(at: usize, k: f64): void;
  /** The slope where the other set is not, and the negative one where it is; of the target with its sets exchanged. */
  abstract over(at: usize, isTarget: bool): f64;
  abstract under(at: usize, isTarget: bool): f64;
}

/** What the input is: P4. */
const SIGMOID: i32 = 1;
const SOFTMAX: i32 = 2;

// Of the call.
let classes: usize = 0;
/** The first class that has a loss, and how many of them there are. */
let first: usize = 0;
let count: usize = 0;
let positions: usize = 0;
let inner: usize = 0;
let kind: i32 = 0;
/** Positions of a block, and blocks of a sample. */
let block: usize = 0;
let blocks: usize = 0;
/** Three sums for each block and class; what the slopes follow from takes the place of those of a sample's first block. */
let sums: usize = 0;
let sampleWeights: usize = 0;

// The working space: tiles of probabilities, of targets (then their gradients), and of sums (then gradients).
let pTile: usize = 0;
let tTile: usize = 0;
let gTile: usize = 0;
/** Labels where fewer than a tile's are left. */
let labelTile: usize = 0;
let ranges: usize = 0;
/** What a tile is multiplied by on its way out. */
let ones: usize = 0;

// The present tile: its first position, seen as [row, classes, column], how many it has, and their bytes of a class; where
// probabilities and targets are, and how far their classes are apart.
let row: usize = 0;
let column: usize = 0;
let size: usize = 0;
let used: usize = 0;
/** Whether it lies in the tensors as it is, whose classes are so far apart, from so many bytes on. */
let isThere: bool = false;
let apart: usize = 0;
let offset: usize = 0;
let pAt: usize = 0;
let pStep: usize = 0;
let tAt: usize = 0;
let tStep: usize = 0;

/** How a number of a tile is read. */
abstract class Chance<T extends number> {
  /** p */
  abstract yes(v: v128): v128;
  /** 1 − p */
  abstract no(v: v128): v128;
}

/** Probabilities that are given. */
class Given<T extends number> extends Chance<T> {
  @inline yes(v: v128): v128 {
    return v;
  }

  @inline no(v: v128): v128 {
    return v128.sub<T>(Lanes.one<T>(), v);
  }
}

/** Those that are made here: the smaller of p and 1 − p, with a sign bit where that is 1 − p. */
class Made<T extends number> extends Chance<T> {
  /** 1 − |v| where v is high, else |v| */
  @inline yes(v: v128): v128 {
    const top = v128.and(Lanes.isNegative<T>(v), Lanes.one<T>());
    return Lanes.abs<T>(v128.sub<T>(top, Lanes.abs<T>(v)));
  }

  @inline no(v: v128): v128 {
    const bottom = v128.andnot(Lanes.one<T>(), Lanes.isNegative<T>(v));
    return Lanes.abs<T>(v128.sub<T>(bottom, Lanes.abs<T>(v)));
  }
}

function BEGIN<T extends number>(call: usize): void {
  classes = Call.at(call, CALL_CLASSES);
  first = u32(load<f64>(call, CALL_P5)) & 2 ? 1 : 0;
  count = classes - first;
  inner = usize(load<f64>(call, CALL_P6));
  positions = usize(load<f64>(call, CALL_P7));
  kind = i32(load<f64>(call, CALL_P4));
  block = Call.at(call, CALL_CHUNK);
  const samples = Call.at(call, CALL_OUTER) / max<usize>(1, count);
  blocks = Call.at(call, CALL_FEATURES) / max<usize>(1, samples);
  sampleWeights = Call.at(call, CALL_SAMPLE_WEIGHT);
  pTile = Call.at(call, CALL_TILE);
  const bytes = ((classes + 7) & ~7) * TILE_WIDTH;
  tTile = pTile + bytes;
  gTile = tTile + bytes;
  const shared = Call.at(call, CALL_PARTIALS);
  sums = shared ? shared : gTile + bytes;
  labelTile = Call.at(call, CALL_SCRATCH) + SCRATCH_TAIL;
  ranges = labelTile + TILE_WIDTH;
  ones = ranges + 2 * TILE_WIDTH;
  Lanes.fill<T>(ones, Lanes.one<T>(), TILE_WIDTH / sizeof<T>());
}

/** Whether a class of a sample counts: it may be left out, or have a weight of 0. */
function COUNTS<T extends number>(sample: usize, c: usize): bool {
  if (c < first) return false;
  if (!sampleWeights) return true;
  return Lanes.load<T>(sampleWeights + (sample * count + c - first) * sizeof<T>()) != 0;
}

/** Whether any class of a sample does; if none, nothing of the sample is read. */
function IS_READ<T extends number>(sample: usize): bool {
  for (let c: usize = 0; c < classes; c++) if (COUNTS<T>(sample, c)) return true;
  return false;
}

/** Zeros in the lanes of a tile from the present one's end on. */
function CUT<T extends number>(tile: usize): void {
  const left = used / sizeof<T>() - size;
  for (let c: usize = 0; left && c < classes; c++)
    Lanes.fill<T>(tile + c * TILE_WIDTH + size * sizeof<T>(), Lanes.zero(), left);
}

/** Goes to position p of a sample. */
function START(sample: usize, p: usize): void {
  const r = sample * positions + p;
  row = r / inner;
  column = r % inner;
  size = 0;
}

/** Bytes of a class where tiles lie in the tensors: few lines of many pages each take their time. */
const WIDE: usize = 512;

/** Makes the next of at most `left` positions the present tile. */
function NEXT<T extends number>(left: usize): void {
  if (inner == 1) row += size;
  else {
    column += size;
    for (; column >= inner; column -= inner) row++;
  }
  const width: usize = TILE_WIDTH / sizeof<T>();
  let bytes: usize = kind == SOFTMAX ? TILE_WIDTH : WIDE;
  // in the place of the tiles of probabilities and of targets
  if (kind == SIGMOID) bytes = min<usize>(bytes, ((gTile - pTile) / classes) & ~(TILE_WIDTH - 1));
  const most: usize = bytes / sizeof<T>();
  const there = min<usize>(left, inner - column);
  isThere = inner > 1 && there >= width;
  size = min<usize>(left, width);
  if (isThere && there >= most) size = most;
  used = ((size * sizeof<T>() + 15) >> 4) << 4;
  apart = inner * sizeof<T>();
  offset = (row * classes * inner + column) * sizeof<T>();
}

/** Brings the present tile's probabilities and targets. */
function BRING<T extends number>(call: usize): void {
  const x = Call.at(call, CALL_IN0);
  const t = Call.at(call, CALL_IN1);
  const r = row * inner + column;
  pAt = tAt = 0;
  if (isThere && kind != SOFTMAX) {
    pAt = x + offset;
    pStep = apart;
  } else {
    LOAD_TILE<T>(pTile, x, r, size, classes, inner, ranges);
    pAt = pTile;
    pStep = TILE_WIDTH;
  }
  if (kind == SIGMOID) SIGMOIDS<T>();
  if (kind == SOFTMAX) for (let i: usize = 0; i < used; i += 16) SOFTMAX_COLUMN<T>(pTile + i, ranges + i);
  if (!isThere) CUT<T>(pTile);
  if (!Call.has(call, FLAG_SOFT)) {
    tAt = t + 4 * r;
    if (isThere || used == size * sizeof<T>()) return;
    Lanes.fill<f32>(labelTile, i32x4.splat(-1), TILE_WIDTH / 4);
    Lanes.copy<f32>(labelTile, tAt, size);
    tAt = labelTile;
  } else if (isThere) {
    tAt = t + offset;
    tStep = apart;
  } else {
    LOAD_TILE<T>(tTile, t, r, size, classes, inner, ranges);
    CUT<T>(tTile);
    tAt = tTile;
    tStep = TILE_WIDTH;
  }
}

/** Logits of one vector of lanes become probabilities; their maximum is at `max`. */
function SOFTMAX_COLUMN<T extends number>(tile: usize, max: usize): void {
  const one = Lanes.one<T>();
  const m = v128.load(max);
  const end = tile + classes * TILE_WIDTH;
  /** How many are a maximum, and the sum of the others. */
  let tops = Lanes.zero();
  let low = Lanes.zero();
  let high = Lanes.zero();
  for (let p = tile; p < end; ) {
    let part = Lanes.zero();
    const to = min(end, p + 8 * TILE_WIDTH);
    for (; p < to; p += TILE_WIDTH) {
      const e = Exp.coarseFlush<T>(v128.sub<T>(v128.load(p), m));
      v128.store(p, e);
      const isTop = v128.eq<T>(e, one);
      tops = v128.add<T>(tops, v128.and(isTop, one));
      part = v128.add<T>(part, v128.andnot(e, isTop));
    }
    low = v128.add<f64>(low, Wide.low<T>(part));
    high = v128.add<f64>(high, Wide.high<T>(part));
  }
  const rest = v128.add<T>(Wide.narrow<T>(low, high), v128.sub<T>(tops, one));
  const z = v128.add<T>(one, rest);
  const share = v128.div<T>(one, z);
  // 1 − p of a maximum that has more than half, with its sign bit
  const others = v128.or(v128.div<T>(rest, z), Lanes.sign<T>());
  const isLarge = v128.lt<T>(rest, one);
  for (let p = tile; p < end; p += TILE_WIDTH) {
    const e = v128.load(p);
    const isHigh = v128.and(isLarge, v128.eq<T>(e, one));
    v128.store(p, v128.bitselect(others, v128.mul<T>(e, share), isHigh));
  }
}

/** The logits at pAt become probabilities of their own, from pTile on. */
function SIGMOIDS<T extends number>(): void {
  const one = Lanes.one<T>();
  const bytes = used;
  const step = isThere ? bytes : TILE_WIDTH;
  for (let c: usize = 0; c < classes; c++) {
    const from = pAt + c * pStep;
    const to = pTile + c * step;
    for (let i: usize = 0; i < bytes; i += 16) {
      const x = v128.load(from + i);
      const e = Exp.coarseFlush<T>(Lanes.minusAbs<T>(x));
      const part = v128.div<T>(e, v128.add<T>(one, e));
      // −x has the sign bit where 1 − p is the smaller one
      v128.store(to + i, v128.or(part, v128.andnot(Lanes.sign<T>(), x)));
    }
  }
  pAt = pTile;
  pStep = step;
}

class Target {
  /** At address p, or, where p is 0, i bytes into the labels: 1 where one is c. */
  @inline static of<T extends number>(p: usize, i: usize, c: v128): v128 {
    if (p) return v128.load(p + i);
    const labels = Lanes.loadIndices<T>(tAt + (i / sizeof<T>()) * 4);
    return v128.and(Lanes.indexEq<T>(labels, c), Lanes.one<T>());
  }
}

/** Numbers of the three pairs of sums that a class has in gTile. */
const PAIRS: usize = 6;

/** Adds the present tile's terms to the sums of its classes, eight vectors at a time. */
function ADD<T extends number, P extends Chance<T>>(isSoft: bool): void {
  const one = Lanes.one<T>();
  const bytes = used;
  for (let c: usize = 0; c < classes; c++) {
    const p = pAt + c * pStep;
    const target = isSoft ? tAt + c * tStep : 0;
    const index = Lanes.indexSplat<T>(i32(c));
    const at = gTile + c * TILE_WIDTH;
    for (let i: usize = 0; i < bytes; ) {
      let both = Lanes.zero();
      let over = both;
      let under = both;
      const to = min(bytes, i + GROUP);
      for (; i < to; i += 16) {
        const v = v128.load(p + i);
        const t = Target.of<T>(target, i, index);
        const yes = changetype<P>(0).yes(v);
        both = v128.add<T>(both, v128.mul<T>(yes, t));
        over = v128.add<T>(over, v128.mul<T>(yes, v128.sub<T>(one, t)));
        under = v128.add<T>(under, v128.mul<T>(changetype<P>(0).no(v), t));
      }
      v128.store(at, Tree.accumulate<T>(v128.load(at), both));
      v128.store(at, Tree.accumulate<T>(v128.load(at, 16), over), 16);
      v128.store(at, Tree.accumulate<T>(v128.load(at, 32), under), 32);
    }
  }
}

/** The sums of the blocks `from` to before `to`. */
function SUMS<T extends number>(call: usize, from: usize, to: usize): void {
  const isSoft = Call.has(call, FLAG_SOFT);
  for (let b = from; b < to; b++) {
    const sample = b / blocks;
    const start = (b % blocks) * block;
    const end = min(start + block, positions);
    for (let c: usize = 0; c < classes; c++) Lanes.fill<f64>(gTile + c * TILE_WIDTH, Lanes.zero(), PAIRS);
    if (IS_READ<T>(sample)) {
      START(sample, start);
      for (let p = start; p < end; p += size) {
        NEXT<T>(end - p);
        BRING<T>(call);
        if (kind) ADD<T, Made<T>>(isSoft);
        else ADD<T, Given<T>>(isSoft);
      }
    }
    for (let c: usize = 0; c < classes; c++) {
      const at = gTile + c * TILE_WIDTH;
      const own = sums + (b * classes + c) * OVERLAP_BYTES;
      store<f64>(own, Tree.fold(v128.load(at)));
      store<f64>(own, Tree.fold(v128.load(at, 16)), 8);
      store<f64>(own, Tree.fold(v128.load(at, 32)), 16);
    }
  }
}

/** One of the three sums of a class over the blocks of a sample. */
function SUM(sample: usize, c: usize, which: usize): f64 {
  let sum: f64 = 0;
  let at = sums + (sample * blocks * classes + c) * OVERLAP_BYTES + which * 8;
  for (let b: usize = 0; b < blocks; b++) {
    sum += load<f64>(at);
    at += classes * OVERLAP_BYTES;
  }
  return sum;
}

/** The weight of a class before all of them are made to add up to their number: what there is of it in all samples, T: 1/(T² + 1e-7). */
function RARITY<T extends number>(samples: usize, c: usize): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < samples; i++) if (COUNTS<T>(i, c)) sum += SUM(i, c, 0) + SUM(i, c, 2);
  return 1 / (sum * sum + 1e-7);
}

/** Where what the slopes of a sample's class follow from is. */
function KEPT(sample: usize, c: usize): usize {
  return sums + (sample * blocks * classes + c) * OVERLAP_BYTES;
}

const MOST_SLOPE: f64 = 1.329227995784916e36; // 2¹²⁰
const LEAST_UNIT: f64 = 5.877471754111438e-39; // 2⁻¹²⁷

/**
 * What the slopes that follow from what is kept at `at` are multiplied by until they are gradients: a power of two, 1 in general. Of huge
 * weights they would be no f32, where what a small probability leaves of them is one.
 */
function UNIT<T extends number, L extends OverlapOp<T>>(at: usize): f64 {
  const slopes =
    abs(changetype<L>(0).over(at, false)) +
    abs(changetype<L>(0).under(at, false)) +
    abs(changetype<L>(0).over(at, true)) +
    abs(changetype<L>(0).under(at, true));
  let unit: f64 = 1;
  while (slopes * unit > MOST_SLOPE && slopes != Infinity && unit > LEAST_UNIT) unit *= 0.5;
  return unit;
}

/** The unit of a class, which JOIN has kept. */
function UNIT_AT<T extends number>(at: usize): f64 {
  return sizeof<T>() == 4 ? load<f64>(at, 16) : 1;
}

/** That of a sample whose classes have one together, since a logit's gradient has the slopes of all. */
function SHARED_UNIT<T extends number>(sample: usize): f64 {
  let unit: f64 = 1;
  for (let c: usize = 0; c < classes; c++)
    if (COUNTS<T>(sample, c)) unit = min(unit, UNIT_AT<T>(KEPT(sample, c)));
  return unit;
}

/** From the sums to the losses, whose reduced value is returned, and what the gradients take. */
function JOIN<T extends number, L extends OverlapOp<T>>(call: usize): f64 {
  const size = sizeof<T>();
  const samples = Call.at(call, CALL_OUTER) / max<usize>(1, count);
  const isGeneralized = (u32(load<f64>(call, CALL_P5)) & 1) != 0;
  const scale = load<f64>(call, CALL_SCALE) / Call.divisor(call);
  const hasValue = Call.has(call, FLAG_VALUE);
  const values = Call.at(call, CALL_VALUE);
  const weights = Call.at(call, CALL_WEIGHT);
  const outputs = Call.at(call, CALL_GRAD_OUTPUT);
  const hasGrad = (Call.at(call, CALL_GRAD0) | Call.at(call, CALL_GRAD1)) != 0;
  let all: f64 = 0;
  for (let c = first; isGeneralized && c < classes; c++) all += RARITY<T>(samples, c);
  let total: f64 = 0;
  for (let c = first; c < classes; c++) {
    let ofClass = weights ? Lanes.load<T>(weights + c * size) : 1;
    if (isGeneralized) ofClass = (RARITY<T>(samples, c) / all) * f64(count);
    for (let i: usize = 0; i < samples; i++) {
      const term = i * count + c - first;
      let value: f64 = 0;
      if (COUNTS<T>(i, c)) {
        let weight = ofClass;
        if (sampleWeights) weight *= Lanes.load<T>(sampleWeights + term * size);
        value = changetype<L>(0).loss(SUM(i, c, 0), SUM(i, c, 1), SUM(i, c, 2)) * weight;
        if (outputs) weight *= Lanes.load<T>(outputs + term * size);
        if (hasGrad && blocks) {
          const at = KEPT(i, c);
          changetype<L>(0).keep(at, weight * scale);
          if (sizeof<T>() == 4) store<f64>(at, UNIT<T, L>(at), 16);
        }
      }
      total += value;
      if (hasValue && values) Lanes.storeFirst<T>(values + term * size, Lanes.splat<T>(value));
    }
  }
  return hasValue && !values ? Call.reduced(call, total) : 0;
}

/** Divides so many bytes of numbers at p by the unit. */
function SCALE<T extends number>(p: usize, bytes: usize, unit: f64): void {
  if (unit == 1) return;
  const factor = Lanes.splat<T>(1 / unit);
  for (const end = p + bytes; p < end; p += 16) v128.store(p, v128.mul<T>(v128.load(p), factor));
}

/**
 * The gradients of the present tile's probabilities, or of their logits where sigmoid made them, go to g; those of its targets, if
 * any, to gt; `step`: how far classes are apart there. `shared`: the unit of all slopes, left in the gradients of
 * probabilities; 0 where each class has its own.
 */
function SLOPES<T extends number, P extends Chance<T>, L extends OverlapOp<T>>(
  sample: usize,
  isSoft: bool,
  g: usize,
  step: usize,
  gt: usize,
  stepTarget: usize,
  shared: f64,
): void {
  const isSigmoid = kind == SIGMOID;
  const one = Lanes.one<T>();
  const bytes = used;
  for (let c: usize = 0; c < classes; c++) {
    const to = g + c * step;
    const toTarget = gt ? gt + c * stepTarget : 0;
    if (!COUNTS<T>(sample, c)) {
      if (g) Lanes.fill<T>(to, Lanes.zero(), bytes / sizeof<T>());
      if (gt) Lanes.fill<T>(toTarget, Lanes.zero(), bytes / sizeof<T>());
      continue;
    }
    const at = KEPT(sample, c);
    const own = UNIT_AT<T>(at);
    const unit = shared ? shared : own;
    const over = Lanes.splat<T>(changetype<L>(0).over(at, false) * unit);
    const under = Lanes.splat<T>(changetype<L>(0).under(at, false) * unit);
    const overTarget = Lanes.splat<T>(changetype<L>(0).over(at, true) * own);
    const underTarget = Lanes.splat<T>(changetype<L>(0).under(at, true) * own);
    const p = pAt + c * pStep;
    const target = isSoft ? tAt + c * tStep : 0;
    const index = Lanes.indexSplat<T>(i32(c));
    for (let i: usize = 0; i < bytes; i += 16) {
      const v = v128.load(p + i);
      const t = Target.of<T>(target, i, index);
      // both may be written over what was read
      if (g) {
        let slope = v128.sub<T>(v128.mul<T>(v128.sub<T>(one, t), over), v128.mul<T>(t, under));
        if (isSigmoid) {
          const part = Lanes.abs<T>(v);
          slope = v128.mul<T>(slope, v128.mul<T>(part, v128.sub<T>(one, part)));
        }
        v128.store(to + i, slope);
      }
      if (!toTarget) continue;
      const missed = v128.mul<T>(changetype<P>(0).no(v), overTarget);
      v128.store(toTarget + i, v128.sub<T>(missed, v128.mul<T>(changetype<P>(0).yes(v), underTarget)));
    }
    if (own == 1) continue;
    if (g && !shared) SCALE<T>(to, bytes, own);
    if (toTarget) SCALE<T>(toTarget, bytes, own);
  }
}

/**
 * Gradients g of one vector of probabilities become those of logits, p (g − Σ g p). Of a class that has more than half of a position
 * that is g (1 − p) − Σ g p of the others, in which nothing is lost.
 */
function BACKWARD_COLUMN<T extends number>(p: usize, g: usize, to: usize, step: usize): void {
  const one = Lanes.one<T>();
  const end = p + classes * TILE_WIDTH;
  const between = g - p;
  let large = Lanes.zero();
  let low = large;
  let high = large;
  for (let at = p; at < end; ) {
    let part = Lanes.zero();
    const last = min(end, at + 8 * TILE_WIDTH);
    for (; at < last; at += TILE_WIDTH) {
      const v = v128.load(at);
      const slope = v128.load(at + between);
      const isHigh = Lanes.isNegative<T>(v);
      // what is no number is high or low
      part = v128.add<T>(part, v128.andnot(v128.mul<T>(slope, v), isHigh));
      large = v128.add<T>(large, v128.and(v128.mul<T>(slope, v128.add<T>(one, v)), isHigh));
    }
    low = v128.add<f64>(low, Wide.low<T>(part));
    high = v128.add<f64>(high, Wide.high<T>(part));
  }
  const others = Wide.narrow<T>(low, high);
  const all = v128.add<T>(others, large);
  for (let at = p; at < end; at += TILE_WIDTH) {
    const v = v128.load(at);
    const slope = v128.load(at + between);
    const isHigh = Lanes.isNegative<T>(v);
    const ofLarge = v128.mul<T>(
      v128.add<T>(one, v),
      v128.sub<T>(v128.mul<T>(slope, Lanes.abs<T>(v)), others),
    );
    const ofOther = v128.mul<T>(v, v128.sub<T>(slope, all));
    v128.store(to, v128.bitselect(ofLarge, ofOther, isHigh));
    to += step;
  }
}

/** The gradients of the blocks `from` to before `to`. */
function GRADS<T extends number, L extends OverlapOp<T>>(call: usize, from: usize, to: usize): void {
  const isSoft = Call.has(call, FLAG_SOFT);
  const grad = Call.at(call, CALL_GRAD0);
  const gradTarget = Call.at(call, CALL_GRAD1);
  for (let b = from; b < to; b++) {
    const sample = b / blocks;
    const isRead = IS_READ<T>(sample);
    const unit = kind == SOFTMAX ? SHARED_UNIT<T>(sample) : 0;
    const start = (b % blocks) * block;
    const end = min(start + block, positions);
    START(sample, start);
    for (let p = start; p < end; p += size) {
      NEXT<T>(end - p);
      // straight to where they go, but for what softmax has still to do, and what lies there in another way
      const step = isThere ? apart : TILE_WIDTH;
      const final = isThere ? grad + offset : gTile;
      const slopes = grad ? (kind == SOFTMAX ? gTile : final) : 0;
      const ofTarget = gradTarget ? (isThere ? gradTarget + offset : tTile) : 0;
      if (isRead) {
        BRING<T>(call);
        const slopeStep = kind == SOFTMAX ? TILE_WIDTH : step;
        if (kind) SLOPES<T, Made<T>, L>(sample, isSoft, slopes, slopeStep, ofTarget, step, unit);
        else SLOPES<T, Given<T>, L>(sample, isSoft, slopes, slopeStep, ofTarget, step, unit);
        if (grad && kind == SOFTMAX)
          for (let i: usize = 0; i < used; i += 16) BACKWARD_COLUMN<T>(pTile + i, gTile + i, final + i, step);
        if (grad && unit) for (let c: usize = 0; c < classes; c++) SCALE<T>(final + c * step, used, unit);
      } else {
        for (let c: usize = 0; c < classes; c++) {
          if (grad) Lanes.fill<T>(final + c * step, Lanes.zero(), used / sizeof<T>());
          if (gradTarget) Lanes.fill<T>(ofTarget + c * step, Lanes.zero(), used / sizeof<T>());
        }
      }
      if (isThere) continue;
      const r = row * inner + column;
      if (grad) STORE_TILE<T>(gTile, grad, r, size, classes, inner, ones);
      if (gradTarget) STORE_TILE<T>(tTile, gradTarget, r, size, classes, inner, ones);
    }
  }
}

/** All of it, or the step that is asked for. */
export function OVERLAPS<T extends number, L extends OverlapOp<T>>(call: usize): f64 {
  BEGIN<T>(call);
  changetype<L>(0).begin(call);
  const step = load<u32>(call, CALL_STEP);
  const from = Call.at(call, CALL_FROM);
  const to = step ? Call.at(call, CALL_TO) : Call.at(call, CALL_FEATURES);
  const hasGrad = (Call.at(call, CALL_GRAD0) | Call.at(call, CALL_GRAD1)) != 0;
  let value: f64 = 0;
  if (!step || step == STEP_SUMS) SUMS<T>(call, from, to);
  if (!step || step == STEP_JOIN) value = JOIN<T, L>(call);
  if (hasGrad && (!step || step == STEP_GRADS)) GRADS<T, L>(call, from, to);
  return value;
}
