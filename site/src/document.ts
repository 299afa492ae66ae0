/** Value and gradient, as text. */
export interface Formulas {
  /** The options that they hold with; the first holds without. */
  readonly when: string;
  readonly value: string;
  readonly gradient: string;
}

/** What docs/losses.md says of a loss; all but the formulas is HTML. */
export interface LossDocument {
  readonly formulas: readonly Formulas[];
  readonly options: Readonly<Record<string, string>>;
  readonly strengths: string;
  readonly pitfalls: string;
  readonly use: string;
  /** Code whose comments are what it prints. */
  readonly examples: string;
  readonly more: readonly { readonly title: string; readonly html: string }[];
}
