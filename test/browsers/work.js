// What every engine has to agree on, for pages as well as for Node: plain JavaScript, without a test library.

/** FNV-1a over the bytes of all that is added. */
export class Digest {
  #hash = 0x811c9dc5;

  /** @param {ArrayBufferView} array */
  add({ buffer, byteOffset, byteLength }) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) {
      this.#hash = Math.imul(this.#hash ^ byte, 0x01000193);
    }
  }

  get text() {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }
}

/** Numbers in (−4, 4) that no engine's Math has a say in. @param {number} seed */
function numbers(seed, length = 0) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 29 - 4;
  });
}

/**
 * Values and gradients of every loss, long enough for threads to take part. @param {any} F
 * @returns {string}
 */
export function digestOf(F) {
  const digest = new Digest();
  const add = (/** @type {{ value: number, grad: { data: ArrayBufferView } }} */ { value, grad }) => {
    digest.add(Float64Array.of(value));
    digest.add(grad.data);
  };
  const x = numbers(1, 300_000);
  const t = numbers(2, 300_000).map((v) => (v > 0 ? 1 : 0));
  const p = x.map((v) => (v + 4) / 8);
  for (const loss of ['l1', 'mse', 'huber', 'smoothL1', 'bceWithLogits']) add(F[loss].valueAndGrad(x, t));
  add(F.bce.valueAndGrad(p, t));
  add(F.klDiv.valueAndGrad(x, p));
  for (const shape of [
    [300, 1000],
    [30_000, 10],
    [150_000, 2],
    [3, 100, 1000],
  ]) {
    const rows = 300_000 / shape[1];
    const labels = Int32Array.from({ length: rows }, (_, i) => (i * 7) % shape[1]);
    const target = shape.length === 3 ? { data: labels, shape: [shape[0], shape[2]] } : labels;
    add(F.crossEntropy.valueAndGrad({ data: x, shape }, target, { labelSmoothing: 0 }));
    add(F.nll.valueAndGrad({ data: x, shape }, target));
  }
  for (const name of ['exp', 'expm1', 'log', 'log1p', 'tanh', 'softplus', 'sigmoid']) {
    // NaNs may differ in their bits
    const { data } = F[name](p);
    digest.add(data);
  }
  return digest.text;
}
