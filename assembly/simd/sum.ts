/** What a sum was rounded by. */
export class Sum {
  /** a + b − sum, exact for any a and b whose sum is finite (Knuth). */
  @inline static error<T extends number>(a: v128, b: v128, sum: v128): v128 {
    const c = v128.sub<T>(sum, a);
    return v128.add<T>(v128.sub<T>(a, v128.sub<T>(sum, c)), v128.sub<T>(b, c));
  }
}
