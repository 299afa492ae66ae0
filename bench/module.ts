// The module itself: what it weighs and what a cold start costs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { load } from 'simdloss';
import { median, rounded } from './statistics.ts';

export interface ModuleResult {
  /** Bytes. */
  readonly raw: number;
  readonly gzip: number;
  /** Medians, ms. */
  readonly compile: number;
  readonly instantiate: number;
  /** load() from bytes: both, and the wrapper. */
  readonly load: number;
}

const REPETITIONS = 25;

export async function measureModule(): Promise<ModuleResult> {
  const bytes = readFileSync(createRequire(import.meta.url).resolve('simdloss/simdloss.wasm'));
  const compile: number[] = [];
  const instantiate: number[] = [];
  const loading: number[] = [];
  for (let i = 0; i < REPETITIONS; i++) {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const source = distinct(bytes, 2 * i);
    let start = performance.now();
    const module = new WebAssembly.Module(source);
    compile.push(performance.now() - start);

    start = performance.now();
    new WebAssembly.Instance(module, { env: { memory } });
    instantiate.push(performance.now() - start);

    const again = distinct(bytes, 2 * i + 1);
    start = performance.now();
    const F = await load({ module: again });
    loading.push(performance.now() - start);
    F.dispose();
  }
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    compile: rounded(median(compile)),
    instantiate: rounded(median(instantiate)),
    load: rounded(median(loading)),
  };
}

/** The module with a custom section of its own: V8 keeps compiled modules by their bytes and would compile only once. */
function distinct(bytes: Uint8Array, tag: number): Uint8Array<ArrayBuffer> {
  const custom = 0;
  return Uint8Array.from([...bytes, custom, 2, 1, tag]);
}
