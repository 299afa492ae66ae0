// Where WebAssembly is forbidden or missing: the error says what works instead, and that does work.
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { buildSync } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { install } from './packed.ts';

const installed = install();
afterAll(installed.remove);
installed.write(
  'main.mjs',
  `import { load, loadSync } from 'simdloss';
  const refusal = async (run) => { try { await run(); } catch ({ code, message }) { return code + ' ' + message; } };
  globalThis.result = (async () => JSON.stringify({
    load: await refusal(() => load()),
    loadSync: await refusal(() => loadSync()),
    js: (await load({ backend: 'js' })).mse([3], [1]),
    jsAtOnce: await refusal(() => loadSync({ backend: 'js' })),
  }))();`,
);
// bundled as for a browser, where the js backend comes on demand
const { outputFiles } = buildSync({
  entryPoints: [join(installed.folder, 'main.mjs')],
  write: false,
  bundle: true,
  format: 'iife',
  target: 'es2022',
});

/** The results in a context that has what every platform has, and `without` what is taken away. */
async function inside(without: string, wasm: boolean): Promise<unknown> {
  const context: { result?: Promise<string> } & Record<string, unknown> = { atob, performance, TextDecoder };
  runInNewContext(`${without};${outputFiles[0].text}`, context, {
    contextCodeGeneration: { strings: false, wasm },
  });
  return JSON.parse((await context.result)!);
}

// what comes on demand is not there at once
const jsAtOnce = expect.stringMatching(/^ERR_UNSUPPORTED .*on demand.*simdloss\/complete has it at hand$/);

describe.each([
  ['compiling is forbidden', '', false, /could not be compiled here/],
  ['there is no WebAssembly', 'delete globalThis.WebAssembly', true, /WebAssembly is not available here/],
  ['there is no SIMD', 'WebAssembly.validate = () => false', true, /SIMD is not available here/],
])('%s', (_, without, wasm, cause) => {
  it("ERR_UNSUPPORTED names backend 'js', which works", async () => {
    const refused = (wayOut: string) =>
      expect.stringMatching(new RegExp(`^ERR_UNSUPPORTED .*${cause.source}.*${wayOut}`));
    expect(await inside(without, wasm)).toEqual({
      load: refused("load\\(\\{ backend: 'js' \\}\\) works without it"),
      loadSync: refused("simdloss/complete has backend 'js' at hand, which works without it"),
      js: 4,
      jsAtOnce,
    });
  });
});

it('in the same context, with nothing taken away, it loads', async () => {
  expect(await inside('', true)).toEqual({ js: 4, jsAtOnce });
});
