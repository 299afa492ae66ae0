// What bundlers for edge runtimes make of an import of a .wasm file.
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
declare module '*.wasm?module' {
  const module: WebAssembly.Module;
  export default module;
}

// What the build makes of the modules, for type checks before the first build.
declare module '*/generated/inline.ts' {
  export function inlineModule(): Uint8Array<ArrayBuffer>;
}
declare module '*/generated/inlinePlain.ts' {
  export function inlineModule(): Uint8Array<ArrayBuffer>;
}
declare module '*/generated/inlineRelaxed.ts' {
  export function inlineModule(): Uint8Array<ArrayBuffer>;
}
