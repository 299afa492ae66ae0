// ONNX Runtime and transformers.js in the browsers, offline: what they say of the text is what PyTorch says.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { browsers } from '../../browsers/browsers.ts';
import { expected, isThere } from './installed.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const modules = at('examples/perplexity/runtimes/node_modules');
const types: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};
/** Where the beginning of an address leads. */
const folders = {
  '/model/': at('examples/perplexity/model/'),
  '/ort/': `${modules}/onnxruntime-web/dist/`,
  '/text': at('examples/perplexity/text/held-out.md'),
};

let server: Server;
let url: string;
beforeAll(async () => {
  if (!isThere) return;
  const { outputFiles } = await build({
    entryPoints: [at('test/examples/perplexity/page.js')],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    nodePaths: [modules],
    external: ['node:*'],
    alias: { simdloss: at('dist/load/browser.js'), 'simdloss/evaluate': at('dist/evaluate.js') },
    logLevel: 'error',
  });
  const page =
    '<!doctype html><html lang="en"><title>running</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script></html>';
  server = createServer(async ({ url: address = '/' }, response) => {
    const own = { '/': page, '/page.js': outputFiles[0].contents }[address];
    const [start, folder] = Object.entries(folders).find(([name]) => address.startsWith(name)) ?? [];
    const path = folder === undefined ? '' : folder + address.slice(start!.length);
    const body = own ?? (existsSync(path) ? await readFile(path) : undefined);
    const type = address === '/' ? 'text/html' : (types[extname(address)] ?? 'application/octet-stream');
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => server?.close());

it.skipIf(!isThere).each(browsers)('$name', async ({ open }) => {
  const browser = await open();
  try {
    const { failure, errors, ...saw } = await browser.see(url);
    expect(failure).toBeUndefined();
    expect(Object.keys(saw)).toEqual(['onnxruntime-web', 'transformers.js']);
    for (const { count, loss, perplexity } of Object.values<any>(saw)) {
      expect(count).toBe(expected.count);
      expect(loss).toBeCloseTo(expected.loss, 5);
      expect(perplexity).toBeCloseTo(expected.perplexity, 4);
    }
  } finally {
    await browser.close();
  }
});
