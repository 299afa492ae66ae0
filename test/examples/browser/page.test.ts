// The example page with the packed package, in the browsers, driven as by a visitor.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listener } from '../../../examples/browser/serve.ts';
import { type Browser, browsers } from '../../browsers/browsers.ts';
import { install } from '../../engines/packed.ts';

const driver = readFileSync(new URL('drive.js', import.meta.url));
const page = `<!doctype html><html lang="en"><title>running</title><link rel="icon" href="/icon.svg">
<iframe src="/" width="1000" height="900" title="the example"></iframe>
<script type="module" src="/drive.js"></script></html>`;
const html = readFileSync(new URL('../../../examples/browser/index.html', import.meta.url), 'utf8');

let server: Server;
let url: string;
const installed = install();
beforeAll(async () => {
  const loader = join(installed.folder, 'node_modules/@assemblyscript/loader');
  const example = listener({ simdloss: installed.package, loader });
  server = createServer((request, response) => {
    const own = request.url === '/drive' ? page : request.url === '/drive.js' ? driver : undefined;
    if (own === undefined) return example(request, response);
    // the frame is isolated if the page around it is
    response.writeHead(200, {
      'content-type': own === page ? 'text/html; charset=utf-8' : 'text/javascript',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    response.end(own);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  installed.remove();
});

it('the policy has the hash of the import map, and allows nothing that is inline or from elsewhere', () => {
  const map = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)![1];
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)![1];
  expect(policy).toContain(`'sha256-${createHash('sha256').update(map).digest('base64')}'`);
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
  const { imports } = JSON.parse(map);
  expect(Object.keys(imports)).toEqual(['simdloss', '@assemblyscript/loader']);
});

it('the server hands out the site alone', async () => {
  const status = async (path: string) => (await fetch(url + path)).status;
  expect(await status('')).toBe(200);
  expect(await status('packages/simdloss/dist/simdloss.wasm')).toBe(200);
  for (const path of [
    'serve.ts',
    'README.md',
    'nothing.js',
    '%2e%2e/node/readme.ts',
    'data/../../package.json',
  ]) {
    expect(await status(path), path).toBe(404);
  }
});

describe.each(browsers)('$name', ({ open }) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await open();
  }, 120_000);
  afterAll(() => browser?.close());

  it('learns to read, with either backend', async () => {
    const saw = await browser.see(`${url}drive`);
    expect(saw).toMatchObject({
      problem: '',
      styled: 'grid',
      // ln 10: ten classes, and nothing learnt
      start: '2.3026',
      pictures: [10, 24],
      stillPaused: true,
      painted: true,
      violations: [],
      errors: [],
    });
    expect(saw.wasm).toEqual(saw.js);
    expect(saw.wasm[0]).toBe('5');
    expect(Number(saw.wasm[1])).toBeLessThan(2.3);
    expect(saw.smoothed[0]).toBe('5');
    expect(saw.smoothed[1]).not.toBe(saw.wasm[1]);
    expect(saw.back).toBe(saw.wasm[1]);
    expect(saw.loss).toBeLessThan(0.8);
    expect(saw.accuracy).toBeGreaterThan(80);
    expect(saw.wrong).toBeLessThan(12);
    expect(saw.curve).toBeGreaterThan(20);
    for (const time of saw.times) expect(time).toBeGreaterThanOrEqual(0);
  });
});
