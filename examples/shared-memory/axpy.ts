import { readFileSync } from 'node:fs';
import binaryen from 'assemblyscript/binaryen';

/** axpy.wat as a binary module. */
export function axpyModule(): Uint8Array<ArrayBuffer> {
  const module = binaryen.parseText(readFileSync(new URL('axpy.wat', import.meta.url), 'utf8'));
  module.setFeatures(binaryen.Features.Atomics);
  const bytes = Uint8Array.from(module.emitBinary());
  module.dispose();
  return bytes;
}
