// Cold starts in Chromium: a page each, in a context of its own, so that nothing is cached; from the page's own clock, which an
// isolated page reads to 5 µs. The files come from a server on this machine: what a network adds is not in it.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { createProject, type Form } from './project.ts';
import type { Platform } from './results.ts';
import { checkValue, compareStarts, type Sample, type Start } from './rounds.ts';

export const CHROMIUM = '/usr/bin/chromium';
export const driver = new URL('../../test/browsers/node_modules/playwright-core/index.mjs', import.meta.url);

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

const imports = {
  ...Object.fromEntries(
    ['simdloss', 'simdloss-sources'].flatMap((name) => [
      [name, `/node_modules/${name}/dist/load/browser.js`],
      [`${name}/url`, `/node_modules/${name}/dist/load/url.js`],
      [`${name}/core`, `/node_modules/${name}/dist/load/core.js`],
    ]),
  ),
  '@assemblyscript/loader': '/node_modules/@assemblyscript/loader/index.js',
};

const page = (script: string): string => `<!doctype html><html lang="en"><title>running</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
${script}
</script></html>`;

const tell = (what: string): string => `document.title = JSON.stringify(${what});`;

/** Imports as often as the others do, and nothing. */
const empty = `import './timeline.js';
await import('./empty.js');
${tell('{ value: Math.log(3), sinceNavigation: performance.now() }')}`;

function program({ entry, specifier }: Form): string {
  const given =
    entry === 'simdloss/core' ? `() => fetch('/node_modules/simdloss/dist/simdloss.wasm')` : 'undefined';
  return `import { timeline } from './timeline.js';
const seen = await timeline(() => import('${specifier}'), ${given});
${tell('{ ...seen, sinceNavigation: performance.now() }')}`;
}

interface Seen {
  readonly value: number;
  readonly parts?: Sample;
  readonly sinceNavigation: number;
}

export async function measureChromium(rounds: number): Promise<Platform> {
  const project = await createProject('browser');
  const pages = new Map(project.forms.map((form, i) => [`/${i}.html`, page(program(form))]));
  pages.set('/empty.html', page(empty));
  project.write('empty.js', '');
  const server = await serve(project.folder, pages);
  const { chromium } = await import(driver.href);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  const see = async (path: string): Promise<Start> => {
    const context = await browser.newContext();
    try {
      const tab = await context.newPage();
      await tab.goto(`${server.url}${path}`);
      await tab.waitForFunction(() => document.title.startsWith('{'), undefined, { timeout: 60_000 });
      const { value, parts, sinceNavigation } = JSON.parse(await tab.title()) as Seen;
      checkValue(`Chromium, ${path}`, value);
      return { figures: { wall: sinceNavigation }, ...(parts && { parts }) };
    } finally {
      await context.close();
    }
  };
  try {
    const measured = await compareStarts(
      rounds,
      () => see('/empty.html'),
      project.forms.map((form, i) => ({ ...form, start: () => see(`/${i}.html`) })),
    );
    return { name: 'Chromium', version: browser.version(), ...measured };
  } finally {
    await browser.close();
    await server.close();
    project.remove();
  }
}

interface Site {
  readonly url: string;
  close(): Promise<void>;
}

async function serve(folder: string, pages: ReadonlyMap<string, string>): Promise<Site> {
  const server: Server = createServer(async ({ url = '/' }, response) => {
    const headers = {
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    };
    const text = pages.get(url);
    try {
      const body = text ?? (await readFile(join(folder, normalize(url))));
      const type = types[extname(url)] ?? 'text/plain';
      response.writeHead(200, { ...headers, 'content-type': type }).end(body);
    } catch {
      response.writeHead(404, headers).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
