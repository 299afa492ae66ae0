// simdloss/tfjs as it is built, in Chromium: on the backends that TensorFlow.js has there.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { folder, isThere } from '../tfjs/tfjs.ts';
import { browsers } from './browsers.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The page with all of its code in one file, and the modules of tfjs's wasm backend. */
async function serve(): Promise<{ url: string; close(): void }> {
  const { outputFiles } = await build({
    entryPoints: [pathOf('test/browsers/training/page.js')],
    bundle: true,
    format: 'esm',
    write: false,
    nodePaths: [`${folder}node_modules`],
    external: ['node:*'],
    alias: { simdloss: pathOf('dist/load/browser.js'), 'simdloss/tfjs': pathOf('dist/tfjs/index.js') },
    logLevel: 'error',
  });
  const page =
    '<!doctype html><html lang="en"><title>running</title><link rel="icon" href="data:,"><script type="module" src="/page.js"></script></html>';
  const bodyOf = async (url: string): Promise<[string, string | Uint8Array]> => {
    if (url === '/page.js') return ['text/javascript', outputFiles[0].contents];
    const module = /^\/wasm\/([\w-]+\.wasm)$/.exec(url);
    if (module === null) return ['text/html', page];
    const path = `${folder}node_modules/@tensorflow/tfjs-backend-wasm/dist/${module[1]}`;
    return ['application/wasm', await readFile(path)];
  };
  const server = createServer(async ({ url = '/' }, response) => {
    const [type, body] = await bodyOf(url);
    response.writeHead(200, { 'content-type': type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

const chromium = browsers.find(({ name }) => name === 'Chromium');

describe.skipIf(!isThere || chromium === undefined)('Chromium', () => {
  it('trains to the loss that TensorFlow.js’s own has, class weights included', async () => {
    const browser = await chromium!.open();
    const site = await serve();
    try {
      const { errors, error, ...saw } = await browser.see(site.url);
      expect(error).toBeUndefined();
      expect(Object.keys(saw)).toEqual(['cpu', 'wasm', 'webgl']);
      for (const [backend, { ours, theirs, more }] of Object.entries<any>(saw)) {
        expect(ours).toHaveLength(3);
        for (let i = 0; i < 3; i++) expect(ours[i] / theirs[i], backend).toBeCloseTo(1, 4);
        expect(more).toBe(0);
      }
    } finally {
      site.close();
      await browser.close();
    }
  });
});
