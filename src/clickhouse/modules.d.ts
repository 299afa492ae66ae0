// What the build makes of the module, for type checks before the first build.
declare module '*/generated/module.ts' {
  export function inlineModule(): Uint8Array<ArrayBuffer>;
  export const sha256: string;
}
