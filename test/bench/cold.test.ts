import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { goalsOf } from '../../bench/cold/goals.ts';
import { markdown } from '../../bench/cold/markdown.ts';
import { measureNode } from '../../bench/cold/node.ts';
import { createProject, type Project } from '../../bench/cold/project.ts';
import { committedFile, type Platform, pageFile, readResults } from '../../bench/cold/results.ts';
import { checkValue, compareStarts } from '../../bench/cold/rounds.ts';

describe('committed results', () => {
  const results = readResults(committedFile);

  it('are those of the page', () => {
    expect(readFileSync(pageFile, 'utf8')).toBe(markdown(results));
  });

  it('have two versions of Node, workerd and Chromium, measured often enough', () => {
    expect(results.platforms.map(({ name, version }) => `${name} ${version.split('.')[0]}`)).toEqual([
      'Node 20',
      'Node 24',
      expect.stringMatching(/^workerd/),
      expect.stringMatching(/^Chromium/),
    ]);
    for (const { rounds } of results.platforms) expect(rounds).toBeGreaterThan(20);
  });

  it('have every entry', () => {
    for (const { name, rows } of results.platforms) {
      const entries = new Set(rows.map(({ entry }) => entry));
      const all = ['simdloss', 'simdloss/url', 'simdloss/core'];
      // workerd cannot read files
      const wanted = name === 'workerd' ? all.filter((entry) => entry !== 'simdloss/url') : all;
      expect(entries).toEqual(new Set(wanted));
    }
  });

  it('are what the README says', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
    const cpu = (platform: string, entry: string): string => {
      const { rows } = results.platforms.find(({ name, version }) =>
        `${name} ${version}`.startsWith(platform),
      )!;
      return rows.find((row) => row.entry === entry)!.over.CPU.median.toFixed(0);
    };
    expect(readme).toContain(
      `\`simdloss\` takes Node 24 ${cpu('Node 24', 'simdloss')} ms of CPU time over an empty script and ` +
        `\`simdloss/core\` ${cpu('Node 24', 'simdloss/core')} ms; ` +
        `workerd takes ${cpu('workerd', 'simdloss')} ms over an empty worker`,
    );
  });

  it('are medians between their percentiles', () => {
    const spreads = results.platforms.flatMap(({ empty, rows }) => [
      empty,
      ...rows.flatMap(({ over, parts = {} }) => [over, parts]),
    ]);
    for (const { median, p10, p90 } of spreads.flatMap((of) => Object.values(of))) {
      expect(p10).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(p90);
    }
  });
});

test('starts are compared with the empty one of the same round', async () => {
  // the machine gets slower and slower: differences stay what they are
  let slow = 0;
  const takes = (ms: number) => async () => ({ figures: { wall: ms + 10 * slow++ } });
  const way = { entry: 'a', form: 'b', start: takes(7) };
  const { rows } = await compareStarts(3, takes(5), [way]);
  // 2 ms more, and 10 for starting later: in the second round the way comes first
  expect(rows[0].over.wall).toEqual({ median: 12, p10: -4, p90: 12, least: 12 });
});

test('a start that computes something else is an error', () => {
  expect(() => checkValue('this', Math.log(3))).not.toThrow();
  for (const wrong of [1.1, Number.NaN]) expect(() => checkValue('this', wrong)).toThrow('not ln 3');
});

test('goals are missed by the median', () => {
  const of = (ms: number) => ({ median: ms, p10: ms, p90: ms });
  const platform = (ms: number): Platform => ({
    name: 'Node',
    version: '24.0.0',
    rounds: 1,
    empty: {},
    rows: [
      {
        entry: 'simdloss',
        form: 'as published',
        over: { CPU: { ...of(ms), least: ms }, wall: { ...of(2), least: 2 } },
        parts: { instantiate: of(0.5) },
      },
    ],
  });
  expect(goalsOf(platform(10)).map(({ reached }) => reached)).toEqual([true, true, true]);
  expect(goalsOf(platform(10.1)).map(({ reached }) => reached)).toEqual([false, true, true]);
});

describe('the programs', () => {
  let project: Project;
  beforeAll(async () => {
    project = await createProject('node');
  });
  afterAll(() => project?.remove());

  it('run in Node in every form, and every part takes time', async () => {
    const { rows } = await measureNode(process.execPath, 1);
    expect(rows.map(({ entry, form }) => `${entry}, ${form}`)).toEqual(
      project.forms.map(({ entry, form }) => `${entry}, ${form}`),
    );
    for (const { parts } of rows) {
      const times = Object.values(parts!).map(({ median }) => median);
      expect(times).toHaveLength(7);
      for (const time of times) expect(time).toBeGreaterThan(0);
    }
  });
});
