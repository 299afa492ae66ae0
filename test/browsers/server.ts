// Serves the built package and the page that tries it, with the headers that a test asks for.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = new URL('../../', import.meta.url);
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/** No bundler: an import map, which is inline and therefore needs its hash in the policy. */
const importMapOf = (dist: string) =>
  JSON.stringify({
    imports: {
      simdloss: `${dist}/load/browser.js`,
      'simdloss/complete': '/dist/index.js',
      '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js',
    },
  });
const importMap = importMapOf('/dist');
/** After a redeploy: what was loaded goes on, and what would come on demand is gone. */
const outdated = importMapOf('/outdated');
const GONE = /^\/outdated\/(chunks\/(js|relaxed)|threads)\.js$/;

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `'sha256-${Buffer.from(digest).toString('base64')}'`;
}

/** The strictest policy under which everything works, workers included. */
export const policy = async (): Promise<string> =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${await hashOf(importMap)} ${await hashOf(outdated)}; worker-src 'self'; img-src 'self'; base-uri 'none'`;

const pageOf = (script: string, map = importMap) => `<!doctype html><html lang="en"><title>running</title>
<script type="importmap">${map}</script>
<script type="module" src="/test/browsers/${script}"></script></html>`;
const pages: Record<string, string> = {
  '/': pageOf('page.js'),
  '/isolated/': pageOf('page.js'),
  '/confined/': pageOf('confined/page.js'),
  '/redeployed/': pageOf('confined/redeployed.js', outdated),
};

/**
 * Scripts for where there are no modules, or none on demand: one file each, whose import() asks for the chunks of the package as they
 * are.
 */
const bundled = async (): Promise<ReadonlyMap<string, string>> => {
  const { outputFiles } = await build({
    entryPoints: ['serviceWorker', 'worklet'].map((name) =>
      fileURLToPath(new URL(`test/browsers/confined/${name}.js`, root)),
    ),
    bundle: true,
    format: 'iife',
    write: false,
    outdir: '/bundled',
    alias: {
      simdloss: fileURLToPath(new URL('dist/load/browser.js', root)),
      'simdloss/complete': fileURLToPath(new URL('dist/index.js', root)),
    },
    logLevel: 'error',
    logOverride: { 'empty-import-meta': 'silent' },
    plugins: [
      {
        name: 'import() stays',
        setup: (build) =>
          build.onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'dynamic-import'
              ? { path: `/dist/chunks/${path.replace(/.*\//, '')}`, external: true }
              : undefined,
          ),
      },
    ],
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
};

export interface Site {
  /** "/" is not isolated, the others are. */
  readonly url: string;
  close(): Promise<void>;
}

export async function serve(): Promise<Site> {
  const csp = await policy();
  const bundles = await bundled();
  const server: Server = createServer(async ({ url = '/' }, response) => {
    const path = url.replace(/\?.*$/, '');
    // workers of an isolated page need the headers too; on the other page they do no harm
    const headers: Record<string, string> = { 'content-security-policy': csp, 'cache-control': 'no-store' };
    // to fetch a module, where that is what an error recommends
    if (/^\/(bundled|confined|redeployed)\//.test(path))
      headers['content-security-policy'] += "; connect-src 'self'";
    const page = pages[path];
    if (page !== undefined) {
      response.writeHead(200, {
        ...headers,
        ...(path === '/' ? {} : isolation),
        'content-type': types['.html'],
      });
      response.end(page);
      return;
    }
    if (path === '/favicon.ico') {
      response.writeHead(204, headers);
      response.end();
      return;
    }
    const bundle = bundles.get(path);
    if (bundle !== undefined) {
      response.writeHead(200, { ...headers, ...isolation, 'content-type': types['.js'] });
      response.end(bundle);
      return;
    }
    const allowed = /^\/(dist|outdated|test\/browsers|node_modules\/@assemblyscript\/loader)\/[\w./-]+$/.test(
      path,
    );
    try {
      if (!allowed || path.includes('..')) throw new Error('not served');
      if (GONE.test(path)) throw new Error('not served any more');
      const body = await readFile(new URL(`.${path.replace(/^\/outdated\//, '/dist/')}`, root));
      response.writeHead(200, {
        ...headers,
        ...isolation,
        'content-type': types[extname(path)] ?? 'text/plain',
      });
      response.end(body);
    } catch {
      response.writeHead(404, headers);
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
