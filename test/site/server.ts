// Serves the built page in the ways that it may be served, and beside it what looks it over.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { headers } from '../../site/headers.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

const axe = fileURLToPath(new URL('../../site/node_modules/axe-core/axe.min.js', import.meta.url));

/** Keeps what goes wrong, for drivers that don't tell. */
const watcher = `window.watched = [];
const keep = (text) => window.watched.push(String(text));
addEventListener('error', (event) => keep(event.message || (event.target && event.target.outerHTML)), true);
addEventListener('unhandledrejection', (event) => keep(event.reason));
document.addEventListener('securitypolicyviolation', (event) => keep(event.violatedDirective + ' ' + event.blockedURI));
for (const kind of ['error', 'warn']) {
  const say = console[kind].bind(console);
  console[kind] = (...what) => { keep(what.join(' ')); say(...what); };
}`;

/** The headers of each way, by the beginning of the path. */
const waysOf = (own: Record<string, string>): Readonly<Record<string, Record<string, string>>> => ({
  '/isolated/': own,
  // as isolated, with a script that keeps what goes wrong
  '/watched/': own,
  // some static host: a path below others, and no header at all
  '/some/where/plain/': {},
});

export interface SiteServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSite(folder: string, own = headers): Promise<SiteServer> {
  const ways = waysOf(own);
  const server = createServer(async ({ url = '/' }, response) => {
    const path = url.replace(/[?#].*$/, '');
    const way = Object.keys(ways).find((start) => path.startsWith(start));
    if (way === undefined) {
      response.writeHead(path === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    const name = path.slice(way.length) || 'index.html';
    try {
      if (name.includes('..')) throw new Error('not served');
      const file = name === 'axe.js' ? axe : join(folder, name);
      let body: string | Buffer = name === 'watch.js' ? watcher : await readFile(file);
      if (way === '/watched/' && name === 'index.html')
        body = String(body).replace('<title>', '<script src="./watch.js"></script><title>');
      response.writeHead(200, { ...ways[way], 'content-type': types[extname(name)] ?? 'text/plain' });
      response.end(body);
    } catch {
      response.writeHead(404, ways[way]).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
