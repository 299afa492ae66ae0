// One number for many results: a 64-bit hash of their bits. NaNs count as one: their bits are the engine's own.

export class Digest {
  #low = 0x9e3779b9;
  #high = 0x85ebca6b;

  #word(word: number): void {
    // two murmur-like lanes, mixed into each other
    let k = Math.imul(word, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    this.#low = (Math.imul(((this.#low ^ k) << 13) | ((this.#low ^ k) >>> 19), 5) + 0xe6546b64) | 0;
    this.#high = (Math.imul(this.#high ^ this.#low, 0xc2b2ae35) + word) | 0;
  }

  numbers(values: Float32Array | Float64Array): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
    const per = values.BYTES_PER_ELEMENT / 4;
    for (let i = 0; i < values.length; i++) {
      if (Number.isNaN(values[i])) this.#word(0x7fc00000);
      else for (let k = 0; k < per; k++) this.#word(words[i * per + k]);
    }
  }

  number(value: number): void {
    this.numbers(Float64Array.of(value));
  }

  toString(): string {
    return [this.#high, this.#low].map((x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
