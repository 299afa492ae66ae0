// README.md: what was measured stands in places that the generator fills, and says worst and best over every committed row.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { committedResults } from '../../bench/results.ts';
import { readThreads } from '../../bench/threadsResults.ts';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const place = (name: string): string =>
  new RegExp(`<!-- ${name} -->([\\s\\S]*?)<!-- /${name} -->`).exec(readme)![1].replaceAll(/\s+/g, ' ');

interface Peers {
  cases: {
    peers: Record<string, { ratio?: number }>;
    threaded: Record<string, { ratio?: number }>;
    shape: number[];
  }[];
  sweeps: { times: Record<string, number>; shape: number[] }[];
}
const peers = JSON.parse(readFileSync(new URL('bench/results/peers/peers.json', root), 'utf8')) as Peers;
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const torch = [
  ...peers.cases.map(({ shape, peers: all }) => ({ n: size(shape), ratio: all.PyTorch.ratio! })),
  ...peers.sweeps.map(({ shape, times }) => ({ n: size(shape), ratio: times.PyTorch / times.simdloss })),
];
const large = torch.filter(({ n }) => n >= 65536).map(({ ratio }) => ratio);
const newest = [...committedResults()].filter(([name]) => name.endsWith('-f32.json')).at(-1)![1];

/** In the order of the README. */
const measured: [string, number[]][] = [
  ['fast', large],
  ['fast', torch.map(({ ratio }) => ratio)],
  ['fast', newest.cases.map(({ ratio }) => ratio)],
  ['threads', readThreads().cases.flatMap(({ isCut, gain }) => (isCut ? [gain.median] : []))],
  ['threads', peers.cases.map(({ threaded }) => threaded.simdloss.ratio!)],
  ['relaxed', peers.cases.map(({ peers: all }) => 1 / all['simdloss relaxed'].ratio!)],
];

describe('what was measured', () => {
  const RANGE = /(\d[\d.]*) \([^)]*\) to (\d[\d.]*) times \([^)]*\)/g;
  const said = ['fast', 'threads', 'relaxed'].flatMap((name) =>
    [...place(name).matchAll(RANGE)].map(([, worst, best]) => [name, worst, best]),
  );

  it('is a range for each set of rows', () => {
    expect(said.map(([name]) => name)).toEqual(measured.map(([name]) => name));
  });

  it.each(measured.map(([name, ratios], i) => ({ name, ratios, i })))(
    '$i: $name holds the worst and the best row',
    ({ ratios, i }) => {
      const [, worst, best] = said[i];
      const digits = (text: string): number => text.split('.')[1]?.length ?? 0;
      expect(worst).toBe(Math.min(...ratios).toFixed(digits(worst)));
      expect(best).toBe(Math.max(...ratios).toFixed(digits(best)));
      expect(Number(worst)).toBeLessThan(10);
    },
  );

  it('names each loss that JS wins', () => {
    for (const { loss, ratio } of newest.cases) if (ratio < 1) expect(place('small')).toContain(`${loss} `);
  });

  it('names up to which size ordinary arrays are faster in JS: the fewest and the most of the losses', () => {
    const { rows } = JSON.parse(readFileSync(new URL('bench/results/small.json', root), 'utf8')) as {
      rows: { loss: string; way: string; size: number; ratio: number }[];
    };
    const sizes: Record<string, number> = {};
    for (const { loss, way, size, ratio } of rows) {
      if (way === 'staged plain') sizes[loss] = Math.max(sizes[loss] ?? 0, ratio < 1 ? size : 0);
    }
    const [, fewest, of, most, loss] = /up to (\d+) \((\w+)\) to (\d+) elements \((\w+)\)/.exec(
      place('small'),
    )!;
    expect([Number(fewest), Number(most)]).toEqual([
      Math.min(...Object.values(sizes)),
      Math.max(...Object.values(sizes)),
    ]);
    expect([sizes[of], sizes[loss]]).toEqual([Number(fewest), Number(most)]);
  });

  it('names the processor, Node and PyTorch', () => {
    expect(place('fast')).toMatch(/PyTorch \d+\.\d+.*\(\w[^()]*, Node \d+\)/);
  });

  it('stands nowhere else', () => {
    const rest = readme.replaceAll(/<!-- (\w+) -->[\s\S]*?<!-- \/\1 -->/g, '');
    expect(rest.match(/\d\s*(times|×|x|µs|ns|ms|%)(?!\w)/g) ?? []).toEqual([]);
  });
});

it('the table of entries has those of package.json, and no others', () => {
  const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const wanted = Object.keys(exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => entry.replace(/^\./, 'simdloss').replace('*', '<name>'));
  const rows = readme.split('\n').filter((line) => line.startsWith('| `simdloss'));
  const named = rows.flatMap((line) =>
    [...line.split('|')[1].matchAll(/`([^`]+)`/g)].map(([, name]) =>
      name.replace('…/<name>', 'simdloss/losses/<name>'),
    ),
  );
  expect([...new Set(named)].sort()).toEqual(wanted.sort());
});
