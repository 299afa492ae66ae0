// Results as JSON: bench/results/native-<math>-<dtype>.json, native-plain-… and native-rows-….
import { fileURLToPath } from 'node:url';
import type { Case } from '../cases.ts';
import type { Environment } from '../results.ts';
import { writeCases } from '../writeCases.ts';
import type { NativeLoss } from './goals.ts';

export interface NativeResult extends Case<NativeLoss> {
  /** ns per element of the input, medians. */
  readonly c: number;
  readonly wasm: number;
  /** c / wasm: the median of the rounds' ratios, and their spread. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
  /** What the ratio is to be at least. */
  readonly goal?: number;
}

export interface NativeEnvironment extends Environment {
  readonly math: string;
  readonly against: 'twin' | 'plain';
  readonly gcc: string;
  /** Set where losses of rows were measured, and no others. */
  readonly rows?: true;
}

export const resultsFile = ({ math, dtype, against, rows }: NativeEnvironment): string =>
  fileURLToPath(
    new URL(
      `../results/native-${against === 'plain' ? 'plain-' : ''}${rows ? 'rows-' : ''}${math}-${dtype}.json`,
      import.meta.url,
    ),
  );

/** One line for each case, so that a change can be read. */
export function writeNative(
  file: string,
  { environment, cases }: { environment: NativeEnvironment; cases: readonly NativeResult[] },
): void {
  writeCases(file, { environment, cases });
}
