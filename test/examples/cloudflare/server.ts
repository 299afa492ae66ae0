// The example worker, bundled with the packed package and served by workerd as its wrangler.jsonc says.
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { install } from '../../engines/packed.ts';

export const example = fileURLToPath(new URL('../../../examples/cloudflare-worker/', import.meta.url));

export interface Config {
  main: string;
  compatibility_date: string;
  vars: Record<string, unknown>;
}

/** wrangler.jsonc; its comments have lines of their own. */
export const config: Config = JSON.parse(
  readFileSync(join(example, 'wrangler.jsonc'), 'utf8').replace(/^\s*\/\/.*$/gm, ''),
);

export interface Served {
  readonly port: number;
  readonly pid: number;
  /** What the worker has written to its log. */
  log(): string;
  close(): Promise<void>;
}

export async function serve(workerd: string): Promise<Served> {
  const installed = install();
  const { folder } = installed;
  cpSync(join(example, 'src'), join(folder, 'src'), { recursive: true });
  await build({
    entryPoints: [join(folder, config.main)],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    plugins: [
      {
        name: 'modules stay files',
        setup: ({ onResolve }) =>
          onResolve({ filter: /\.wasm$/ }, () => ({ path: './simdloss.wasm', external: true })),
      },
    ],
  });
  copyFileSync(join(installed.package, 'dist/simdloss.wasm'), join(folder, 'simdloss.wasm'));
  const bindings = Object.entries(config.vars).map(
    ([name, value]) => `(name = ${JSON.stringify(name)}, json = ${JSON.stringify(JSON.stringify(value))})`,
  );
  const capnp = installed.write(
    'config.capnp',
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "main", worker = .main)],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
    );
    const main :Workerd.Worker = (
      modules = [
        (name = "worker.js", esModule = embed "worker.js"),
        (name = "simdloss.wasm", wasm = embed "simdloss.wasm"),
      ],
      bindings = [${bindings.join(', ')}],
      compatibilityDate = ${JSON.stringify(config.compatibility_date)},
    );`,
  );
  const child = spawn(workerd, ['serve', '--control-fd=3', capnp], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text) => (log += text));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    const port = await new Promise<number>((resolve, reject) => {
      let text = '';
      (child.stdio[3] as Readable).on('data', (part) => {
        text += part;
        const line = /^.*"listen".*$/m.exec(text);
        if (line !== null) resolve(JSON.parse(line[0]).port);
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`workerd ended: ${log}`)));
    });
    return {
      port,
      pid: child.pid!,
      log: () => log,
      async close() {
        child.kill('SIGKILL');
        await ended;
        installed.remove();
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    installed.remove();
    throw error;
  }
}
