// Mutants that no test can kill: they compute the same. Found by the text of their line, so that lines may move.
import type { Mutant } from './mutant.ts';

export interface Equivalent {
  readonly file: string;
  /** The line, without indentation. */
  readonly was: string;
  /** The titles of the mutations in it. */
  readonly titles: readonly string[];
  readonly reason: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: 'assembly/math/exp.ts',
    was: 'const near = f64x2.add(f64x2.pmax(f64x2.pmin(x, GREATEST_F64), LEAST_F64), NUDGE_F64);',
    titles: ['f64x2.add → f64x2.sub'],
    reason: 'the nudge moves no result, down as little as up',
  },
  {
    file: 'assembly/math/exp.ts',
    was: 'let NUDGE_F64: v128 = f64x2.splat(5.0978941156238473e-57);',
    titles: ['5.0978941156238473e-57 → 5.102992009739471e-57'],
    reason: 'nor does a nudge that is a thousandth larger',
  },
  {
    file: 'assembly/loops/cursor.ts',
    was: 'return (count * sizeof<T>()) & ~(unit - 1);',
    titles: ['1 → 2'],
    reason: 'the lowest bit of bytes of whole elements is 0',
  },
  {
    file: 'assembly/loops/features.ts',
    was: 'const z = operands == 3 ? Operands.input(2) + at : 0;',
    titles: ['? → || true ?'],
    reason: 'a third operand is read where there are three',
  },
  {
    file: 'assembly/loops/softplus.ts',
    was: 'let lowProduct: v128 = f64x2.splat(1);',
    titles: ['1 → 2'],
    reason: 'every block begins with products of 1',
  },
  {
    file: 'assembly/reduce/unbroadcast.ts',
    was: 'for (; d < end && load<u32>(d, 8) != 0; d += 8) step *= load<u32>(d, 4);',
    titles: ['< → <='],
    reason: 'of what is broadcast an axis is summed, which ends the loop; without axes there is one element',
  },
  {
    file: 'assembly/loops/broadcast.ts',
    was: 'const run = min(n, rank ? inner - (from % inner) : n);',
    titles: ['? → || true ?'],
    reason: 'one number is filled in, in more pieces',
  },
  {
    file: 'assembly/loops/lanewise.ts',
    was: 'const start = max(row & ~(BLOCK - 1), first);',
    titles: ['1 → 2'],
    reason: 'a tile starts at a multiple of 8, whose lowest bit is 0',
  },
  {
    file: 'assembly/loops/prepass.ts',
    was: 'const w = isIndex && !isEvery ? Call.at(call, CALL_WEIGHT) : 0;',
    titles: ['0 → 1', '? → || true ?'],
    reason:
      'the class weights are looked up by labels alone; without them the way round by the loop adds up the same',
  },
  {
    file: 'assembly/loops/rowRange.ts',
    was: 'for (; left >= 16; left -= 16) {',
    titles: ['16 → 17', '>= → >'],
    reason: 'the maximum is the same when the last vector is taken element by element',
  },
  {
    file: 'assembly/loops/rowValues.ts',
    was: 'if (!Call.has(call, FLAG_VALUE) || Call.values(call)) return 0;',
    titles: [
      '|| → &&',
      'if (!Call.has(call, FLAG_VALUE) || Call.values(call)) → false',
      '! → nothing',
      '0 → 1',
    ],
    reason: 'nobody reads the number that a call without a reduced value returns',
  },
  {
    file: 'assembly/loops/tile.ts',
    was: 'return inner > 1 && (r % inner) + n <= inner;',
    titles: ['1 → 2', '> → >='],
    reason:
      'asked for whole tiles alone, of at least 8 rows, which an inner axis of 1 or 2 has not side by side',
  },
  {
    file: 'src/call.ts',
    was: 'hessianScale = 1;',
    titles: ['1 → 2'],
    reason: 'a loss sets it before a call, and helpers have no second derivatives',
  },
  {
    file: 'src/plan/dispatch.ts',
    was: 'for (let i = 0; i < this.#own.length; i++) {',
    titles: ['< → <='],
    reason: 'an option that there is not was undefined before, too',
  },
  {
    file: 'src/wasm/backend.ts',
    was: 'if (staged !== 0 || tile < 0) return this.#runStaged(call, kernel, tile, staged);',
    titles: ['if (staged !== 0 || tile < 0) → true', '< → <='],
    reason: 'where nothing is staged, that way does the same and takes longer; no tile is at 0',
  },
  {
    file: 'src/losses/gaussianNll.ts',
    was: 'eps: number(1e-6, { ...ABOVE_ZERO, shown: [1e-6, 1] }),',
    titles: ['1 → 2', '6 → 7'],
    reason: 'of the last of them: how far the slider of the page goes',
  },
  {
    file: 'src/wasm/base64.ts',
    was: 'code > 96 ? code - 71 : code > 64 ? code - 65 : code > 47 ? code + 4 : code === 43 ? 62 : 63;',
    titles: ['> → >='],
    reason: 'of the first two: 96 and 64 are no characters of base64',
  },
  {
    file: 'src/memory/operand.ts',
    was: 'at = -1;',
    titles: ['1 → 2'],
    reason: 'every negative address means: not in this memory',
  },
  {
    file: 'src/wasm/record.ts',
    was: 'f64[f + SCALE] = call.scale;',
    titles: ['+ → -'],
    reason: 'the scale is the first field, SCALE is 0',
  },
  {
    file: 'src/wasm/backend.ts',
    was: 'return roomOf(call) <= TILE_BYTES ? this.#tile : -1;',
    titles: ['1 → 2'],
    reason: 'every negative address means: none',
  },
  {
    file: 'src/wasm/space.ts',
    was: 'if (this.#view.length !== this.#length || this.#length === 0)',
    titles: ['if (this.#view.length !== this.#length || this.#length === 0) → true'],
    reason: 'a new view of the same bytes, every time',
  },
  {
    file: 'src/wasm/backend.ts',
    was: 'if (!call.prepass) return;',
    titles: ['if (!call.prepass) → false'],
    reason: 'a pre-pass that was not due refuses nothing, and nobody reads what it counts',
  },
  {
    file: 'src/memory/shape.ts',
    was: 'if (last !== undefined && (last.step === 0 ? own === 0 : own === last.step * last.length))',
    titles: ['* → /'],
    reason: 'steps only grow, so that no dimensions are joined, and the same elements are taken one by one',
  },
  {
    file: 'src/wasm/instantiate.ts',
    was: '32, 1, 32, 2, 253, 133, 2, 11,',
    titles: ['133 → 134'],
    reason: 'another relaxed instruction probes for relaxed SIMD as well',
  },
  {
    file: 'src/wasm/instantiate.ts',
    was: '0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,',
    titles: ['15 → 16'],
    reason: 'another SIMD instruction probes for SIMD as well',
  },
  {
    file: 'src/plan/dispatch.ts',
    was: 'if (',
    titles: [
      'if ( this.#choice === undefined || dtype !== this.#dtype || classes !== this.#classes || !this.#isAsBefore(values as OptionRecord) ) → true',
    ],
    reason: 'the kernel is chosen anew for every call, which only takes longer',
  },
  {
    file: 'src/js/generated/f64/softmax.ts',
    was: 'for (let first = start; first < end; first += CHUNK * inner) {',
    titles: ['< → <='],
    reason: 'a chunk of nothing adds nothing',
  },
  {
    file: 'src/js/generated/pointwise.ts',
    was: 'const r = ratio > 2 ** 27 ? ratio : Math.sqrt(1 + ratio * ratio);',
    titles: ['2 → 3'],
    reason:
      'from 2²⁷ on the root is the ratio, as 1 is less than half an ULP of its square; below 3²⁷ no square overflows',
  },
  {
    file: 'src/js/generated/pointwise.ts',
    was: 'const isSwapped = p2 !== 0 && x > 0.5;',
    titles: ['> → >='],
    reason: '0.5 and what is left of 1 are the same number, so that both terms have the same divisor',
  },
  {
    file: 'src/js/generated/pointwise.ts',
    was: 'if (isValue) {',
    titles: ['if (isValue) → true'],
    reason: 'no array takes the values where none are wanted, and reduce() drops the sum',
  },
];

export const reasonOf = ({ file, was, title }: Mutant): string | undefined =>
  equivalents.find((one) => one.file === file && one.was === was && one.titles.includes(title))?.reason;
