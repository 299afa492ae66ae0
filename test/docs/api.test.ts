// docs/api.md names everything that the package has: looked up in what was built, not in what the page is made from.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cuttable } from '../../src/cut/exports.ts';
import { descriptors } from '../../src/losses/registry.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/api.md');

/** From a heading to the next of its rank or above. */
function section(heading: string): string {
  const at = page.indexOf(`\n${heading}\n`);
  expect(at, `docs/api.md lacks "${heading}": run npm run generate`).toBeGreaterThanOrEqual(0);
  const rest = page.slice(at + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${heading.indexOf(' ')}} `, 'm'));
  return end < 0 ? rest : rest.slice(0, end);
}

describe('entries', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
  // what one of these has stands in the names of its parts
  const names = Object.keys(exports).filter((entry) => entry !== './package.json' && !entry.includes('*'));

  it.each(names)('%s', async (entry) => {
    const text = section('## Entries');
    expect(text).toContain(`\`simdloss${entry.slice(1)}\``);
    const { default: file } = exports[entry] as { default: string };
    // a worker's whole code starts when it is imported
    if (typeof file !== 'string' || entry === './worker' || !file.endsWith('.js')) return;
    const names = read(file).includes('@duckdb/node-api')
      ? // which is not installed here
        [.../export\{([^}]*)\}/.exec(read(file))![1].matchAll(/\w+(?=,|$)/g)].map(([name]) => name)
      : Object.keys(await import(new URL(file, root).href));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(text).toContain(`\`${name}\``);
  });

  it('parts are named', () => {
    const text = section('## Entries');
    for (const name of Object.keys(cuttable))
      expect(text).toContain(name.includes('/') ? `\`simdloss/losses/${name}\`` : `\`${name}\``);
  });
});

it('types: every one that is exported', () => {
  const lists = [...read('src/load/public.ts').matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(
    ([, names]) => names.split(',').map((name) => name.trim().replace(/^type /, '')),
  );
  const inputs = [...read('src/memory/inputs.ts').matchAll(/^export (?:type|interface) (\w+)/gm)].map(
    ([, name]) => name,
  );
  const names = [...lists, ...inputs].filter((name) => name !== '');
  expect(names.length).toBeGreaterThan(25);
  for (const name of names) expect(page, name).toMatch(new RegExp(`\\b${name}\\b`));
});

describe.each(Object.entries({ built: '../../dist/index.js', sources: '../../src/index.ts' }))(
  '%s',
  (_, path) => {
    it('members of an instance', async () => {
      const F = (await (await import(path)).load()) as Record<string, Record<string, unknown>>;
      for (const name of Object.keys(F)) expect(page).toMatch(new RegExp(`\`F\\.${name}[\`(]`));
      for (const { name } of descriptors) {
        const text = section('## Losses').split(`### \`F.${name}\``)[1]?.split('\n### ')[0] ?? '';
        const common = section('## Losses').split('\n### ')[0];
        for (const option of F[name].options as string[])
          expect(text + common, `${name}: ${option}`).toContain(`| \`${option}\` | `);
        for (const form of Object.keys(F[name]))
          expect(common).toMatch(new RegExp(`\`F\\.<loss>\\.${form}[\`(]`));
      }
    });
  },
);

it('options of load', () => {
  const names = /OPTIONS = \[([^\]]*)\]/.exec(read('src/load/options.ts'))![1].match(/\w+/g)!;
  for (const name of names) expect(section('### `LoadOptions`')).toContain(`| \`${name}\` | `);
});

it('error codes: every one that the sources have', () => {
  const sources = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const codes = new Set(sources.flatMap((path) => read(`src/${path}`).match(/\bERR_[A-Z]+\b/g) ?? []));
  expect(codes.size).toBeGreaterThan(7);
  for (const code of codes) expect(section('## Errors')).toContain(`| ${code} | `);
});

it('nothing in its tables is left without a meaning', () => {
  const empty = [...page.matchAll(/^\| `([^`]+)` \| +\|.*$/gm)].map(([, name]) => name);
  // names that say it
  expect(
    empty.filter(
      (name) => !['dtype', 'shape', 'disposed', 'F.<loss>.name', 'F.<loss>.family'].includes(name),
    ),
  ).toEqual([]);
});
