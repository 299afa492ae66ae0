// The relative error of confident samples at logit gaps 1 to 60 in f32: ours computed, PyTorch's from torch.json.
import { readFileSync } from 'node:fs';
import { load } from '../../src/index.ts';
import { exactBceWithLogits, exactCrossEntropy } from '../../test/reference/exact.ts';

export const gaps = Array.from({ length: 60 }, (_, i) => i + 1);

/** Two classes. The offset makes both logits odd numbers, so that their difference rounds. torch.py has the same. */
const OFFSET = 0.7123457;
const logits = (gap: number): Float32Array => Float32Array.of(OFFSET + gap, OFFSET);

export interface Series {
  readonly title: string;
  /** Relative errors by gap. */
  readonly ours: readonly number[];
  readonly torch: readonly number[];
}

interface Result {
  readonly value: number;
  readonly grad: number;
}

/** What PyTorch computed, and which PyTorch. */
export const torch = JSON.parse(readFileSync(new URL('torch.json', import.meta.url), 'utf8')) as {
  readonly version: string;
  readonly crossEntropy: readonly Result[];
  readonly bceWithLogits: readonly Result[];
};

const relative = (got: number, want: number): number => Math.abs(got - want) / Math.abs(want);

export async function measure(): Promise<Series[]> {
  const F = await load();
  const crossEntropy = gaps.map((gap): Result => {
    const row = { data: logits(gap), shape: [1, 2] };
    const { value, grad } = F.crossEntropy.valueAndGrad(row, Int32Array.of(0));
    return { value, grad: grad.data[0] };
  });
  const bceWithLogits = gaps.map((gap): Result => {
    const { value, grad } = F.bceWithLogits.valueAndGrad(Float32Array.of(gap), Float32Array.of(1));
    return { value, grad: grad.data[0] };
  });
  F.dispose();
  const exact = {
    crossEntropy: gaps.map((gap): Result => {
      const { value, grad } = exactCrossEntropy([...logits(gap)], [1, 0]);
      return { value, grad: grad[0] };
    }),
    bceWithLogits: gaps.map((gap): Result => exactBceWithLogits(gap, 1)),
  };
  const series = (
    title: string,
    loss: 'crossEntropy' | 'bceWithLogits',
    part: 'value' | 'grad',
    ours: readonly Result[],
  ): Series => {
    const errors = (got: readonly Result[]) => got.map((r, i) => relative(r[part], exact[loss][i][part]));
    return { title, ours: errors(ours), torch: errors(torch[loss]) };
  };
  return [
    series('cross entropy, loss', 'crossEntropy', 'value', crossEntropy),
    series('cross entropy, gradient at the target', 'crossEntropy', 'grad', crossEntropy),
    series('BCE with logits, loss', 'bceWithLogits', 'value', bceWithLogits),
    series('BCE with logits, gradient', 'bceWithLogits', 'grad', bceWithLogits),
  ];
}
