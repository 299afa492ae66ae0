/** What a call returns, in linear memory or not. */
interface Result {
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

  /** A copy of its elements, which calls that follow may move. */
  read(result: unknown): Float32Array | Float64Array {
    return this.add(result).data.slice();
  }

  dispose(): void {
    for (const result of this.#all) result.dispose?.();
  }
}
