// Small apps of the packed package, built by each bundler as docs/bundlers.md says: the committed bits, on one thread and on two,
// in Chromium, Node, Bun and workerd.
import { execFile, spawn } from 'node:child_process';
import { once as event } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parts } from '../../scripts/cut.ts';
import { exportsOf } from '../../src/cut/exports.ts';
import { type Browser, browsers } from '../browsers/browsers.ts';
import { engine } from '../engines/installed.ts';
import { codeOf } from '../supply/code.ts';
import { apps, type Built, haveBundlers, inModules, Projects, versionOf } from './projects.ts';
import { type Recipe, recipes } from './recipes.ts';
import { pageOf, serve } from './site.ts';
import { checkRow, type Row } from './table.ts';

const run = promisify(execFile);
const here = haveBundlers();
const chromium = browsers.find(({ name }) => name === 'Chromium');
const bun = engine('Bun', 'bun/bin/bun');
const node22 = engine('Node 22', 'node22/bin/node');

const { losses, math, large } = JSON.parse(
  readFileSync(new URL('../engines/digests.json', import.meta.url), 'utf8'),
);
const relaxed = expect.stringMatching(/^(relaxed|deterministic)$/);
const noWorker = expect.stringMatching(
  /^ERR_UNSUPPORTED workers could not be started here .* simdloss\/worker is to be an entry named worker/,
);
/** What the apps show where all is well. */
const wanted = {
  library: { threads: 2, losses, math, large, relaxed },
  url: { losses, math, large, relaxed, two: large },
  urlRefused: { refused: expect.stringMatching(/^ERR_UNSUPPORTED the module could not be read from /) },
  // where a bundle does not know its own address
  urlUnknown: {
    refused: expect.stringMatching(/^ERR_UNSUPPORTED the address of the module is not known here/),
  },
  urlRead: { refused: 'none' },
  losses: { threads: 2, losses, math, large },
  bare: { refused: noWorker, given: noWorker, auto: 1 },
  alone: {
    losses,
    math,
    relaxed: 'deterministic',
    refused: 'ERR_UNSUPPORTED 2 threads: workers are not available here',
    auto: 1,
  },
};

const all = recipes();
const recipe = (title: string): Recipe => all.get(title)!;
/** A recipe with the losses.js that says where the worker is. */
const withWorker = (title: string, where: 'pages' | 'Node'): Recipe => ({
  ...recipe(title),
  files: { ...recipe(`The worker: in ${where}`).files, ...recipe(title).files },
});

/** The same with the losses.js that imports one loss. */
const withParts = (title: string, variant = 'Parts'): Recipe => ({
  ...recipe(title),
  files: { ...recipe(title).files, ...recipe(variant).files },
});

let projects: Projects;
let browser: Browser | undefined;
beforeAll(async () => {
  if (!here) return;
  projects = new Projects();
  browser = await chromium?.open();
});
afterAll(async () => {
  await browser?.close();
  projects?.remove();
});

/** Builds once for all tests that ask. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const folderOf = (executable: string | undefined): string[] =>
  executable === undefined ? [] : [dirname(executable)];

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => statSync(path).isFile());

/** Nothing that was built may know where that was. */
function expectNoPath(folder: string): void {
  for (const path of filesOf(folder)) {
    if (extname(path) === '.map') continue;
    expect(readFileSync(path).includes(projects.folder), `${path} names a folder of the machine`).toBe(false);
  }
}

const filesLoaded = ({ dist }: Built, loaded: readonly string[]): string[] =>
  loaded.map((name) => join(dist, name));

const gzipped = (path: string): number => gzipSync(readFileSync(path), { level: 9 }).length;

interface Seen {
  readonly saw: unknown;
  readonly errors: readonly string[];
  /** Files that the page asked for, "/main.js". */
  readonly loaded: readonly string[];
}

const MODULE = 'type="module"';

/** What an app shows in an isolated page; `bare`: the worker is missing. */
async function see({ dist }: Built, attributes = MODULE, bare = false): Promise<Seen> {
  const site = await serve(dist, pageOf(attributes), bare ? '/worker.js' : undefined);
  try {
    const { errors, ...saw } = await browser!.see(site.url + (bare ? '?bare' : ''));
    return { saw, errors, loaded: site.served.filter((path) => path !== '/index.html') };
  } finally {
    await site.close();
  }
}

async function expectSeen(built: Built, saw: unknown, attributes?: string): Promise<void> {
  expect(await see(built, attributes)).toMatchObject({ saw, errors: [] });
}

/** A piece of a module's text that no bundler changes. */
function markOf(file: string): string {
  const text = codeOf(join(projects.package, `dist/${file}.js`));
  return /[\w+/]{500}/.exec(text)![0].slice(-100);
}
/** The modules as text. */
const inline = 'chunks/inline';
const onlyRelaxed = 'chunks/relaxed';
const partOf = (name: string): string => `parts/${name}`;

/** Of those that have kernels: the others are too short to be told from one another. */
const partTexts = (): string[] =>
  parts
    .filter(({ name, dtype }) => dtype === 'f32' && exportsOf([name.replace('.', '/')], ['f32']).length > 0)
    .map(({ name }) => partOf(name));

/** Whether modules stand as text in what was built. */
const textsIn = (files: readonly string[], modules: readonly string[]): string[] =>
  modules.filter((module) => files.some((file) => codeOf(file).includes(markOf(module))));

interface PageBundler extends Row {
  /** Variants whose losses.js is the app. */
  readonly variants: readonly { title: string; threads: number; attributes?: string }[];
  readonly path?: readonly string[];
  /** A page that the bundler wants to see. */
  readonly index?: string;
}

const core = { title: 'core', threads: 1 };
const entry = 'an entry';
const found = 'found';
const version = (name: string): string => (here ? versionOf(inModules(name)) : '');
const bunVersion = bun === undefined ? '' : versionOf(dirname(dirname(bun)));
const inPages = { runs: 'pages', worker: entry, url: 'no', variants: [core] };

const pages: readonly PageBundler[] = [
  {
    ...{ ...inPages, title: 'Vite', version: version('vite'), worker: found, url: 'yes' },
    runs: 'pages; dev server and build',
    variants: [{ title: 'core', threads: 2 }],
    index: pageOf(MODULE),
  },
  {
    ...{ ...inPages, title: 'webpack', version: version('webpack'), worker: found, url: 'yes' },
    variants: [
      { title: 'core', threads: 2 },
      { title: 'core, compiled', threads: 1 },
    ],
  },
  {
    ...{ ...inPages, title: 'esbuild', version: version('esbuild') },
    variants: [core, { title: 'classic script', threads: 2, attributes: 'defer' }],
  },
  { ...inPages, title: 'Rollup', version: version('rollup') },
  { ...inPages, title: 'Rolldown', version: version('rolldown') },
  { ...inPages, title: 'Bun', version: bunVersion, path: folderOf(bun) },
];
const installed = <T extends { title: string }>(bundlers: readonly T[]): readonly T[] =>
  bundlers.filter(({ title }) => title !== 'Bun' || bun !== undefined);

it.skipIf(!here)('simdloss/worker is one file that can be copied', () => {
  const text = readFileSync(join(projects.package, 'dist/worker.js'), 'utf8');
  expect(text).toContain('postMessage');
  expect(text).not.toMatch(/\b(import|export)\b/);
});

describe.skipIf(!here || chromium === undefined).each(installed(pages))('$title', (bundler) => {
  const { title, worker, url, variants, path, index } = bundler;
  const build = (main: string, variant?: string) =>
    projects.build(recipe(variant === undefined ? title : `${title}: ${variant}`), main, path, index);
  const library = once(() => build(apps.library));

  it('conforms, on two threads as well; relaxed math is a chunk on demand', async () => {
    const built = await library();
    const { dist } = built;
    expectNoPath(dist);
    const { saw, errors, loaded } = await see(built);
    expect({ saw, errors }).toEqual({ saw: wanted.library, errors: [] });
    const has = (mark: string) => filesOf(dist).filter((file) => codeOf(file).includes(mark));
    const [atOnce, onDemand] = [has(markOf(inline)), has(markOf(onlyRelaxed))];
    expect([atOnce.length, onDemand.length]).toEqual([1, 1]);
    expect(onDemand).not.toEqual(atOnce);
    expect(loaded).toContain(onDemand[0].slice(dist.length));
  });

  if (worker !== found) {
    it('without the worker: ERR_UNSUPPORTED, and one thread for "auto"', async () => {
      expect((await see(await library(), MODULE, true)).saw).toEqual(wanted.bare);
    });
  }

  if (title === 'esbuild') {
    it('one module for several losses, cut by the command', async () => {
      const { saw, loaded } = await see(await projects.build(recipe('Parts: one module'), apps.cut));
      const { cut, whole } = saw as { cut: number[]; whole: number[] };
      expect(cut).toHaveLength(7);
      expect(cut).toEqual(whole);
      expect(loaded.filter((path) => path.endsWith('.wasm'))).toHaveLength(1);
    });

    it('the option "worker" says where it is', async () => {
      await expectSeen(await projects.build(withWorker(title, 'pages'), apps.losses), wanted.losses);
    });
  }

  it(`simdloss/url: ${url}`, async () => {
    if (url === 'yes') await expectSeen(await build(apps.url), wanted.url);
    else expect((await see(await build(apps.urlRefused))).saw).toEqual(wanted.urlRefused);
  });

  it.each(variants)(
    '$title: the bits, threads: $threads',
    async ({ title: variant, threads, attributes }) => {
      await expectSeen(await build(apps.losses, variant), { ...wanted.losses, threads }, attributes);
    },
  );

  it('loads for one loss what the page says', async () => {
    const built = await build(apps.one);
    const { saw, loaded } = await see(built);
    expect(saw).toEqual({ mse: 4 });
    expect(textsIn(filesLoaded(built, loaded), [onlyRelaxed])).toEqual([]);
    const part = await projects.build(withParts(title), apps.part, path, index);
    const sawPart = await see(part);
    expect(sawPart.saw).toEqual({ mse: 4, others: false });
    // nothing of the others, whether it is loaded or not
    expect(textsIn(filesOf(part.dist), [inline, onlyRelaxed, ...partTexts()])).toEqual([partOf('mse')]);
    const sizeOf = (of: Built, files: readonly string[]): number =>
      filesLoaded(of, files).reduce((sum, file) => sum + gzipped(file), 0);
    checkRow(bundler, sizeOf(built, loaded), sizeOf(part, sawPart.loaded));
  });
});

/** Starts Vite's dev server: its address. */
function serveDev(project: string): { url: Promise<string>; stop: () => Promise<unknown> } {
  const server = spawn(process.execPath, [inModules('vite/bin/vite.js'), '--host', '127.0.0.1'], {
    cwd: project,
    env: projects.env(),
  });
  const ended = event(server, 'exit');
  const url = new Promise<string>((resolve, reject) => {
    let output = '';
    const read = (text: Buffer) => {
      output += text;
      const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(output);
      if (address !== null) resolve(address[0]);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    ended.then(() => reject(new Error(`the server ended: ${output}`)));
  });
  return {
    url,
    stop: () => {
      server.kill();
      return ended;
    },
  };
}

describe.skipIf(!here || chromium === undefined)("Vite's dev server", () => {
  it.each([
    { app: 'library', title: 'Vite' },
    { app: 'url', title: 'Vite' },
    { app: 'losses', title: 'Vite: core' },
  ] as const)('$title, $app', async ({ app, title }) => {
    const project = projects.create(recipe(title), apps[app]);
    writeFileSync(join(project, 'index.html'), pageOf(MODULE));
    const server = serveDev(project);
    try {
      const { errors, ...saw } = await browser!.see(await server.url);
      expect(saw).toEqual(wanted[app]);
      // there is no icon
      expect(errors.filter((error: string) => !error.includes('404'))).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});

/** What an app prints, run where nothing is known of where it was built. */
async function printed(file: string, args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(file, args, { cwd: tmpdir(), env: { PATH: '' }, timeout: 60_000 });
  return JSON.parse(/^SAW(.*)$/m.exec(stdout)![1]);
}

const asModules = { main: 'main.js', worker: 'worker.js', url: 'no' } as const;
const nodeBundlers = [
  { ...asModules, title: 'esbuild' },
  { title: 'esbuild, CommonJS', main: 'main.cjs', worker: 'worker.cjs', url: 'no' },
  { ...asModules, title: 'Rollup' },
  { ...asModules, title: 'Rolldown' },
  { title: 'webpack', main: 'main.cjs', worker: undefined, url: 'yes' },
  { ...asModules, title: 'Vite' },
  { ...asModules, title: 'Bun' },
] as const;

describe.skipIf(!here).each(installed(nodeBundlers))('Node: $title', ({ title, main, worker, url }) => {
  const build = (source: string, how = recipe(`Node: ${title}`)) =>
    projects.build(how, source, folderOf(bun));
  const built = once(() => build(apps.library));
  const show = async (of: Built, without?: string, ...args: string[]): Promise<unknown> => {
    const folder = projects.copy(of, without);
    if (main.endsWith('.js')) writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    return printed(process.execPath, [join(folder, main), ...args]);
  };

  it('runs from another folder: the bits, on two threads as well', async () => {
    expectNoPath((await built()).dist);
    expect(await show(await built())).toEqual(wanted.library);
  });

  if (worker !== undefined) {
    it('without the worker: ERR_UNSUPPORTED, and one thread for "auto"', async () => {
      expect(await show(await built(), worker, 'bare')).toEqual(wanted.bare);
    });
  }

  if (title === 'esbuild') {
    it('the option "worker" says where it is', async () => {
      expect(await show(await build(apps.losses, withWorker(`Node: ${title}`, 'Node')))).toEqual(
        wanted.losses,
      );
    });
  }

  it('has one loss alone, by its part', async () => {
    const part = await build(apps.part, withParts(`Node: ${title}`));
    expect(textsIn(filesOf(part.dist), [inline, onlyRelaxed, ...partTexts()])).toEqual([partOf('mse')]);
    expect(await show(part)).toEqual({ mse: 4, others: false });
  });

  it(`simdloss/url: ${url}`, async () => {
    expect(await show(await build(apps.urlRefused))).toEqual(
      url === 'yes' ? wanted.urlRead : title.includes('CommonJS') ? wanted.urlUnknown : wanted.urlRefused,
    );
  });
});

it.skipIf(!here)('the row on Node', () =>
  checkRow({
    title: 'Node',
    version: 'by any of them',
    runs: 'Node',
    worker: 'an entry; webpack finds it',
    url: 'webpack alone',
  }),
);

describe.skipIf(!here || bun === undefined)('Bun executable', () => {
  const title = 'Bun executable';
  const { files, command } = recipe(title);
  const show = async (of: Recipe, app: keyof typeof apps, ...args: string[]): Promise<unknown> => {
    const folder = projects.copy(await projects.build(of, apps[app], folderOf(bun)));
    try {
      return await printed(join(folder, 'app'), args);
    } finally {
      // 100 MB
      rmSync(folder, { recursive: true });
    }
  };

  it('conforms, on two threads as well', async () => {
    expect(await show({ files, command }, 'library')).toEqual(wanted.library);
  });

  it('core: the bits', async () => {
    expect(await show(recipe(`${title}: core`), 'losses')).toEqual({ ...wanted.losses, threads: 1 });
  });

  it('without the worker: ERR_UNSUPPORTED, and one thread for "auto"', async () => {
    const without = command.replace(' worker.js', '');
    expect(without).not.toBe(command);
    expect(await show({ files, command: without }, 'library', 'bare')).toEqual(wanted.bare);
  });

  it('simdloss/url: no', async () => {
    expect(await show({ files, command }, 'urlRefused')).toEqual(wanted.urlRefused);
  });

  it('its row', () => checkRow({ title, version: bunVersion, runs: 'by itself', worker: entry, url: 'no' }));
});

describe.skipIf(!here || node22 === undefined)('wrangler', () => {
  const title = 'wrangler';
  /** The app as a worker: it runs when it is asked. */
  const build = (main: string, how = recipe(title)) =>
    projects.build(
      how,
      main.replace(/^show\(([\s\S]*)\);$/m, 'export default { test: () => show($1) };'),
      folderOf(node22),
    );
  /** What would be uploaded, the main module first. */
  const modulesOf = ({ dist }: Built): string[] =>
    filesOf(dist)
      .map((path) => path.slice(dist.length + 1))
      .filter((name) => /\.(js|wasm)$/.test(name))
      .sort((a, b) => Number(b === 'main.js') - Number(a === 'main.js'));

  /** Its modules, without what wrangler puts before their names. */
  const wasmOf = (of: Built): string[] =>
    modulesOf(of)
      .flatMap((name) => /([a-zA-Z0-9]+\.f(32|64)\.wasm)$/.exec(name)?.[1] ?? [])
      .sort();

  /** What the app shows in workerd. */
  async function inWorkerd(built: Built): Promise<unknown> {
    const modules = modulesOf(built).map(
      (name) => `(name = "${name}", ${name.endsWith('.js') ? 'esModule' : 'wasm'} = embed "${name}")`,
    );
    const config = join(built.dist, 'config.capnp');
    writeFileSync(
      config,
      `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (services = [(name = "main", worker = .main)]);
      const main :Workerd.Worker = (modules = [${modules.join(', ')}], compatibilityDate = "2026-10-01");`,
    );
    const workerd = inModules('@cloudflare/workerd-linux-64/bin/workerd');
    const { stdout } = await run(workerd, ['test', config], { timeout: 60_000 });
    return JSON.parse(/^SAW(.*)$/m.exec(stdout)![1]);
  }

  it('conforms, with the module as a file and without threads', async () => {
    const built = await build(apps.alone);
    expect(codeOf(join(built.dist, 'main.js')).includes(markOf(inline))).toBe(false);
    expect(await inWorkerd(built)).toEqual(wanted.alone);
  });

  it('core: the bits', async () => {
    const built = await build(apps.losses, recipe(`${title}: core`));
    expect(await inWorkerd(built)).toEqual({ ...wanted.losses, threads: 1 });
  });

  it('simdloss/url: no', async () => {
    expect(await inWorkerd(await build(apps.urlRefused))).toEqual(wanted.urlUnknown);
  });

  it('uploads for one loss what the page says', async () => {
    const built = await build(apps.one);
    expect(await inWorkerd(built)).toEqual({ mse: 4 });
    const part = await build(apps.part, withParts(title, 'Parts: wrangler'));
    expect(await inWorkerd(part)).toEqual({ mse: 4, others: false });
    expect(wasmOf(part)).toEqual(['mse.f32.wasm']);
    const sizeOf = (of: Built): number =>
      modulesOf(of).reduce((sum, name) => sum + gzipped(join(of.dist, name)), 0);
    checkRow(
      { title, version: version('wrangler'), runs: 'workerd', worker: 'no threads', url: 'no' },
      sizeOf(built),
      sizeOf(part),
    );
  });

  it('uploads every part where one is imported from simdloss/losses', async () => {
    const part = await build(apps.part, withParts(title));
    expect(await inWorkerd(part)).toEqual({ mse: 4, others: false });
    // what is apart has an entry of its own
    const all = parts.flatMap(({ dtype, name, file }) =>
      dtype === 'f32' && !name.includes('.') ? file : [],
    );
    expect(wasmOf(part)).toEqual(all.sort());
  });
});

it('every recipe of the page is tried', () => {
  const tried = [
    ...pages.flatMap(({ title, variants }) => [
      title,
      ...variants.map((other) => `${title}: ${other.title}`),
    ]),
    ...['The worker', 'The worker: in pages', 'The worker: in Node'],
    ...['Parts', 'Parts: wrangler', 'Parts: one module'],
    ...['Node', ...nodeBundlers.map(({ title }) => `Node: ${title}`)],
    ...['Bun executable', 'Bun executable: core', 'wrangler', 'wrangler: core'],
    // test/reactNative
    'Metro',
  ];
  expect([...all.keys()].sort()).toEqual(tried.sort());
});
