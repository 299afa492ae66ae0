import { type Case, type FileTensor, tensorOf } from './case.ts';
import { divergenceOf } from './divergences.ts';
import { type Dtype, evaluateMagnitude } from './evaluate.ts';
import type { Numbers, Plan } from './plan.ts';
import { allowance, type Part } from './tolerance.ts';

const greatestF32 = (2 - 2 ** -23) * 2 ** 127;

/** One recorded tensor beside what the library gave and the magnitudes behind that. */
interface Pair {
  name: string;
  part: Part;
  tensor: FileTensor;
  /** The suite's own float32 result, where it overflows. */
  single?: FileTensor;
  got: number[];
  magnitudes: number[];
  decided: Record<number, number>;
}

function pairsOf(c: Case, plan: Plan, got: Numbers): Pair[] {
  const divergence = divergenceOf(c);
  const magnitudes = evaluateMagnitude(plan.call);
  const pairs: Pair[] = Object.entries(plan.grads).map(([name, { from, convert, bound = convert }]) => ({
    name: `gradient of ${name}`,
    part: 'grads',
    tensor: c.expected.grads[name],
    single: c.expected.f32?.grads[name],
    got: convert(got.grads[from]!),
    magnitudes: bound(magnitudes.grads[from]!),
    decided: divergence?.grads?.[name] ?? {},
  }));
  if (c.expected.value) {
    pairs.push({
      name: 'value',
      part: 'value',
      tensor: c.expected.value,
      single: c.expected.f32?.value ?? undefined,
      got: plan.value(got.value),
      magnitudes: plan.value(magnitudes.value),
      decided: divergence?.value ?? {},
    });
  }
  return pairs;
}

/** What is wrong with a result, in one line for each tensor; nothing if it passes. */
export function problems(c: Case, plan: Plan, got: Numbers, dtype: Dtype): string[] {
  return pairsOf(c, plan, got).flatMap((pair) => {
    const expected = expectedOf(pair, dtype);
    const allowed = allowance(c, plan, dtype, pair.part, pair.tensor);
    if (pair.got.length !== expected.length)
      return [`${c.id}: ${pair.name} has ${pair.got.length} elements, not ${expected.length}`];
    let worst = 0;
    let text = '';
    pair.got.forEach((g, i) => {
      const want = expected[i];
      const excess = difference(g, want) / allowed(want, Math.abs(pair.magnitudes[i]));
      if (!(excess > worst)) return;
      worst = excess;
      text = `${c.id}: ${pair.name}[${i}] is ${g}, not ${want} (${excess.toPrecision(3)} times what is allowed)`;
    });
    return worst > 1 ? [text] : [];
  });
}

/** The recorded numbers as decisions and overflow in float32 change them. */
function expectedOf({ tensor, single, decided }: Pair, dtype: Dtype): number[] {
  const f32 = single && tensorOf(single).data;
  return tensorOf(tensor).data.map((v, i) => {
    if (i in decided) return decided[i];
    if (dtype === 'f64') return v;
    const infinite = Math.abs(v) > greatestF32 || Math.abs(f32?.[i] ?? 0) === Number.POSITIVE_INFINITY;
    return infinite ? Math.sign(v) * Number.POSITIVE_INFINITY : v;
  });
}

/** |a − b|, 0 for two NaNs or the same infinity, infinite where only one is finite. */
function difference(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  return Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) : Number.POSITIVE_INFINITY;
}
