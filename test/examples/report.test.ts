// The page that `npm start` leaves: what is drawn are the run's numbers, and the page needs nothing but itself.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseHTML } from 'linkedom';
import { parse } from 'parse5';
import type { LossFunctions } from 'simdloss';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { loadDatasets } from '../../examples/train/data.ts';
import { html } from '../../examples/train/report/html.ts';
import { reportOf } from '../../examples/train/report/report.ts';
import { binsOf, mean, median, residualsOf } from '../../examples/train/report/residuals.ts';
import { resultOf } from '../../examples/train/result.ts';
import { cells } from '../../examples/train/summary.ts';
import { jobs } from '../../examples/train/train.ts';
import { load } from '../../src/index.ts';
import { browsers } from '../browsers/browsers.ts';

// the example's types are those of the built package, which a class with private fields keeps apart from the source's
const fromSource = (F: unknown): LossFunctions => F as LossFunctions;
const backends = { wasm: fromSource(await load()), js: fromSource(await load({ backend: 'js' })) };
afterAll(() => {
  backends.wasm.dispose();
  backends.js.dispose();
});

const STEPS = 60;
const datasets = loadDatasets();
const runs = jobs.map((job) => {
  const heard: number[] = [];
  const short = { ...job, steps: STEPS };
  const watch = (_: number, loss: number) => void heard.push(loss);
  return { heard, result: resultOf(backends, short, datasets[job.dataset], watch, 3) };
});
const results = runs.map(({ result }) => result);
const page = reportOf(results, backends.wasm);
const { document } = parseHTML(page);

const numberOf = (text: string): number => Number(text.replace('−', '-'));
const shift = (element: Element): [number, number] =>
  /translate\((.+),(.+)\)/.exec(element.getAttribute('transform')!)!.slice(1).map(Number) as [number, number];

/** From pixels back to numbers, by where two of the axis's ticks stand and what they say. */
function axis(svg: Element, name: 'x' | 'y', log = false): (pixel: number) => number {
  const ticks = [...svg.querySelectorAll(`[aria-label="${name}-axis tick label"] text`)];
  const places = ticks.map((tick) => ({
    pixel: shift(tick)[name === 'x' ? 0 : 1],
    value: numberOf(tick.textContent!),
  }));
  const [first, last] = [places[0], places[places.length - 1]];
  const scaled = (value: number): number => (log ? Math.log10(value) : value);
  const slope = (scaled(last.value) - scaled(first.value)) / (last.pixel - first.pixel);
  return (pixel) => {
    const value = scaled(first.value) + slope * (pixel - first.pixel);
    return log ? 10 ** value : value;
  };
}

const tableOf = (svg: Element): string[][] =>
  [...svg.parentElement!.querySelectorAll('tbody tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent!),
  );

describe.each(runs)('the curve of $result.job.loss', ({ heard, result: { job, run, curve } }) => {
  const svg = document.querySelector(`#curve-${job.loss}`)!;
  const [heldOut, training] = [...svg.querySelectorAll('path')].map((path) => {
    const x = axis(svg, 'x', true);
    const y = axis(svg, 'y');
    return [...path.getAttribute('d')!.matchAll(/([\d.]+),([\d.]+)/g)].map((m) => [
      x(Number(m[1])),
      y(Number(m[2])),
    ]);
  });

  it('goes through the losses of the run, from before the first step to after the last', () => {
    const losses = [...heard, run.final];
    expect(heard).toHaveLength(STEPS);
    expect(training.length).toBeGreaterThan(20);
    for (const [step, loss] of training) {
      expect(Math.abs(step - Math.round(step))).toBeLessThan(0.01 * step);
      expect(loss).toBeCloseTo(losses[Math.round(step) - 1], 3);
    }
    expect(Math.round(training[0][0])).toBe(1);
    expect(Math.round(training[training.length - 1][0])).toBe(STEPS + 1);
  });

  it('has the loss on the rows held out beside it', () => {
    const { data } = results.find(({ job: { loss } }) => loss === job.loss)!;
    expect(heldOut).toHaveLength(training.length);
    // where the score is the loss: l1's is, in the target's unit
    if (job.loss === 'l1') {
      expect(heldOut[heldOut.length - 1][1] * data.unit).toBeCloseTo(run.heldOut.value, 0);
    }
    heldOut.forEach(([, loss], i) => {
      expect(loss).toBeCloseTo(curve[i].heldOut, 3);
    });
  });

  it('has a table of the same numbers', () => {
    expect(tableOf(svg).map(([step, loss]) => [Number(step), Number(loss)])).toEqual(
      curve.map(({ steps, training }) => [steps + 1, Number(training.toFixed(6))]),
    );
  });
});

test('the table has a row for each loss, with its figures', () => {
  const rows = [...document.querySelector('main > figure')!.querySelectorAll('tbody tr')];
  expect(rows.map((row) => [...row.children].map((cell) => cell.textContent))).toEqual(results.map(cells));
});

test('the cells of the confusion matrix add up to the rows held out, the diagonal to the accuracy', () => {
  const svg = document.querySelector('#confusion')!;
  const place = (name: 'x' | 'y') => axis(svg, name);
  const [x, y] = [place('x'), place('y')];
  const labels = [...svg.querySelectorAll('[aria-label="text"] text')];
  const [dx, dy] = shift(svg.querySelector('[aria-label="text"]')!);
  const [ax, ay] = [0, 1].map(
    (i) => shift(svg.querySelector(`[aria-label="${'xy'[i]}-axis tick label"]`)!)[i],
  );
  const drawn = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  for (const label of labels) {
    const [px, py] = shift(label);
    drawn[y(py + dy - ay)][x(px + dx - ax)] = Number(label.textContent);
  }
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const { data, run } = results.find(({ job }) => job.loss === 'crossEntropy')!;
  expect(sum(drawn.flat())).toBe(data.heldOut.rows);
  expect(sum(drawn.map((row, digit) => row[digit])) / data.heldOut.rows).toBe(run.heldOut.value);
  drawn.forEach((row, digit) => {
    expect(sum(row)).toBe(Array.from(data.heldOut.y).filter((label) => label === digit).length);
  });
  expect(tableOf(svg).map((row) => row.slice(1).map(Number))).toEqual(drawn);
});

describe('residuals', () => {
  const charts = [...document.querySelectorAll('[id^="residuals-"].chart')];

  it('are drawn for each regression loss, on both sets, with the same axes', () => {
    expect(charts.map(({ id }) => id)).toEqual(
      ['l1', 'mse'].flatMap((loss) => ['training', 'held-out'].map((set) => `residuals-${loss}-${set}`)),
    );
    const axes = charts.map((svg) =>
      [...svg.querySelectorAll('[aria-label$="-axis tick label"]')].map(({ outerHTML }) => outerHTML).join(),
    );
    expect(new Set(axes).size).toBe(1);
  });

  it.each(charts.map((svg) => [svg.id, svg] as const))('%s: bars are the rows', (id, svg) => {
    const [, loss, set] = /residuals-(\w+)-(.+)/.exec(id)!;
    const { run, data } = results.find(({ job }) => job.loss === loss)!;
    const split = set === 'training' ? data.train : data.heldOut;
    const values = residualsOf(run.model, split, data);
    const [x, y] = [axis(svg, 'x'), axis(svg, 'y')];
    const bars = [...svg.querySelectorAll('[aria-label="rect"] rect')].map((bar) => {
      const [left, width, height] = ['x', 'width', 'height'].map((name) => Number(bar.getAttribute(name)));
      return { from: x(left), to: x(left + width), share: (y(0) - y(height)) / 100 };
    });
    const rows = tableOf(svg);
    expect(rows).toHaveLength(bars.length);
    bars.forEach(({ from, to, share }, i) => {
      // bars leave half a pixel on either side
      const inside = values.filter(
        (value) => value >= Math.round(from / 20) * 20 && value < Math.round(to / 20) * 20,
      );
      expect(share).toBeCloseTo(inside.length / split.rows, 6);
      expect(Number(rows[i][1])).toBe(inside.length);
    });
    expect(bars.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    const rules = [...svg.querySelectorAll('[aria-label="rule"] line')].map((line) =>
      x(Number(line.getAttribute('x1'))),
    );
    expect(rules.slice(-2)[0]).toBeCloseTo(median(values), 3);
    expect(rules.slice(-2)[1]).toBeCloseTo(mean(values), 3);
  });

  it('a bin has its lower end and not its upper', () => {
    expect(binsOf([-20, -0.5, 0, 19.9], 20, 40).map(({ count }) => count)).toEqual([0, 2, 2, 0]);
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), mean([1, 2, 6])]).toEqual([2, 2.5, 3]);
  });
});

describe('the page', () => {
  it('is HTML without an error', () => {
    const errors: string[] = [];
    parse(page, { onParseError: ({ code, startLine }) => errors.push(`line ${startLine}: ${code}`) });
    expect(errors).toEqual([]);
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers to nothing outside itself, runs nothing, and names no place of this machine', () => {
    expect(page).not.toMatch(/https?:|\/\/|@import|url\(|file:/);
    expect(document.querySelectorAll('script, link, img, iframe, [src], [href]')).toHaveLength(0);
    expect(page).not.toContain(process.cwd());
  });

  it('says what each chart shows, and names its axes', () => {
    const charts = [...document.querySelectorAll('svg.chart')];
    expect(charts).toHaveLength(jobs.length + 4 + 1);
    for (const svg of charts) {
      const [title, description] = svg
        .getAttribute('aria-labelledby')!
        .split(' ')
        .map((id) => document.getElementById(id)!.textContent!.length);
      expect(Math.min(title, description)).toBeGreaterThan(20);
      expect(svg.querySelectorAll('[aria-label$="-axis label"] text')).toHaveLength(2);
      expect(svg.outerHTML).not.toMatch(/NaN|Infinity|undefined/);
      expect(tableOf(svg).length).toBeGreaterThan(5);
    }
  });

  it('has the settings', () => {
    const text = document.querySelector('main')!.textContent!.replaceAll(/\s+/g, ' ');
    for (const part of [
      'by seed 8',
      'by seed 1',
      '20 %',
      process.versions.node,
      'wasm, deterministic math',
    ]) {
      expect(text).toContain(part);
    }
    for (const { about } of Object.values(datasets)) expect(text).toContain(about);
  });

  it('escapes what is put in', () => {
    expect(html`<p title="${'"'}">${'<&>'}${html`<b>${1}</b>`}</p>`.text).toBe(
      '<p title="&quot;">&lt;&amp;&gt;<b>1</b></p>',
    );
  });
});

const CHROMIUM = '/usr/bin/chromium';
const driver = new URL('../browsers/node_modules/playwright-core/index.mjs', import.meta.url);
const browserThere = browsers.some(({ name }) => name === 'Chromium');

describe.skipIf(!browserThere)('in Chromium, from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-report-'));
  const file = join(folder, 'report.html');
  let browser: any;
  beforeAll(async () => {
    writeFileSync(file, page);
    const { chromium } = await import(driver.href);
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const look = async (width: number, colorScheme: 'light' | 'dark') => {
    const tab = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const messages: string[] = [];
    const requests: string[] = [];
    tab.on('console', (message: any) => messages.push(message.text()));
    tab.on('request', (request: any) => requests.push(request.url()));
    await tab.goto(pathToFileURL(file).href);
    const saw = await tab.evaluate(() => ({
      mode: document.compatMode,
      // wider than the screen?
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      background: getComputedStyle(document.body).backgroundColor,
      stroke: getComputedStyle(document.querySelector('#curve-l1 path')!).stroke,
      text: Math.min(
        ...[...document.querySelectorAll('svg.chart text')].map(
          (text) => text.getBoundingClientRect().height,
        ),
      ),
    }));
    await tab.close();
    return { ...saw, messages, requests };
  };

  it.each([360, 1200])('%i pixels wide: nothing sticks out, every text can be read', async (width) => {
    const { mode, overflow, text, messages, requests } = await look(width, 'light');
    expect({ mode, overflow, messages }).toEqual({ mode: 'CSS1Compat', overflow: 0, messages: [] });
    expect(requests).toEqual([pathToFileURL(file).href]);
    expect(text).toBeGreaterThan(10);
  });

  it('has colours for light and dark', async () => {
    const [light, dark] = [await look(360, 'light'), await look(360, 'dark')];
    expect(light.background).toBe('rgb(255, 255, 255)');
    expect(dark.background).toBe('rgb(13, 17, 23)');
    expect(light.stroke).toMatch(/^rgb/);
    expect(dark.stroke).not.toBe(light.stroke);
  });
});
