// What SQL has to know of a loss's functions.

/** An option of a loss: a constant argument. */
export interface ConstantSpec {
  readonly name: string;
  readonly kind: string;
  /** null: none. */
  readonly fallback: number | null;
  readonly choices?: readonly string[];
}

/** A loss that has functions. */
export interface FunctionSpec {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly isOfClasses: boolean;
  readonly options: readonly ConstantSpec[];
}
