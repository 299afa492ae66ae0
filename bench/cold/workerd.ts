// Cold starts in workerd, from outside: its clock stands still while a request is answered. From the start of the process to
// the moment when it listens, and from there to the end of the first response, for which the worker loads and calls.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { get } from 'node:http';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { build, type Plugin } from 'esbuild';
import { createProject } from './project.ts';
import type { Platform } from './results.ts';
import { checkValue, compareStarts, type Start } from './rounds.ts';

const empty = 'export default { fetch: () => new Response(String(Math.log(3))) };';
const worker = (imports: string, options: string): string => `${imports}
import { call } from './timeline.js';
let F;
export default {
  async fetch() {
    F ??= await load(${options});
    return new Response(String(call(F)));
  },
};`;

const ways = [
  { entry: 'simdloss', source: worker(`import { load } from 'simdloss';`, '') },
  {
    entry: 'simdloss/core',
    source: worker(
      `import { load } from 'simdloss/core';\nimport module from 'simdloss/simdloss.wasm';`,
      '{ module }',
    ),
  },
];

const modules: Plugin = {
  name: 'modules stay files',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\.wasm$/ }, ({ path }) => ({ path: `./${basename(path)}`, external: true })),
};

export async function measureWorkerd(workerd: string, rounds: number): Promise<Platform> {
  const version = execFileSync(workerd, ['--version'], { encoding: 'utf8' }).trim().replace('workerd ', '');
  const project = await createProject('node');
  const { folder } = project;
  copyFileSync(join(project.package, 'dist/simdloss.wasm'), join(folder, 'simdloss.wasm'));
  const configure = async (name: string, source: string): Promise<() => Promise<Start>> => {
    const wasm = name === 'empty' ? '' : '(name = "simdloss.wasm", wasm = embed "simdloss.wasm"),';
    await build({
      entryPoints: [project.write(`${name}.worker.mjs`, source)],
      outfile: join(folder, `${name}.worker.js`),
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      conditions: ['workerd', 'worker', 'browser'],
      plugins: [modules],
    });
    const config = project.write(
      `${name}.capnp`,
      `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [(name = "main", worker = .main)],
        sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
      );
      const main :Workerd.Worker = (
        modules = [(name = "worker.js", esModule = embed "${name}.worker.js"), ${wasm}],
        compatibilityDate = "2026-07-01",
      );`,
    );
    return () => start(workerd, config, name);
  };
  try {
    const [first, ...others] = await Promise.all([
      configure('empty', empty),
      ...ways.map(({ source }, i) => configure(`way${i}`, source)),
    ]);
    const measured = await compareStarts(
      rounds,
      first,
      ways.map(({ entry }, i) => ({ entry, form: 'one file', start: others[i] })),
    );
    return { name: 'workerd', version, ...measured };
  } finally {
    project.remove();
  }
}

/** The shell starts workerd, says its id on descriptor 4, waits until it is ended and prints the CPU time that it took. */
const SHELL = '"$@" 4>&- & echo $! >&4; wait $!; times';

async function start(workerd: string, config: string, what: string): Promise<Start> {
  const begin = performance.now();
  const shell: ChildProcess = spawn(
    'bash',
    ['-c', SHELL, 'bash', workerd, 'serve', '--control-fd=3', config],
    {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe', 'pipe'],
    },
  );
  const closed = once(shell, 'close');
  const output = text(shell.stdout!);
  const id = firstLine(shell.stdio[4] as Readable);
  try {
    const { port } = JSON.parse(await firstLine(shell.stdio[3] as Readable)) as { port: number };
    const listens = performance.now();
    checkValue(`workerd, ${what}`, Number(await request(port)));
    const first = performance.now();
    await request(port);
    const second = performance.now();
    process.kill(Number(await id), 'SIGTERM');
    await closed;
    return {
      figures: {
        CPU: cpuOf(await output),
        wall: first - begin,
        'to listening': listens - begin,
        'first response': first - listens,
        'second response': second - first,
      },
    };
  } catch (error) {
    process.kill(Number(await id), 'SIGKILL');
    throw error;
  }
}

/** ms: the second line of `times` is that of the children, user and system. */
function cpuOf(times: string): number {
  const [, children] = times.trim().split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map((m) => Number(m[1]) * 60 + Number(m[2]));
  return seconds.reduce((sum, x) => sum + x, 0) * 1000;
}

async function text(stream: Readable): Promise<string> {
  let all = '';
  for await (const chunk of stream.setEncoding('utf8')) all += chunk;
  return all;
}

function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      all += chunk;
      if (all.includes('\n')) resolve(all.slice(0, all.indexOf('\n')));
    });
    stream.on('end', () => reject(new Error('workerd ended before it listened')));
  });
}

const request = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent: false }, (response) => text(response).then(resolve, reject)).on(
      'error',
      reject,
    );
  });
