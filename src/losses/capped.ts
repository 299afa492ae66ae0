import { number } from '../options/specs.ts';

/** Options of losses whose logits go through a softmax. */
export interface CappedOptions {
  /** Bound c of the logits, which become c tanh(x/c), after the temperature; up to 1e30. Default 0: none. */
  softcap?: number | undefined;
  /** Factor s of the z-loss s (log Σ e^x)², ≥ 0, which has no class weight: its mean divides by the sum without them. Default 0. */
  zLoss?: number | undefined;
}

export const cappedOptions = () => ({
  softcap: number(0, { low: 0, high: 1e30, shown: [1, 8] }),
  zLoss: number(0, { low: 0, high: Infinity, isHighOpen: true, shown: [0, 1] }),
});
