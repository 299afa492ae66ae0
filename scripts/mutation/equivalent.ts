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

export const equivalents: readonly Equivalent[] = [];

export const reasonOf = ({ file, was, title }: Mutant): string | undefined =>
  equivalents.find((one) => one.file === file && one.was === was && one.titles.includes(title))?.reason;
