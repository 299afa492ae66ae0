// Runs where the start is measured, in Node and in pages: when what happened between the import and the second call.

/** Cross entropy and its gradient on tensors: the value is ln 3. @param {any} F */
export function call(F) {
  const logits = F.zeros([4, 3]);
  const labels = F.tensor(Int32Array.of(0, 1, 2, 2));
  return F.crossEntropy.valueAndGrad(logits, labels).value;
}

/**
 * Milliseconds of each part. `module`: to be given to load, as 'simdloss/core' wants it.
 *
 * @param {() => Promise<{ load(options?: object): Promise<any> }>} importEntry
 * @param {() => unknown} [module]
 */
export async function timeline(importEntry, module) {
  /** @type {Record<string, [from: number, to: number]>} */
  const spans = {};
  /** @template T @param {string} name @param {() => T | Promise<T>} run */
  const measured = async (name, run) => {
    const from = performance.now();
    const result = await run();
    spans[name] = [from, performance.now()];
    return result;
  };
  // off a page the constructors are used
  const construct = (/** @type {string} */ name, /** @type {any} */ original) =>
    new Proxy(original, {
      construct(target, given) {
        const from = performance.now();
        const made = Reflect.construct(target, given);
        spans[name] = [from, performance.now()];
        return made;
      },
    });
  /** @type {any} */
  const engine = WebAssembly;
  engine.Module = construct('compile', engine.Module);
  engine.Instance = construct('instantiate', engine.Instance);
  const { compile, instantiate, instantiateStreaming } = engine;
  engine.compile = (/** @type {any} */ source) => measured('compile', () => compile(source));
  engine.instantiate = (/** @type {any[]} */ ...given) =>
    measured('instantiate', () => instantiate(...given));
  // while the module arrives
  if (instantiateStreaming !== undefined) {
    engine.instantiateStreaming = (/** @type {any[]} */ ...given) =>
      measured('compile', () => instantiateStreaming(...given));
  }
  const { load } = await measured('import', importEntry);
  const F = await measured('load', () => load(module && { module: module() }));
  const value = await measured('first call', () => call(F));
  await measured('second call', () => call(F));
  const length = (/** @type {string} */ name) =>
    spans[name] === undefined ? 0 : spans[name][1] - spans[name][0];
  return {
    value,
    parts: {
      import: length('import'),
      bytes: spans.compile[0] - spans.load[0],
      compile: length('compile'),
      instantiate: length('instantiate'),
      functions: spans.load[1] - (spans.instantiate ?? spans.compile)[1],
      'first call': length('first call'),
      'second call': length('second call'),
    },
  };
}
