/** What a call returns, in linear memory or not. */
export interface Result {
  /** Where they are now. */
  readonly data: Float32Array | Float64Array;
  dispose?(): void;
}

/** What calls return until it is read. */
export class Temporaries {
  readonly #all: Result[] = [];

  add(result: unknown): Result {
    this.#all.push(result as Result);
    return result as Result;
  }

  dispose(): void {
    for (const result of this.#all) result.dispose?.();
  }
}
