import { fail } from '../errors.ts';
import type { KernelExports } from './generated/exports.ts';

export type ModuleSource = WebAssembly.Module | BufferSource | Response;

// (module (func (result v128) i32.const 0 i8x16.splat))
const SIMD_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

// (module (func (param v128 v128 v128) (result v128) local.get 0, 1, 2, f32x4.relaxed_madd))
const RELAXED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32,
  1, 32, 2, 253, 133, 2, 11,
]);

/** Whether the engine takes a module with relaxed multiply-add; whether it fuses, the module's fused() tells. */
export const hasRelaxed = (): boolean => WebAssembly.validate(RELAXED_PROBE);

const fallback = "load({ backend: 'js' }) works without it";

/** Says clearly what a platform lacks. */
export function requireSimd(): void {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.validate !== 'function') {
    fail('ERR_UNSUPPORTED', `WebAssembly is not available here; ${fallback}`);
  }
  if (!WebAssembly.validate(SIMD_PROBE)) {
    fail('ERR_UNSUPPORTED', `WebAssembly SIMD is not available here; ${fallback}`);
  }
}

/** Also of another realm: edge runtimes compile modules outside the context that the code runs in. */
export const isModule = (value: unknown): value is WebAssembly.Module =>
  Object.prototype.toString.call(value) === '[object WebAssembly.Module]';

const importsOf = (memory: WebAssembly.Memory) => ({ env: { memory } });

// The loader's own `exports` are wrappers that cost more than a small kernel; the instance's are called directly.
const exportsOf = (instance: WebAssembly.Instance) => instance.exports as unknown as KernelExports;

const refused = (cause: unknown): never =>
  fail(
    'ERR_UNSUPPORTED',
    `WebAssembly could not be compiled here (${(cause as Error)?.message}); ${fallback}`,
    cause,
  );

/** V8 11 takes no DataView. */
const plainSource = <S>(source: S): S | Uint8Array<ArrayBuffer> =>
  source instanceof DataView
    ? new Uint8Array(source.buffer as ArrayBuffer, source.byteOffset, source.byteLength)
    : source;

/**
 * A page is not to be held up. Elsewhere 1 ms is less than what waiting costs; and in WebKit's workers an asynchronous compilation
 * was seen to end only when something else woke the worker.
 */
const isPage = typeof (globalThis as { document?: unknown }).document !== 'undefined';

export async function compile(source: WebAssembly.Module | BufferSource): Promise<WebAssembly.Module> {
  if (isModule(source)) return source;
  if (!isPage) return compileSync(source);
  try {
    return await WebAssembly.compile(source);
  } catch (cause) {
    return refused(cause);
  }
}

export function compileSync(source: BufferSource): WebAssembly.Module {
  try {
    return new WebAssembly.Module(source);
  } catch (cause) {
    return refused(cause);
  }
}

/** The loader comes for what it streams: all else would bring it, and Node's Response, for nothing (20 ms in a cold Node). */
export async function instantiate(source: ModuleSource, memory: WebAssembly.Memory): Promise<KernelExports> {
  if (!isPage && !isResponse(source)) return instantiateSync(source, memory);
  const imports = importsOf(memory);
  try {
    if (isResponse(source)) {
      const { instantiateStreaming } = await import('@assemblyscript/loader');
      return exportsOf((await instantiateStreaming(source, imports)).instance);
    }
    const module = isModule(source) ? source : await WebAssembly.compile(plainSource(source));
    return exportsOf(await WebAssembly.instantiate(module, imports));
  } catch (cause) {
    // engines stream nothing but their own Response, where edge runtimes have another class, and only application/wasm
    if (isResponse(source) && !source.bodyUsed) return instantiate(await source.arrayBuffer(), memory);
    return refused(cause);
  }
}

const isResponse = (source: ModuleSource): source is Response =>
  typeof (source as Response | null)?.arrayBuffer === 'function';

export function instantiateSync(
  source: WebAssembly.Module | BufferSource,
  memory: WebAssembly.Memory,
): KernelExports {
  try {
    const module = isModule(source) ? source : new WebAssembly.Module(plainSource(source));
    return exportsOf(new WebAssembly.Instance(module, importsOf(memory)));
  } catch (cause) {
    return refused(cause);
  }
}
