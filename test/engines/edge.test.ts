// Edge runtimes, where code is not compiled from bytes: the package bundled as their tools bundle it, the module imported.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { build, buildSync, type Plugin } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { engine } from './installed.ts';
import { install } from './packed.ts';

const { losses, math, evaluations } = JSON.parse(
  readFileSync(new URL('./digests.json', import.meta.url), 'utf8'),
);
const installed = install();
const { folder } = installed;
afterAll(installed.remove);

/** What is the same on both, as one object. */
installed.write(
  'edge.mjs',
  `import * as simdloss from 'simdloss';
  import { evaluate } from 'simdloss/evaluate';
  import { conformance, evaluations } from './suite.mjs';
  const refusal = async (run) => { try { await run(); } catch ({ code, message }) { return code + ' ' + message; } };
  const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
  export const all = async () => ({
    ...(await conformance(simdloss)),
    evaluations: evaluations(await simdloss.load(), evaluate),
    auto: (await simdloss.load({ threads: 'auto' })).threads,
    threads: await refusal(() => simdloss.load({ threads: 2 })),
    bytes: await refusal(() => simdloss.load({ module: empty })),
    bytesAtOnce: await refusal(() => simdloss.loadSync({ module: empty })),
    jsAtOnce: simdloss.loadSync({ backend: 'js' }).mse([3], [1]),
  });`,
);
const refused = expect.stringMatching(/^ERR_UNSUPPORTED .*compiled here.*backend: 'js'/);
const wanted = {
  losses,
  math,
  // sums without their kernel, as nothing is compiled
  evaluations,
  // everything that is imported is deployed, so the relaxed module has to be given
  relaxed: 'deterministic',
  auto: 1,
  threads: 'ERR_UNSUPPORTED 2 threads: workers are not available here',
  bytes: refused,
  bytesAtOnce: refused,
  jsAtOnce: 4,
};

const workerd = engine('workerd', 'workerd/bin/workerd');

describe.skipIf(workerd === undefined)('workerd', () => {
  const modules: Plugin = {
    name: 'modules stay files',
    setup: ({ onResolve }) =>
      onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true })),
  };

  it.each([[[]], [['nodejs_compat']]])('conforms with flags %j', async (flags) => {
    installed.write(
      'worker.mjs',
      `import { load } from 'simdloss';
      import relaxed from 'simdloss/simdloss.relaxed.wasm';
      import { all } from './edge.mjs';
      const given = async () => {
        const F = await load({ module: relaxed });
        return [F.math, F.mse([3], [1])].join();
      };
      export default { test: async () => console.log('RESULT' + JSON.stringify({ ...(await all()), given: await given() })) };`,
    );
    const { metafile } = await build({
      entryPoints: [join(folder, 'worker.mjs')],
      outfile: join(folder, 'worker.js'),
      bundle: true,
      metafile: true,
      format: 'esm',
      target: 'es2022',
      conditions: ['workerd', 'worker', 'browser'],
      plugins: [modules],
    });
    expect(Object.keys(metafile.inputs).filter((path) => path.includes('wasm/generated/inline'))).toEqual([]);
    for (const name of ['simdloss.wasm', 'simdloss.relaxed.wasm']) {
      copyFileSync(join(installed.package, 'dist', name), join(folder, name));
    }
    const config = installed.write(
      'config.capnp',
      `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (services = [(name = "main", worker = .main)]);
      const main :Workerd.Worker = (
        modules = [
          (name = "worker.js", esModule = embed "worker.js"),
          (name = "simdloss.wasm", wasm = embed "simdloss.wasm"),
          (name = "simdloss.relaxed.wasm", wasm = embed "simdloss.relaxed.wasm"),
        ],
        compatibilityDate = "2026-07-01",
        compatibilityFlags = ${JSON.stringify(flags)},
      );`,
    );
    const { status, stdout, stderr } = spawnSync(workerd!, ['test', config], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(status, stdout + stderr).toBe(0);
    expect(JSON.parse(stdout.match(/^RESULT(.*)$/m)![1])).toEqual({
      ...wanted,
      given: expect.stringMatching(/^(relaxed|deterministic),4$/),
    });
  });
});

const edgeRuntime = engine('edge-runtime', 'edge-runtime/dist/index.js');

describe.skipIf(edgeRuntime === undefined)('edge-runtime without code generation', () => {
  const modules: Plugin = {
    name: 'modules are given as globals',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path: basename(path), namespace: 'given' }));
      onLoad({ filter: /.*/, namespace: 'given' }, ({ path }) => ({
        contents: `export default globalThis[${JSON.stringify(path)}];`,
      }));
    },
  };

  it('conforms', async () => {
    const { EdgeRuntime } = createRequire(import.meta.url)(edgeRuntime!);
    installed.write('vercel.mjs', `import { all } from './edge.mjs'; globalThis.result = all();`);
    const { outputFiles, metafile } = await build({
      entryPoints: [join(folder, 'vercel.mjs')],
      write: false,
      bundle: true,
      metafile: true,
      format: 'iife',
      target: 'es2022',
      conditions: ['edge-light', 'worker', 'browser'],
      plugins: [modules],
    });
    expect(Object.keys(metafile.inputs).filter((path) => path.includes('wasm/generated/inline'))).toEqual([]);
    // compiled outside the context, as at a deployment: to the code inside it is a module of another realm
    const module = new WebAssembly.Module(readFileSync(join(installed.package, 'dist/simdloss.wasm')));
    const runtime = new EdgeRuntime({
      codeGeneration: { strings: false, wasm: false },
      extend: (context: object) => Object.assign(context, { 'simdloss.wasm?module': module }),
    });
    runtime.evaluate(outputFiles[0].text);
    expect({ ...(await runtime.context.result) }).toEqual(wanted);
  });

  it('where code generation is allowed, bytes and a Response of its own class will do', async () => {
    const { EdgeRuntime } = createRequire(import.meta.url)(edgeRuntime!);
    installed.write(
      'response.mjs',
      `import { load } from 'simdloss/core';
      const mse = async (module) => (await load({ module })).mse([3], [1]);
      const response = (type) => new Response(globalThis.bytes, { headers: { 'content-type': type } });
      globalThis.result = (async () => [
        await mse(globalThis.bytes),
        await mse(response('application/wasm')),
        await mse(response('application/octet-stream')),
      ].join())();`,
    );
    const { outputFiles } = buildSync({
      entryPoints: [join(folder, 'response.mjs')],
      write: false,
      bundle: true,
      format: 'iife',
      target: 'es2022',
    });
    const bytes = readFileSync(join(installed.package, 'dist/simdloss.wasm'));
    const runtime = new EdgeRuntime({
      codeGeneration: { strings: false, wasm: true },
      extend: (context: object) => Object.assign(context, { bytes: Uint8Array.from(bytes) }),
    });
    runtime.evaluate(outputFiles[0].text);
    expect(await runtime.context.result).toBe('4,4,4');
  });
});
