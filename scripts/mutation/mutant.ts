/** A change at one place of a source text. */
export interface Edit {
  readonly at: number;
  readonly length: number;
  readonly text: string;
  /** What it does, "v128.add → v128.sub". */
  readonly title: string;
}

/** Finds what can be changed: `code` is the source with comments, strings and types blanked, at the same places. */
export type Operator = (code: string, source: string) => Iterable<Edit>;

export interface Mutant extends Edit {
  /** From the repository's root. */
  readonly file: string;
  readonly line: number;
  /** The first line that it changes, without indentation. */
  readonly was: string;
  /** 1 for the first edit of this title in the line, 2 for the second … */
  readonly nth: number;
}

export const applied = (source: string, { at, length, text }: Edit): string =>
  source.slice(0, at) + text + source.slice(at + length);

/** killed: a test failed. types: only the type check refuses it. invalid: it does not compile, so it says nothing. */
export type Status = 'killed' | 'timeout' | 'types' | 'survived' | 'invalid';

export interface Outcome {
  readonly mutant: Mutant;
  readonly status: Status;
  /** The test that failed. */
  readonly by?: string;
}
