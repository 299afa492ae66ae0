// What the build makes of the module, for type checks before the first build.
declare module '*/generated/exactSums.ts' {
  export function inlineModule(): Uint8Array<ArrayBuffer>;
}
