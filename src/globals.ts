// Platform classes in published types: libraries without DOM or Node's types lack them, and a declaration that names one would not
// compile there.

type InstanceOf<Class, Otherwise> = Class extends { prototype: infer T } ? T : Otherwise;
type Global<Name extends string> = typeof globalThis extends { readonly [name in Name]: infer Value }
  ? Value
  : undefined;
type OfWebAssembly<Name extends string> =
  Global<'WebAssembly'> extends { readonly [name in Name]: infer Value } ? Value : undefined;

export type Url = InstanceOf<Global<'URL'>, { readonly href: string }>;
export type HttpResponse = InstanceOf<Global<'Response'>, { arrayBuffer(): Promise<ArrayBuffer> }>;
export type WasmModule = InstanceOf<OfWebAssembly<'Module'>, object>;
export type WasmMemory = InstanceOf<
  OfWebAssembly<'Memory'>,
  { readonly buffer: ArrayBufferLike; grow(delta: number): number }
>;
