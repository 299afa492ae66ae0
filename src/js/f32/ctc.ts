// Connectionist temporal classification of [frames, sequences, classes], as in assembly/kernels/ctc.ts, but in logarithms.
import { FLAGS, GRAD_OUTPUT, GRAD0, IN0, IN1, IN2, IN3, SAMPLE_WEIGHT, VALUE } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { gradScale, reduce } from '../reduce.ts';

export const ctc = (call: KernelCall): number => reduce(sequences, call, call.outer);

function sequences(call: KernelCall, from: number, to: number): number {
  const { outer, p1: zeroInfinity, p2: fromLogits, p3: isMean, p4: frames, p5: classes, p6: stride } = call;
  const x = call.arrays[IN0] as Float32Array;
  const labels = call.arrays[IN1] as Int32Array;
  const frameCounts = call.arrays[IN2] as Int32Array;
  const labelCounts = call.arrays[IN3] as Int32Array;
  const sampleWeight = call.arrays[SAMPLE_WEIGHT] as Float32Array | null;
  const gradOutput = call.arrays[GRAD_OUTPUT] as Float32Array | null;
  const values = call.arrays[VALUE] as Float32Array | null;
  const grad = call.arrays[GRAD0] as Float32Array | null;
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  const step = outer * classes;
  let before = 0;
  if (stride === 0) for (let i = 0; i < from; i++) before += labelCounts[i];
  let sum = 0;
  for (let i = from; i < to; i++) {
    const start = stride === 0 ? before : i * stride;
    const count = labelCounts[i];
    before += count;
    const weight = sampleWeight === null ? 1 : sampleWeight[i];
    const first = i * classes;
    if (weight === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) fill(grad, first, step, classes, 0, frames, 0);
      continue;
    }
    const used = frameCounts[i];
    const trellis = new Trellis(x, first, step, classes, used, labels.subarray(start, start + count), call);
    let { loss } = trellis;
    const isLeftOut = zeroInfinity !== 0 && loss === Infinity;
    if (isLeftOut) loss = 0;
    const share = isMean === 0 ? weight : weight / Math.max(count, 1);
    if (values !== null) values[i] = loss * share;
    else if (isValue) sum += loss * share;
    if (grad === null) continue;
    const k = scale * share * (gradOutput === null ? 1 : gradOutput[i]);
    if (isLeftOut) fill(grad, first, step, classes, 0, used, 0);
    else if (loss - loss !== 0) fill(grad, first, step, classes, 0, used, Number.NaN);
    else trellis.grads(grad, k, fromLogits !== 0);
    fill(grad, first, step, classes, used, frames, 0);
  }
  return sum;
}

/** Fills rows from … to − 1 of a sequence's gradient. */
function fill(
  grad: Float32Array,
  first: number,
  step: number,
  classes: number,
  from: number,
  to: number,
  k: number,
): void {
  for (let t = from; t < to; t++) grad.fill(k, first + t * step, first + t * step + classes);
}

/** log(e^a + e^b) */
function join(a: number, b: number): number {
  if (a === b) return a + Math.LN2;
  const high = a > b ? a : b;
  const low = a > b ? b : a;
  return high + Math.log1p(Math.exp(low - high));
}

/** The paths through one sequence's frames. */
class Trellis {
  readonly loss: number;
  readonly #x: Float32Array;
  readonly #first: number;
  readonly #step: number;
  readonly #classes: number;
  readonly #frames: number;
  readonly #labels: Int32Array;
  readonly #blank: number;
  /** What is taken from the logits of each frame to make them log-probabilities: the greatest, and the logarithm of the sum. */
  readonly #greatest: Float64Array;
  readonly #log: Float64Array;
  /** By frame: the logarithms of the ways to blank n, n = 0 … S, then to label n. */
  readonly #ways: Float64Array;

  constructor(
    x: Float32Array,
    first: number,
    step: number,
    classes: number,
    frames: number,
    labels: Int32Array,
    { p0: blank, p2: fromLogits }: KernelCall,
  ) {
    this.#x = x;
    this.#first = first;
    this.#step = step;
    this.#classes = classes;
    this.#frames = frames;
    this.#labels = labels;
    this.#blank = blank;
    const count = labels.length;
    let least = count;
    for (let n = 1; n < count; n++) if (labels[n] === labels[n - 1]) least++;
    const isFeasible = least <= frames;
    const used = isFeasible ? frames : 0;
    this.#greatest = new Float64Array(used);
    this.#log = new Float64Array(used);
    const width = 2 * count + 1;
    this.#ways = new Float64Array(isFeasible ? frames * width : 0);
    if (!isFeasible) {
      this.loss = Infinity;
      return;
    }
    if (fromLogits !== 0) this.#normalise();
    let ways: Float64Array = new Float64Array(width).fill(-Infinity);
    ways[0] = 0;
    for (let t = 0; t < frames; t++) {
      const next = this.#ways.subarray(t * width, (t + 1) * width);
      this.#advance(ways, next, t);
      ways = next;
    }
    this.loss = 0 - (count === 0 ? ways[0] : join(ways[count], ways[width - 1]));
  }

  grads(grad: Float32Array, k: number, fromLogits: boolean): void {
    const classes = this.#classes;
    const labels = this.#labels;
    const count = labels.length;
    const width = 2 * count + 1;
    const shares = new Float64Array(classes);
    let after = new Float64Array(width).fill(-Infinity);
    let here = new Float64Array(width);
    after[count] = 0;
    for (let t = this.#frames - 1; t >= 0; t--) {
      const ways = t * width;
      shares.fill(0);
      const blank = this.#logProbability(t, this.#blank);
      for (let n = count; n >= 0; n--) {
        const behind = count + 1 + n;
        const left = n < count ? join(after[n], after[behind]) : after[n];
        shares[this.#blank] += Math.exp(this.#ways[ways + n] + left + this.loss);
        here[n] = left + blank;
        if (n === count) continue;
        let rest = join(after[behind], after[n + 1]);
        if (n + 1 < count && labels[n + 1] !== labels[n]) rest = join(rest, after[behind + 1]);
        shares[labels[n]] += Math.exp(this.#ways[ways + behind] + rest + this.loss);
        here[behind] = rest + this.#logProbability(t, labels[n]);
      }
      const at = this.#first + t * this.#step;
      for (let c = 0; c < classes; c++) {
        const p = fromLogits ? Math.exp(this.#logProbability(t, c)) : 0;
        grad[at + c] = k * (p - shares[c]);
      }
      [after, here] = [here, after];
    }
  }

  #logProbability(t: number, c: number): number {
    return this.#x[this.#first + t * this.#step + c] - this.#greatest[t] - this.#log[t];
  }

  #normalise(): void {
    for (let t = 0; t < this.#frames; t++) {
      const at = this.#first + t * this.#step;
      const row = this.#x.subarray(at, at + this.#classes);
      let m = -Infinity;
      for (let c = 0; c < row.length; c++) if (row[c] > m) m = row[c];
      let sum = -1;
      for (let c = 0; c < row.length; c++) sum += Math.exp(row[c] - m);
      this.#greatest[t] = m;
      this.#log[t] = Math.log1p(sum);
    }
  }

  /** The ways to each place of frame t from those of the frame before. */
  #advance(ways: Float64Array, next: Float64Array, t: number): void {
    const labels = this.#labels;
    const count = labels.length;
    const blank = this.#logProbability(t, this.#blank);
    for (let n = 0; n <= count; n++) {
      const behind = count + 1 + n;
      next[n] = (n > 0 ? join(ways[n], ways[behind - 1]) : ways[n]) + blank;
      if (n === count) continue;
      let here = join(ways[behind], ways[n]);
      if (n > 0 && labels[n] !== labels[n - 1]) here = join(here, ways[behind - 1]);
      next[behind] = here + this.#logProbability(t, labels[n]);
    }
  }
}
