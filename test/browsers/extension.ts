// An extension under Manifest V3 that has the package bundled, and what its background and its pages say of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { build } from 'esbuild';
import { CHROMIUM, chromiumFlags, FIREFOX } from './browsers.ts';

const root = new URL('../../', import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, root));
const ID = 'simdloss@example.com';
const PATIENCE_MS = 120_000;
/** Who speaks: the background, a page with all that belongs to the bundle, and one of which only the script was taken along. */
export const places = ['background', '/page.html', '/left/page.html'] as const;
export type Saw = Record<(typeof places)[number], any>;

/** As much as an extension may allow itself, and workers from its own files alone. */
export const POLICY = "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'; worker-src 'self'";

export type Host = 'Chromium' | 'Firefox';

const manifestOf = (host: Host, policy: string | undefined) => ({
  manifest_version: 3,
  name: 'simdloss',
  version: '1',
  background:
    host === 'Chromium'
      ? { service_worker: 'background.js', type: 'module' }
      : { scripts: ['background.js'], type: 'module' },
  host_permissions: ['http://127.0.0.1/*'],
  ...(policy !== undefined && { content_security_policy: { extension_pages: policy } }),
  ...(host === 'Chromium'
    ? {
        cross_origin_embedder_policy: { value: 'require-corp' },
        cross_origin_opener_policy: { value: 'same-origin' },
      }
    : { browser_specific_settings: { gecko: { id: ID } } }),
});

/** Bundles of the background and the page as any bundler makes them; in left/ without what a build has beside the script. */
async function write(folder: string, address: string): Promise<void> {
  const options = {
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    banner: { js: `globalThis.ADDRESS = ${JSON.stringify(address)};` },
    alias: {
      simdloss: path('dist/load/browser.js'),
      'simdloss/complete': path('dist/index.js'),
      'simdloss/losses': path('dist/parts/index.js'),
    },
  } as const;
  const entry = (name: string): string => path(`test/browsers/extension/${name}.js`);
  await build({
    ...options,
    entryPoints: [entry('background'), entry('page')],
    splitting: true,
    outdir: folder,
  });
  await build({
    ...options,
    entryPoints: [entry('page')],
    outdir: join(folder, 'left'),
    plugins: [
      {
        name: 'chunks stay behind',
        setup: (build) =>
          build.onResolve({ filter: /./ }, ({ kind, path }) =>
            kind === 'dynamic-import' ? { path: `./${path.replace(/.*\//, '')}`, external: true } : undefined,
          ),
      },
    ],
  });
  cpSync(path('dist/worker.js'), join(folder, 'worker.js'));
  cpSync(path('dist/simdloss.relaxed.wasm'), join(folder, 'simdloss.relaxed.wasm'));
  writeFileSync(join(folder, 'late.js'), 'export {};');
  for (const page of ['page.html', 'left/page.html'])
    writeFileSync(
      join(folder, page),
      '<!doctype html><title>simdloss</title><script type="module" src="page.js"></script>',
    );
}

/** Runs the extension, under its policy or the browser's own, and hears what it has to say. */
export async function sawIn(host: Host, policy?: string): Promise<Saw> {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-extension-'));
  const extension = join(folder, 'extension');
  const profile = join(folder, 'profile');
  let browser: ChildProcess | undefined;
  const saw: Partial<Saw> = {};
  let end = (): void => {};
  const complete = new Promise<void>((resolve) => {
    end = resolve;
  });
  const server = createServer(async (request, response) => {
    const said = JSON.parse((await text(request)) || '{}');
    response.end();
    saw[said.where as keyof Saw] = said;
    if (places.every((place) => place in saw)) end();
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await write(extension, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    writeFileSync(join(extension, 'manifest.json'), JSON.stringify(manifestOf(host, policy)));
    mkdirSync(profile);
    browser = host === 'Chromium' ? chromium(extension, profile) : firefox(extension, profile);
    await Promise.race([
      complete,
      new Promise((_, reject) => {
        const heard = () => Object.keys(saw).join(', ') || 'nobody';
        timer = setTimeout(() => reject(new Error(`${host}: heard ${heard()}`)), PATIENCE_MS);
      }),
    ]);
    return saw as Saw;
  } finally {
    clearTimeout(timer);
    server.closeAllConnections();
    server.close();
    if (browser?.pid !== undefined && browser.exitCode === null) {
      const over = new Promise((resolve) => browser!.once('exit', resolve));
      process.kill(-browser.pid, 'SIGKILL');
      await over;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const started = (program: string, args: readonly string[]): ChildProcess =>
  spawn(program, args, { stdio: 'ignore', detached: true });

const chromium = (extension: string, profile: string): ChildProcess =>
  started(CHROMIUM, [
    ...chromiumFlags,
    '--headless=new',
    `--user-data-dir=${profile}`,
    `--load-extension=${extension}`,
    `--disable-extensions-except=${extension}`,
    'about:blank',
  ]);

/** Lies in the profile as a file, and is enabled though nobody has signed it or said yes. */
function firefox(extension: string, profile: string): ChildProcess {
  const preferences = { 'extensions.autoDisableScopes': 0, 'xpinstall.signatures.required': false };
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${value});\n`);
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  mkdirSync(join(profile, 'extensions'));
  writeFileSync(join(profile, 'extensions', `${ID}.xpi`), zipOf(extension));
  return started(FIREFOX, ['--headless', '--no-remote', '--profile', profile, 'about:blank']);
}

/** A zip archive of a folder, nothing compressed. */
function zipOf(folder: string): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const name = Buffer.from(relative(folder, file).replaceAll('\\', '/'));
    const data = readFileSync(file);
    // version, flags, method, time, date (1980-01-01)
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    files.push(Buffer.from('PK\x03\x04'), common, name, data);
    // where it is; no comment and no attributes
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02'), Buffer.of(20, 0), common, tail, name);
    at += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(18);
  const count = files.length / 4;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    8,
  );
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, ...directory, Buffer.from('PK\x05\x06'), end]);
}
