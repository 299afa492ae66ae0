import { cut, fail, show } from '../errors.ts';
import { kindOf } from '../given.ts';
import type { HttpResponse, WasmModule } from '../globals.ts';
import { ABI, type KernelExports } from './generated/exports.ts';
import { foreign } from './shared.ts';

export type ModuleSource = WasmModule | ArrayBufferView | ArrayBuffer | HttpResponse;
/** The same with bytes in one form. */
export type Compilable = WebAssembly.Module | Uint8Array<ArrayBuffer>;
export type Source = Compilable | Response;

// Functions, so that bundlers leave them out where nothing is compiled.

// (module (func (result v128) i32.const 0 i8x16.splat))
const simdProbe = () =>
  new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
  ]);

// (module (func (param v128 v128 v128) (result v128) local.get 0, 1, 2, f32x4.relaxed_madd))
const relaxedProbe = () =>
  new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0,
    32, 1, 32, 2, 253, 133, 2, 11,
  ]);

/** Whether the engine takes a module with relaxed multiply-add; whether it fuses, the module's fused() tells. */
export const hasRelaxed = (): boolean => WebAssembly.validate(relaxedProbe());

/** Why there is no WebAssembly here, whatever the module may be. */
export class NoWasm extends Error {}

/** Says clearly what a platform lacks. */
export function requireSimd(): void {
  if (typeof WebAssembly !== 'object' || typeof WebAssembly.validate !== 'function') {
    throw new NoWasm('WebAssembly is not available here');
  }
  if (!WebAssembly.validate(simdProbe())) throw new NoWasm('WebAssembly SIMD is not available here');
}

/** Also of another realm: edge runtimes compile modules outside the context that the code runs in. */
export function isModule(value: unknown): value is WebAssembly.Module {
  if (kindOf(value) !== 'WebAssembly.Module') return false;
  try {
    // a proxy of one, or what only says so, has none
    return WebAssembly.Module.imports(value as WebAssembly.Module).length >= 0;
  } catch {
    return false;
  }
}

/** What was thrown may be anything; the whole of it is the error's cause. */
export function messageOf(cause: unknown, most = 80): string {
  try {
    return cut(String((cause as Error).message ?? cause), most);
  } catch {
    return show(cause);
  }
}

/** An engine may have WebAssembly and yet compile none of it, whatever it is given: a page's policy forbids it. */
export function requireCompiler(): void {
  try {
    new WebAssembly.Module(simdProbe());
  } catch (cause) {
    throw new NoWasm(`WebAssembly could not be compiled here (${messageOf(cause)})`, { cause });
  }
}

/** The engine did not compile: because it may not, or because of what it was given. */
function uncompiled(cause: unknown): never {
  requireCompiler();
  return fail(
    'ERR_UNSUPPORTED',
    `the module is damaged, or needs what this engine lacks (${messageOf(cause)})`,
    cause,
  );
}

/**
 * A page is not to be held up. Elsewhere 1 ms is less than what waiting costs; and in WebKit's workers an asynchronous compilation
 * was seen to end only when something else woke the worker.
 */
const isPage = (): boolean => typeof (globalThis as { document?: unknown }).document !== 'undefined';

export async function compile(source: Compilable): Promise<WebAssembly.Module> {
  if (!isPage() || isModule(source)) return compileSync(source);
  try {
    return await WebAssembly.compile(source);
  } catch (cause) {
    return uncompiled(cause);
  }
}

export function compileSync(source: Compilable): WebAssembly.Module {
  if (isModule(source)) return source;
  try {
    return new WebAssembly.Module(source);
  } catch (cause) {
    return uncompiled(cause);
  }
}

const importsOf = (memory: WebAssembly.Memory) => ({ env: { memory } });

/** Refuses modules with other imports: where it can, before any of their code runs. */
function requireImports(module: WebAssembly.Module): void {
  const imports = WebAssembly.Module.imports(module).map(
    ({ module, name, kind }) => `${module} ${name} ${kind}`,
  );
  if (imports.join() !== 'env memory memory') foreign();
}

/** The exports of an instance, which has to be of a module for this wrapper. */
function exportsOf({ exports }: WebAssembly.Instance): KernelExports {
  const { abi, fused } = exports as { abi?: { value?: unknown }; fused?: unknown };
  if (abi?.value !== ABI || typeof fused !== 'function') {
    foreign(`with ABI ${show(abi?.value)} instead of ${ABI}, or without fused()`);
  }
  return exports as unknown as KernelExports;
}

/** Whether multiply-add rounds once in this instance. */
export function isFused(exports: KernelExports): boolean {
  try {
    return exports.fused() !== 0;
  } catch (cause) {
    return foreign('that is damaged', cause);
  }
}

/** An instance, made at once: that takes no time. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  requireImports(module);
  let instance: WebAssembly.Instance;
  try {
    instance = new WebAssembly.Instance(module, importsOf(memory));
  } catch (cause) {
    const [kind, way] =
      kindOf(memory.buffer) === 'SharedArrayBuffer'
        ? ['a memory that is not shared', 'its bytes or its URL, which serve for both']
        : ['a shared memory', 'simdloss.wasm as it is in the package'];
    return fail(
      'ERR_UNSUPPORTED',
      `"module" is compiled for ${kind}: give ${way} (${messageOf(cause)})`,
      cause,
    );
  }
  return exportsOf(instance);
}

/** The content type of what may only look like a response. */
function typeOf({ headers }: Response): string {
  try {
    return String(headers.get('content-type'));
  } catch {
    return '';
  }
}

/**
 * An instance of a module that is compiled while it arrives; undefined where that cannot be, and the response is as it was. The
 * loader comes for this alone: all else would bring it, and Node's Response, for nothing (20 ms in a cold Node).
 */
export async function instantiateStreaming(
  response: Response,
  memory: WebAssembly.Memory,
): Promise<KernelExports | undefined> {
  // engines stream nothing of another type; some servers don't send it
  if (!typeOf(response).startsWith('application/wasm')) return undefined;
  let result: WebAssembly.WebAssemblyInstantiatedSource;
  try {
    const { instantiateStreaming } = await import('@assemblyscript/loader');
    result = await instantiateStreaming(response, importsOf(memory));
  } catch (cause) {
    // nor another class of Response, which edge runtimes have
    if (!response.bodyUsed) return undefined;
    const { name } = cause as Error;
    if (name === 'CompileError') return uncompiled(cause);
    if (name === 'LinkError') return foreign(`that cannot be linked (${messageOf(cause)})`, cause);
    return fail('ERR_UNSUPPORTED', `the module could not be read (${messageOf(cause)})`, cause);
  }
  requireImports(result.module);
  // the loader's own exports are wrappers that cost more than a small kernel
  return exportsOf(result.instance);
}
