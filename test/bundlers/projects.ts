// Projects that depend on the packed package, built as docs/bundlers.md says.
import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Installed, install } from '../engines/packed.ts';
import { missing } from '../missing.ts';
import type { Recipe } from './recipes.ts';

const modules = fileURLToPath(new URL('node_modules/', import.meta.url));

/** Whether the bundlers are there; CI must have them, elsewhere their tests are skipped. */
export function haveBundlers(): boolean {
  if (existsSync(modules)) return true;
  missing({ what: 'bundlers', why: 'not installed', install: 'npm ci --prefix test/bundlers' });
  return false;
}

/** Where a package of test/bundlers has a file. */
export const inModules = (path: string): string => join(modules, path);

export const versionOf = (folder: string): string =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;

/** What an app runs, and shows as a page's title or as a line. */
const SHOW = `
export async function show(run) {
  let saw;
  try {
    saw = await run();
  } catch (error) {
    saw = { error: error?.code + ' ' + (error?.stack ?? error) };
  }
  const text = JSON.stringify(saw);
  if (typeof document === 'object') document.title = text;
  else console.log('SAW' + text);
}
/** Whether the app is run without its worker. */
export const isBare = () => (globalThis.location?.search ?? globalThis.process?.argv.at(-1)).endsWith('bare');
export async function refusal(run) {
  try {
    await run();
    return 'none';
  } catch ({ code, message }) {
    return code + ' ' + message;
  }
}
/** What becomes of a load that cannot have threads. */
export const refused = async (load) => ({
  refused: await refusal(() => load({ threads: 2 })),
  auto: (await load({ threads: 'auto' })).threads,
});`;

const app = (imports: string, run: string): string => `${imports}
import { conformance, shortDigests } from '../suite.mjs';
import { isBare, refusal, refused, show } from '../show.mjs';
show(async () => (${run}));
`;
const library = "import * as simdloss from 'simdloss';";
const url = "import { load } from 'simdloss/url';";
const losses = "import { losses } from './losses.js';";
const digests = 'losses().then((F) => ({ threads: F.threads, ...shortDigests(F) }))';

/** What the entries of the projects do. */
export const apps = {
  /** The suite on one thread, and digests of what losses.js gives. */
  library: app(
    `${library} ${losses}`,
    `isBare()
      ? { ...(await refused(simdloss.load)), given: await refusal(losses) }
      : { ...(await conformance(simdloss)), ...(await ${digests}) }`,
  ),
  /** The suite where there are no threads. */
  alone: app(library, '{ ...(await conformance(simdloss)), ...(await refused(simdloss.load)) }'),
  losses: app(losses, digests),
  url: app(
    url,
    `{
      ...shortDigests(await load()),
      relaxed: (await load({ math: 'relaxed' })).math,
      two: shortDigests(await load({ threads: 2 })).large,
    }`,
  ),
  urlRefused: app(url, '{ refused: await refusal(load) }'),
  /** What a page needs that wants one loss. */
  one: `import { load } from 'simdloss';
import { show } from '../show.mjs';
show(async () => ({ mse: (await load()).mse([3], [1]) }));
`,
  /** The same of what losses.js gives. */
  part: `${losses}
import { show } from '../show.mjs';
show(async () => {
  const F = await losses();
  return { mse: F.mse(Float32Array.of(3), Float32Array.of(1)), others: 'crossEntropy' in F };
});
`,
  /** Two losses of a module that has no more, against the whole's. */
  cut: `${losses}
import { load } from 'simdloss';
import { show } from '../show.mjs';
const x = { data: Float32Array.of(1, 2, 3, 4, 5, 7), shape: [2, 3] };
const run = (F) => [F.crossEntropy(x, Int32Array.of(2, 0)), ...F.softmax(x).data];
show(async () => ({ cut: run(await losses()), whole: run(await load()) }));
`,
} as const;

export interface Built {
  readonly project: string;
  /** What the bundler made. */
  readonly dist: string;
}

/** losses.js, where the bundler needs to be told nothing. */
const LOSSES = `import { load } from 'simdloss';
export const losses = () => load({ threads: 2 });
`;

/** A folder of projects, one for each build. */
export class Projects {
  readonly #installed: Installed;
  readonly #elsewhere: string;
  #count = 0;

  constructor() {
    this.#installed = install();
    this.#elsewhere = mkdtempSync(join(tmpdir(), 'simdloss-bundled-'));
    this.#installed.write('show.mjs', SHOW);
    // to Vite's dev server a workspace is what may be read
    this.#installed.write('package.json', '{ "type": "module", "workspaces": ["project*"] }');
    for (const name of readdirSync(modules)) {
      const at = join(this.#installed.folder, 'node_modules', name);
      if (!name.startsWith('.') && !existsSync(at)) symlinkSync(join(modules, name), at);
    }
  }

  get folder(): string {
    return this.#installed.folder;
  }

  get package(): string {
    return this.#installed.package;
  }

  /** A project with an app as its main.js. */
  create({ files }: Recipe, main: string): string {
    const project = join(this.#installed.folder, `project${this.#count++}`);
    mkdirSync(project);
    const all = { 'package.json': '{ "type": "module" }', 'losses.js': LOSSES, 'main.js': main, ...files };
    for (const [name, text] of Object.entries(all)) writeFileSync(join(project, name), text);
    return project;
  }

  /** Runs a recipe's command; `path` has programs that it needs beside the bundlers. */
  async build(recipe: Recipe, main: string, path: readonly string[] = [], index?: string): Promise<Built> {
    const project = this.create(recipe, main);
    if (index !== undefined) writeFileSync(join(project, 'index.html'), index);
    const building = promisify(execFile)('sh', ['-ec', `npx() { "$@"; }\n${recipe.command}`], {
      cwd: project,
      env: this.env(path),
      timeout: 100_000,
    });
    await building.catch((cause) => {
      // webpack's errors go to stdout
      throw new Error(`${recipe.command}: ${cause.stdout}${cause.stderr}`, { cause });
    });
    return { project, dist: join(project, 'dist') };
  }

  /** What bundlers are run with: nothing of the test runner's. */
  env(path: readonly string[] = []): NodeJS.ProcessEnv {
    const { NODE_ENV, VITEST, NODE_OPTIONS, ...env } = process.env;
    return {
      ...env,
      PATH: [
        ...path,
        inModules('.bin'),
        join(this.#installed.folder, 'node_modules/.bin'),
        dirname(process.execPath),
        env.PATH,
      ].join(delimiter),
      XDG_CONFIG_HOME: join(this.#installed.folder, 'config'),
      WRANGLER_SEND_METRICS: 'false',
      NO_COLOR: '1',
    };
  }

  /** Copies what was built, `without` a file, to where there are no modules but those in it. */
  copy({ dist }: Built, without?: string): string {
    const to = join(this.#elsewhere, `app${this.#count++}`);
    cpSync(dist, to, {
      recursive: true,
      filter: (path) => without === undefined || path !== join(dist, without),
    });
    return to;
  }

  remove(): void {
    this.#installed.remove();
    rmSync(this.#elsewhere, { recursive: true });
  }
}
