// What is published: nothing but what the sources make, small, and resolved by every tool.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { parts } from '../../scripts/cut.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { pack } from '../engines/packed.ts';
import { atOnce } from './atOnce.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'simdloss-package-'));
afterAll(() => rmSync(folder, { recursive: true }));
const tarball = pack(folder);
spawnSync('tar', ['-xzf', tarball, '-C', folder]);
const published = join(folder, 'package');
const size = (path: string) => statSync(join(published, path)).size;
const files = readdirSync(published, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => statSync(join(published, path)).isFile());

const gzipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;

const isDocument = (path: string): boolean => /^(docs|bench)\//.test(path);
/** What the README links to and shows, and what they show. */
const documents = [
  ...[
    'accuracy',
    'api',
    'boosting',
    'bundlers',
    'coming-from',
    'command-line',
    'evaluating',
    'interop',
    'losses',
    'shared-memory',
    'sql',
    'training',
  ].map((name) => `docs/${name}.md`),
  ...['docs/accuracy', 'docs/plots', 'bench/results/peers'].flatMap((path) =>
    readdirSync(join(root, path))
      .filter((name) => name.endsWith('.svg'))
      .map((name) => `${path}/${name}`),
  ),
];

const partNames = [...new Set(parts.map(({ name }) => name))];

describe('the tarball', () => {
  it('has what the sources make, the modules and their parts, what the README shows, and five files more', () => {
    const inF64 = parts.flatMap(({ name, dtype }) => (dtype === 'f64' ? [`${name}.f64`] : []));
    const ofParts = ['index', ...partNames, ...inF64];
    // a file for each entry, and what they share
    const types = [
      ...['types', 'index', 'load/core', 'load/url', 'tfjs/index', 'worker', 'simdloss.wasm'],
      ...['evaluate', 'evaluation', 'duckdb', 'clickhouse'],
      ...ofParts.map((name) => `parts/${name}`),
    ];
    // the entries, the worker, and what they share
    const code = [
      ...[
        'index',
        'load/browser',
        'load/core',
        'load/url',
        'load/workerd',
        'load/edgeLight',
        'load/reactNative',
        'tfjs/index',
        'threads',
        'worker',
        'evaluate',
        'duckdb',
        'clickhouse',
        'clickhouse/executable',
        'bin/simdloss',
      ],
      ...[
        'functions',
        'whole',
        'inline',
        'js',
        'relaxed',
        'half',
        'on-demand',
        'rolldown-runtime',
        'parts',
        'parts-text',
        'parts-edge',
        // in two entries
        'crossEntropy.f64',
      ].map((name) => `chunks/${name}`),
      ...[...descriptors.map(({ name }) => name), 'helpers'].map((name) => `chunks/losses/${name}`),
      ...ofParts.flatMap((name) =>
        ['', '.workerd', '.edge-light'].map((condition) => `parts/${name}${condition}`),
      ),
    ];
    const wanted = [
      ...types.map((name) => `dist/${name}.d.ts`),
      ...code.map((name) => `dist/${name}.js`),
      ...['simdloss.wasm', 'simdloss.relaxed.wasm', 'simdloss.clickhouse.wasm'].map((name) => `dist/${name}`),
      ...parts.map(({ file }) => `dist/parts/${file}`),
      ...documents,
      'dist/bin/licenses.txt',
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'package.json',
    ];
    expect([...files].sort()).toEqual(wanted.sort());
  });

  // Node's entry is one file, with the modules as text: 130 kB of the tarball; React Native's is one, too: 23 kB; so is the command with
  // what it reads tables by: 38 kB. ClickHouse's module is there as a file and as text: 200 kB, 82 kB of the tarball. Source maps would
  // add as much again, and lead to sources that are not in it.
  it('is small, and grows by a loss’s share', () => {
    const losses = descriptors.length;
    const code = files.filter((path) => !isDocument(path) && !/^(README|CHANGELOG)\.md$/.test(path));
    const all = code.reduce((sum, path) => sum + size(path), 0);
    expect(all).toBeLessThan(2_113_000 + 67_000 * losses);
    const written = gzipped(
      spawnSync('tar', ['-cf', '-', '-C', published, ...documents], { maxBuffer: 2 ** 24 }).stdout,
    );
    // of a loss's share figures are 3.5 kB
    expect(written).toBeLessThan(64_500 + 4_500 * losses);
    expect(statSync(tarball).size - written).toBeLessThan(743_500 + 25_000 * losses);
  });

  it('names a file beside a module as bundlers look for it, in one piece', () => {
    let found = 0;
    for (const path of files.filter((name) => name.endsWith('.js'))) {
      const code = readFileSync(join(published, path), 'utf8');
      expect(code).not.toMatch(/\bimport\.\s|\bmeta\.\s+url\b/);
      found +=
        code.match(/new Worker\(\s*new URL\(\s*"\.\/worker\.js"\s*,\s*import\.meta\.url\s*\)/g)?.length ?? 0;
    }
    expect(found).toBeGreaterThan(0);
  });

  it('has no link or picture that leads nowhere', () => {
    let links = 0;
    for (const path of files.filter((name) => name.endsWith('.md'))) {
      const text = readFileSync(join(published, path), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
      for (const [whole, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^https?:/.test(target)) continue;
        links++;
        expect(existsSync(join(published, path, '..', target)), `${path}: ${whole}`).toBe(true);
      }
    }
    expect(links).toBeGreaterThan(20);
  });

  it('has the modules that wasm.sha256 lists', () => {
    for (const name of ['simdloss.wasm', 'simdloss.relaxed.wasm', 'simdloss.clickhouse.wasm']) {
      const there = readFileSync(join(published, 'dist', name));
      expect(there.equals(readFileSync(join(root, 'build', name)))).toBe(true);
    }
  });

  it('exports nothing that is not in it, and types for every entry', () => {
    const { exports, sideEffects } = JSON.parse(readFileSync(join(published, 'package.json'), 'utf8'));
    const { './package.json': itself, ...entries } = exports as Record<string, Record<string, string>>;
    expect(itself).toBe('./package.json');
    for (const conditions of Object.values(entries)) {
      expect(Object.keys(conditions)[0]).toBe('types');
      expect(Object.keys(conditions).at(-1)).toBe('default');
      for (const path of Object.values(conditions)) {
        for (const { name, dtype } of parts)
          if (!name.includes('.') && path.includes('.f64') === (dtype === 'f64'))
            expect(files).toContain(path.slice(2).replace('*', name));
      }
    }
    // an import of it alone is a worker's whole code
    expect(sideEffects).toEqual([entries['./worker'].default]);
  });

  it('runs nothing where it is installed', () => {
    const project = join(folder, 'project');
    mkdirSync(project);
    const loader = join(root, 'node_modules/@assemblyscript/loader');
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({
        dependencies: { simdloss: `file:${tarball}` },
        overrides: { '@assemblyscript/loader': `file:${loader}` },
      }),
    );
    // a script that were run would fail: the package has none of the files that they name
    const args = ['install', '--offline', '--no-audit', '--foreground-scripts', '--ignore-scripts=false'];
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: project, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    expect(stdout).not.toContain('> simdloss@');
    expect(existsSync(join(project, 'node_modules/simdloss/dist/index.js'))).toBe(true);
  });

  it('publint has nothing to say', () => {
    const { status, stdout } = spawnSync('npx', ['publint', '--strict', tarball], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, stdout).toBe(0);
    expect(stdout).toContain('All good!');
  });

  it('attw finds the types of every entry', () => {
    const args = ['attw', tarball, '--profile', 'esm-only', '--exclude-entrypoints', 'package.json'];
    const { status, stdout } = spawnSync('npx', args, { cwd: root, encoding: 'utf8' });
    expect(status, stdout).toBe(0);
    for (const entry of ['core', 'url', 'worker']) expect(stdout).toContain(`simdloss/${entry}`);
  });
});

// The aims are 40 kB for the default entry and 30 kB for core with its module; they are at 114 and 113, as all losses with their second
// derivatives are in it (one loss alone: parts.test.ts). The module alone is
// 72 kB of them, the losses, memory, loading and errors 41. What packaging can leave out is left out (deflated text; relaxed
// math, the js backend, threads and the loader on demand).
interface Budget {
  /** By condition; parts: cross entropy's, which is the largest. */
  readonly entries: readonly string[];
  readonly most: number;
  /** And for each loss, where all of them are in it. */
  readonly each?: number;
  /** How many modules come beside the code: whole ones that bundlers don't see. */
  readonly modules?: number;
  readonly chunks?: readonly string[];
}
const budgets: readonly Budget[] = [
  { entries: ['. default'], most: 57_000, each: 1_500, chunks: ['functions', 'half', 'inline', 'whole'] },
  {
    entries: ['./core default', './url default'],
    modules: 1,
    most: 56_600,
    each: 1_500,
    chunks: ['functions', 'half', 'whole'],
  },
  {
    entries: ['. workerd', '. edge-light'],
    most: 59_000,
    each: 2_200,
    chunks: ['functions', 'half', 'js', 'whole'],
  },
  { entries: ['. node', './complete default'], most: 114_000, each: 4_000, chunks: [] },
  { entries: ['. react-native'], most: 21_500, each: 1_000, chunks: [] },
  { entries: ['./losses default'], most: 28_500, each: 6_100 },
  { entries: ['./losses workerd', './losses edge-light'], most: 25_000, each: 6_000 },
  { entries: ['./losses/* default'], most: 39_200 },
  { entries: ['./losses/* workerd', './losses/* edge-light'], most: 32_850 },
  { entries: ['./losses/*/f64 default'], most: 49_800 },
  { entries: ['./losses/*/f64 workerd', './losses/*/f64 edge-light'], most: 43_450 },
  { entries: ['./losses/crossEntropy/shaped default'], most: 43_100 },
  {
    entries: ['./losses/crossEntropy/shaped workerd', './losses/crossEntropy/shaped edge-light'],
    most: 36_800,
  },
  { entries: ['./losses/crossEntropy/shaped/f64 default'], most: 57_500 },
  {
    entries: ['./losses/crossEntropy/shaped/f64 workerd', './losses/crossEntropy/shaped/f64 edge-light'],
    most: 51_200,
  },
  { entries: ['./evaluate default'], most: 19_950, chunks: [] },
  { entries: ['./duckdb default'], most: 3_200, chunks: [] },
  { entries: ['./clickhouse default'], most: 12_000, each: 1_000, chunks: [] },
  { entries: ['./tfjs default'], most: 3_200, chunks: [] },
  { entries: ['./worker default'], most: 750, chunks: [] },
];

describe('what an entry loads at once, gzipped', async () => {
  const wasm = gzipped(readFileSync(join(published, 'dist/simdloss.wasm')));
  const { exports } = JSON.parse(readFileSync(join(published, 'package.json'), 'utf8'));
  const code = Object.entries<Record<string, string>>(exports).flatMap(([entry, conditions]) =>
    Object.entries(conditions)
      .filter(([condition, path]) => condition !== 'types' && String(path).endsWith('.js'))
      .map(([condition, path]): [string, string] => [
        `${entry} ${condition}`,
        path.replace('*', 'crossEntropy'),
      ]),
  );
  const sizes = new Map([['the module', wasm]]);

  it('every entry has a budget', () => {
    expect(budgets.flatMap(({ entries }) => entries).sort()).toEqual(code.map(([name]) => name).sort());
  });

  it.each(
    budgets.flatMap(({ entries, ...budget }) =>
      entries.map((entry) => ({ entry, modules: 0, each: 0, ...budget })),
    ),
  )('$entry: at most $most bytes, and $each a loss', async ({ entry, modules, most, each, chunks }) => {
    const path = code.find(([name]) => name === entry)![1];
    const { all, inputs } = await atOnce(join(root, path));
    sizes.set(entry, all + modules * wasm);
    expect(all + modules * wasm).toBeLessThanOrEqual(most + each * descriptors.length);
    const taken = inputs.flatMap((input) => /chunks\/([a-z]+)\.js$/.exec(input)?.[1] ?? []);
    if (chunks) expect(taken.sort()).toEqual(chunks);
  });

  // as the table words them
  it.each([
    ['`simdloss` in browsers', '. default'],
    ['`simdloss` in Node', '. node'],
    ['`simdloss` in Cloudflare', '. workerd'],
    ['`simdloss` in React Native', '. react-native'],
    ['`simdloss/complete`', './complete default'],
    ['`simdloss/url`', './url default'],
    ['`simdloss/losses`', './losses default'],
    ['`simdloss/losses/<name>`', './losses/* default'],
    ['`simdloss/evaluate`', './evaluate default'],
    ['`simdloss/duckdb`', './duckdb default'],
    ['`simdloss/clickhouse`', './clickhouse default'],
    ['`simdloss/tfjs`', './tfjs default'],
    ['`simdloss/worker`', './worker default'],
    ['`simdloss/simdloss.wasm`', 'the module'],
  ])('the README says it of %s', (row, entry) => {
    const readme = readFileSync(join(published, 'README.md'), 'utf8');
    if (entry === 'the module')
      expect(readme).toContain(`all of it is ${Math.ceil(wasm / 1000 - 0.5)} kB of wasm gzipped`);
    const line = readme.split('\n').find((text) => text.startsWith(`| ${row}`))!;
    expect(line).toBeDefined();
    // measured by the tests above: none of it where they did not run
    expect(sizes.get(entry)).toBeGreaterThan(0);
    expect(line).toMatch(/ \w+ kB \|$/);
    const measured = line.replace(/\w+(?= kB \|$)/, `${Math.ceil(sizes.get(entry)! / 1000 - 0.5)}`);
    if (process.env.SIMDLOSS_UPDATE) {
      const path = new URL('../../README.md', import.meta.url);
      writeFileSync(path, readFileSync(path, 'utf8').replace(line, measured));
    } else expect(line).toBe(measured);
  });
});
