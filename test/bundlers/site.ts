// Serves what a bundler made, isolated and under a strict policy, and remembers what was asked for.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};
const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'",
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
};

/** A page that runs main.js; `attributes` of its script. */
export const pageOf = (attributes: string): string =>
  `<!doctype html><html lang="en"><title>running</title><script src="./main.js" ${attributes}></script></html>\n`;

export interface Site {
  readonly url: string;
  /** Paths of the files that were served, "/main.js". */
  readonly served: readonly string[];
  close(): Promise<void>;
}

/** `index`: the page, where the folder has none; `without`: what is missing, "/worker.js". */
export async function serve(folder: string, index: string, without?: string): Promise<Site> {
  const served: string[] = [];
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    try {
      if (path === without) throw new Error('missing');
      const body = await readFile(join(folder, path)).catch((error) => {
        if (path === '/index.html') return index;
        throw error;
      });
      served.push(path);
      response.writeHead(200, { ...headers, 'content-type': types[extname(path)] ?? 'text/plain' });
      response.end(body);
    } catch {
      response.writeHead(path === '/favicon.ico' ? 204 : 404, headers);
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    served,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
