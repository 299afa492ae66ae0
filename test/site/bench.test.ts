// The bench of the page in the browsers: to its end, cancelled, and its charts.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { casesOf, elementsOf, idOf, workloads } from '../../bench/cases.ts';
import { type Browser, browsers, type Page } from '../browsers/browsers.ts';
import { rowDescriptors as descriptors } from '../rows/names.ts';
import { chooseBench, result, status } from './benchRun.ts';
import { buildable } from './built.ts';
import { numberOf, readChart, scaleOf } from './drawn.ts';
import { isolatedFor, open, servedSite, TIMEOUT, until } from './visit.ts';

/** A run takes seconds where a core is free. */
const PATIENCE = 240_000;
vi.setConfig({ testTimeout: 2 * PATIENCE });

const site = servedSite();
const url = (): string => site().url;

describe.skipIf(!buildable).each(browsers)('$name', (kind) => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await kind.open();
    page = await open(browser, `${url()}${isolatedFor(kind)}`);
  }, TIMEOUT);
  afterAll(() => browser?.close());

  it('the bench finishes, with relaxed math and threads where the engine has them', async () => {
    await chooseBench(page, ['mse', 'crossEntropy'], 'brief', ['relaxed', 'threads']);
    await page.click('#bench [type=submit]');
    await until(async () => ['done', 'failed'].includes(await status(page)), 'the bench finishes', PATIENCE);
    expect(await status(page)).toBe('done');
    const found = await page.run(() => document.querySelector('[data-status]')?.textContent ?? '');
    expect(found).toMatch(
      /^Done: \d+ measurements\. At 64 Ki elements WASM is [\d.]+× \(.*\) to [\d.]+× \(.*\) as fast as JS; .*\.$/,
    );
    const { environment, cases } = await result(page);
    expect(environment).toMatchObject({ isolated: true, dtype: 'f32', extent: 'brief' });
    expect(environment.clockResolutionMs).toBeGreaterThan(0);
    const busy = await page.run(() => {
      const notice = document.querySelector<HTMLElement>('[data-busy]')!;
      return notice.hidden ? '' : notice.textContent;
    });
    expect(busy).toEqual(
      environment.others > 0.1
        ? expect.stringContaining(`about ${Math.round(100 * environment.others)} %`)
        : '',
    );
    const wanted = workloads
      .filter(({ loss }) => loss === 'mse' || loss === 'crossEntropy')
      .filter(({ shape }) =>
        ['4096', '65536', '1048576', '8192,10', '64,1024', '1024,1024'].includes(String(shape)),
      )
      .flatMap(casesOf)
      .filter(({ operation }) => operation === 'valueAndGrad')
      .map(idOf);
    const plain = cases.filter(({ variant }: any) => variant === 'wasm');
    expect(plain.map(idOf)).toEqual(wanted);
    for (const { wasm, js, ratio, p10, p90, rounds } of cases) {
      for (const number of [wasm, js, ratio, p10, p90]) expect(number).toBeGreaterThan(0);
      expect(p10).toBeLessThanOrEqual(p90);
      expect(rounds).toBeGreaterThanOrEqual(3);
    }
    const kinds = new Set(cases.map(({ variant }: any) => variant));
    // WebKit has no relaxed SIMD, and the page says so
    expect(kinds.has('relaxed')).toBe(kind.name !== 'WebKit');
    const said = await page.run(
      () => document.querySelector('#bench .notice:not([data-busy])')?.textContent ?? '',
    );
    expect(said.includes('No relaxed math')).toBe(kind.name === 'WebKit');
    if (kinds.has('threads')) {
      for (const { variant, threads } of cases) expect(threads > 1).toBe(variant === 'threads');
    } else expect(said).toContain('No threads');
    expect(await page.errors()).toEqual([]);
  });

  it('its charts are drawn from its results', async () => {
    const { cases } = await result(page);
    const plain = cases.filter(({ variant }: any) => variant === 'wasm');
    const sizes = await readChart(page, 'sizes');
    const mse = plain.filter(({ loss }: any) => loss === 'mse');
    const [x, y] = [scaleOf(sizes.x, true), scaleOf(sizes.y, true)];
    for (const side of ['wasm', 'js']) {
      const line = sizes.lines.find((drawn) => drawn.name.endsWith(side))!;
      const points = line.parts.flat().map(([px, py]) => [x.from(px), y.from(py)]);
      expect(points.length).toBe(mse.length);
      mse.forEach((measured: any, i: number) => {
        expect(points[i][0] / elementsOf(measured.shape)).toBeCloseTo(1, 2);
        expect(points[i][1] / measured[side]).toBeCloseTo(1, 2);
      });
    }
    const bars = await page.run(() => {
      const svg = document.querySelector('[data-chart=speedup] svg')!;
      return {
        ticks: Array.from(svg.querySelectorAll('[data-mark="x-axis tick label"] text'), (tick) => ({
          at: Number(/\(([\d.]+)/.exec(tick.getAttribute('transform')!)![1]),
          text: tick.textContent!,
        })),
        rows: Array.from(
          svg.querySelectorAll('[data-mark="y-axis tick label"] text'),
          (tick) => tick.textContent,
        ),
        lines: Array.from(svg.querySelectorAll('line[data-mark]'), (bar) => Number(bar.getAttribute('x2'))),
      };
    });
    const reference = plain.filter(({ shape }: any) => elementsOf(shape) === 65536);
    expect(bars.rows).toEqual(['mse', 'crossEntropy', 'crossEntropy, probs.']);
    const times = scaleOf({ name: '', ticks: bars.ticks }, true);
    expect(bars.lines.length).toBe(3);
    bars.lines.forEach((pixel, i) => void expect(times.from(pixel) / reference[i].ratio).toBeCloseTo(1, 1));
    for (const { text } of bars.ticks) expect(numberOf(text)).toBeGreaterThan(0);
  });

  it('its result can be copied', async () => {
    const text = JSON.stringify(await result(page));
    expect(text.length).toBeGreaterThan(500);
    await page.click('#bench [name=copy]');
    const said = await until(
      () => page.run(() => document.querySelector('#bench [name=copy] + .hint')?.textContent || undefined),
      'the page says what became of it',
    );
    // what a browser does not let be written is selected
    const selected = await page.run(() => {
      const json = document.querySelector<HTMLTextAreaElement>('#bench textarea')!;
      return json.selectionEnd - json.selectionStart === json.value.length;
    });
    expect(said === 'Copied.' || selected).toBe(true);
  });

  it('the bench is cancelled in mid-run, keeps what it has, and can begin again', async () => {
    await chooseBench(
      page,
      descriptors.map((d) => d.name),
      'thorough',
      [],
    );
    await page.click('#bench [type=submit]');
    const measured = async () => {
      const text = await page.run(
        () => document.querySelector<HTMLTextAreaElement>('#bench textarea')?.value ?? '',
      );
      return text === '' ? 0 : JSON.parse(text).cases.length;
    };
    await until(async () => (await status(page)) === 'running', 'it runs');
    await until(async () => (await measured()) > 0 && (await measured()) < 8, 'the first result', PATIENCE);
    await page.click('#bench form [type=button]');
    await until(async () => (await status(page)) === 'cancelled', 'it is cancelled');
    const kept = await measured();
    expect(kept).toBeGreaterThan(0);
    const said = await page.run(() => document.querySelector('[data-status]')?.textContent);
    expect(said).toBe(`Cancelled after ${kept} measurements.`);
    expect(
      await page.run(() => document.querySelector<HTMLButtonElement>('#bench [type=submit]')?.disabled),
    ).toBe(false);
    await chooseBench(page, ['l1'], 'brief', []);
    await page.click('#bench [type=submit]');
    await until(async () => (await status(page)) === 'done', 'it begins again', PATIENCE);
    expect(await measured()).toBe(3);
    expect(await page.errors()).toEqual([]);
  });
});
