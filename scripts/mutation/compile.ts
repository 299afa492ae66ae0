// The module of a copy of the repository, compiled in this process (a warm compiler takes a fifth of the time).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import asc from 'assemblyscript/asc';
import { inlineSource, plainSource } from '../generate/inline.ts';

const OUTPUT = 'build/simdloss.wasm';

/** asconfig.json's options, with the least optimising that keeps the tests quick. */
function args(folder: string): string[] {
  const { entries, options } = JSON.parse(readFileSync(join(folder, 'asconfig.json'), 'utf8'));
  const given = Object.entries(options as Record<string, unknown>).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [`--${name}`, String(value)],
  );
  const own = ['--config', 'none', '--baseDir', folder, '--outFile', OUTPUT, '-O1', '--noAssert'];
  return [...(entries as string[]), ...given, ...own];
}

/** Whether it compiles; then the copy's module and its inline texts are the new ones. */
export async function compile(folder: string): Promise<boolean> {
  let wasm: Uint8Array | undefined;
  const { error } = await asc.main(args(folder), {
    writeFile: (name, contents) => {
      if (name.endsWith('.wasm')) wasm = contents as Uint8Array;
    },
  });
  if (error || !wasm || !WebAssembly.validate(wasm as Uint8Array<ArrayBuffer>)) return false;
  mkdirSync(dirname(join(folder, OUTPUT)), { recursive: true });
  writeFileSync(join(folder, OUTPUT), wasm);
  const inlined = join(folder, 'src/wasm/generated');
  writeFileSync(join(inlined, 'inline.ts'), inlineSource('simdloss.wasm', wasm));
  writeFileSync(join(inlined, 'inlinePlain.ts'), plainSource('simdloss.wasm', wasm));
  return true;
}
