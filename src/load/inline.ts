// The modules stand in the code as text, so that nothing has to be found, fetched or allowed; the relaxed one on demand.
export const relaxed = async (): Promise<Uint8Array<ArrayBuffer>> =>
  (await import('../wasm/generated/inlineRelaxed.ts')).inlineModule();
