// Serves the example as any static server would: `npx tsx examples/browser/serve.ts [port]`.
import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '../..');

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.gz': 'application/gzip',
};

/** Where the packages lie that the import map names. */
export interface Packages {
  readonly simdloss: string;
  readonly loader: string;
}

const built: Packages = { simdloss: root, loader: join(root, 'node_modules/@assemblyscript/loader') };

/** Where each folder of the site lies. */
const folders = ({ simdloss, loader }: Packages): [string, string][] => [
  ['/packages/simdloss/dist/', join(simdloss, 'dist')],
  ['/packages/@assemblyscript/loader/', loader],
  ['/data/', join(here, '../data')],
  ['/', here],
];

/** Isolation is for threads and for clocks that tell microseconds; the page works without. */
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** Answers requests for the example. */
export function listener(packages: Packages = built): RequestListener {
  const places = folders(packages);
  return async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const [prefix, folder] = places.find(([start]) => path.startsWith(start))!;
    const type = types[extname(path)];
    try {
      if (type === undefined) throw new Error('not served');
      const body = await readFile(join(folder, path.slice(prefix.length)));
      response.writeHead(200, { ...headers, 'content-type': type });
      response.end(body);
    } catch {
      response.writeHead(404, headers);
      response.end();
    }
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = createServer(listener()).listen(Number(process.argv[2] ?? 8080), '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  });
}
