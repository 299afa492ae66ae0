/** What docs/losses.md says of a loss; all but `gradient` is HTML. */
export interface LossDocument {
  readonly gradient: string;
  readonly options: Readonly<Record<string, string>>;
  readonly strengths: string;
  readonly pitfalls: string;
  readonly use: string;
  /** Code whose comments are what it prints. */
  readonly examples: string;
  readonly more: readonly { readonly title: string; readonly html: string }[];
}
