// One memory, two threads, three modules: in Node and in the browsers.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axpyModule } from '../../examples/shared-memory/axpy.ts';
import { type Browser, browsers } from '../browsers/browsers.ts';
import { install } from '../engines/packed.ts';

const at = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simdloss-shared-'));
const axpy = join(folder, 'axpy.wasm');

beforeAll(async () => {
  writeFileSync(axpy, axpyModule());
  // import maps don't reach workers: bundled, as a page's are
  await build({
    entryPoints: ['worker.ts', 'page.ts', 'node.ts'].map(at),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const KIB = 1024;
/** The same everywhere. */
const wanted = {
  zeroCopy: { value: true, grad: true, copies: 'ERR_MEMORY' },
  foreign: { same: true, falls: true, bytes: true },
  atOnce: { ours: true, theirs: true },
  spoilt: { other: 0, touched: 0, intact: true, spoiling: true },
  region: { code: 'ERR_MEMORY', capacity: 2048 * KIB, grown: 0, live: 0 },
  growth: {
    refused: 'ERR_SHAPE',
    sizes: [4, 8, 8],
    value: true,
    grad: true,
    view: true,
    capacity: 2048 * KIB,
  },
};

it('Node, with a worker_thread', async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(folder, 'node.mjs'), join(folder, 'worker.mjs'), axpy],
    { timeout: 100_000 },
  );
  expect(JSON.parse(stdout)).toEqual(wanted);
});

describe('isolated pages, with a Web Worker', () => {
  const types: Record<string, string> = {
    '.js': 'text/javascript',
    '.wasm': 'application/wasm',
    '.html': 'text/html; charset=utf-8',
  };
  const files: Record<string, () => Uint8Array | string> = {
    '/index.html': () =>
      '<!doctype html><html lang="en"><title>running</title><link rel="icon" href="data:,"><script type="module" src="page.js"></script></html>',
    '/page.js': () => readFileSync(join(folder, 'page.mjs')),
    '/worker.js': () => readFileSync(join(folder, 'worker.mjs')),
    '/axpy.wasm': () => readFileSync(axpy),
  };
  let server: Server;
  beforeAll(async () => {
    server = createServer(({ url = '' }, response) => {
      const file = files[url];
      response.writeHead(file === undefined ? 404 : 200, {
        'content-type': types[extname(url)] ?? 'text/plain',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'content-security-policy':
          "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src data:",
      });
      response.end(file?.());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  describe.each(browsers)('$name', ({ open }) => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await open();
    }, 120_000);
    afterAll(() => browser?.close());

    it('sees the same', async () => {
      const { port } = server.address() as AddressInfo;
      const saw = await browser.see(`http://127.0.0.1:${port}/index.html`);
      expect(saw).toEqual({ isolated: true, ...wanted, errors: [] });
    });
  });
});

it('the example learns, ends by itself, and prints what its README shows', () => {
  const stdout = execFileSync(
    process.execPath,
    ['--import', 'tsx', at('../../examples/shared-memory/main.ts')],
    {
      encoding: 'utf8',
      timeout: 100_000,
    },
  );
  const values = [...stdout.matchAll(/^step +\d+ {2}loss (\d+\.\d{4})$/gm)].map(([, value]) => Number(value));
  expect(values).toHaveLength(6);
  // nothing is known at first
  expect(values[0]).toBe(Number(Math.log(10).toFixed(4)));
  expect(values).toEqual([...values].sort((a, b) => b - a));
  expect(values[5]).toBeLessThan(0.5);
  expect(readFileSync(at('../../examples/shared-memory/README.md'), 'utf8')).toContain(stdout);
});

it('the two threads of docs/shared-memory.md print what their comment says', () => {
  const text = readFileSync(at('../../docs/shared-memory.md'), 'utf8');
  const installed = install();
  try {
    const [main] = ['main.mjs', 'worker.mjs'].map((name) => {
      const code = new RegExp(`<!-- ${name} -->\\n\`\`\`ts\\n([\\s\\S]*?)\`\`\``).exec(text)![1];
      return installed.write(name, code);
    });
    const stdout = execFileSync(process.execPath, [main], { encoding: 'utf8', timeout: 60_000 });
    const numbers = (line: string) => (line.match(/-?\d+\.\d+/g) ?? []).map((n) => Number(n).toFixed(3));
    const said = numbers(/what the worker wrote: (.*)/.exec(text)![1]);
    expect(said).toHaveLength(7);
    expect(numbers(stdout)).toEqual(said);
  } finally {
    installed.remove();
  }
});
