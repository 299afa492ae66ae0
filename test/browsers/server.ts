// Serves the built package and the page that tries it, with the headers that a test asks for.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

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
const importMap = JSON.stringify({
  imports: {
    simdloss: '/dist/load/browser.js',
    '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js',
  },
});

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `'sha256-${Buffer.from(digest).toString('base64')}'`;
}

/** The strictest policy under which everything works, workers included. */
export const policy = async (): Promise<string> =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${await hashOf(importMap)}; worker-src 'self'; img-src 'self'; base-uri 'none'`;

const page = `<!doctype html><html lang="en"><title>running</title>
<script type="importmap">${importMap}</script>
<script type="module" src="/test/browsers/page.js"></script></html>`;

export interface Site {
  /** "/" is not isolated, "/isolated/" is. */
  readonly url: string;
  close(): Promise<void>;
}

export async function serve(): Promise<Site> {
  const csp = await policy();
  const server: Server = createServer(async ({ url = '/' }, response) => {
    const path = url.replace(/\?.*$/, '');
    // workers of an isolated page need the headers too; on the other page they do no harm
    const headers: Record<string, string> = { 'content-security-policy': csp, 'cache-control': 'no-store' };
    if (path === '/' || path === '/isolated/') {
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
    const allowed = /^\/(dist|test\/browsers|node_modules\/@assemblyscript\/loader)\/[\w./-]+$/.test(path);
    try {
      if (!allowed || path.includes('..')) throw new Error('not served');
      const body = await readFile(new URL(`.${path}`, root));
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
