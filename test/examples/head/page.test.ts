// The page of examples/head, built and served as static files, driven in the browsers as by a visitor, by keys as well.
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LossFunctions } from 'simdloss';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Head } from '../../../examples/head/page/head.ts';
import { isolation } from '../../../site/headers.ts';
import { load } from '../../../src/index.ts';
import { type Browser, browsers, type Page } from '../../browsers/browsers.ts';
import { buildable } from '../../site/built.ts';
import { type SiteServer, serveSite } from '../../site/server.ts';
import { isolatedFor, open, TIMEOUT, until } from '../../site/visit.ts';
import { buildPage, isThere, sentences } from './built.ts';

const STEPS = 40;
const SENTENCE = 'My parcel is lost';

let built: ReturnType<typeof buildPage>;
let site: SiteServer;
let F: LossFunctions;
let head: Head;
beforeAll(async () => {
  if (!isThere) return;
  built = buildPage();
  site = await serveSite(built.folder, isolation);
  F = (await load()) as unknown as LossFunctions;
  head = new Head(F, built.rows.training, sentences.classes.length);
}, TIMEOUT);
afterAll(async () => {
  await site?.close();
  built?.remove();
  F?.dispose();
});

const text = (page: Page, id: string): Promise<string> =>
  page.run((which) => document.getElementById(which)?.textContent ?? '', id);

/** What the page shows of the head. */
const figures = (page: Page) =>
  page.run(() =>
    ['steps', 'objective', 'trainingLoss', 'heldOutLoss', 'accuracy', 'ece'].map(
      (id) => document.getElementById(id)!.textContent,
    ),
  );
/** The same from Node. */
function expected(steps: number): string[] {
  const [before, after] = [built.rows.training, built.rows.heldOut].map((rows) => head.judge(rows));
  const losses = [head.objective(), before.loss, after.loss].map((loss) => loss.toFixed(4));
  return [String(steps), ...losses, `${(100 * after.accuracy).toFixed(1)} %`, after.ece.toFixed(3)];
}

it.skipIf(!isThere)('README.md has what the head comes to', () => {
  const readme = readFileSync(new URL('../../../examples/head/README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| [\d.]+ \| \d+ \|.*$/gm)].map(([row]) => row);
  expect(rows).toHaveLength(6);
  const { training, heldOut } = built.rows;
  const said = rows.map((row) => {
    const [smoothing, steps] = row.split('|').slice(1).map(Number);
    const own = new Head(F, training, sentences.classes.length);
    own.smooth(smoothing);
    for (let i = 0; i < steps; i++) own.step();
    const { loss, accuracy, ece, bins } = own.judge(heldOut);
    const sure =
      bins.reduce((sum, bin) => sum + (bin === undefined ? 0 : bin.count * bin.confidence), 0) / 48;
    const shares = [accuracy, sure].map((share) => `${(100 * share).toFixed(1)} %`);
    const losses = [own.judge(training).loss, loss].map((one) => one.toFixed(3));
    return `| ${[smoothing, steps, ...losses, ...shares, ece.toFixed(3)].join(' | ')} |`;
  });
  expect(said).toEqual(rows);
});

describe.skipIf(!isThere).each(browsers)('$name', (kind) => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await kind.open();
    page = await open(browser, `${site.url}${isolatedFor(kind)}`);
    head.reset();
    head.smooth(0);
  }, TIMEOUT);
  afterAll(() => browser?.close());

  it('begins with nothing learnt', async () => {
    expect(await figures(page)).toEqual(expected(0));
    expect(await text(page, 'objective')).toBe(Math.log(4).toFixed(4));
  });

  it('trains by keys alone, to the figures that Node has', async () => {
    await page.press('#once', 'Enter');
    await page.press('#once', ' ');
    for (let i = 2; i < STEPS; i++) await page.run(() => document.getElementById('once')!.click());
    for (let i = 0; i < STEPS; i++) head.step();
    expect(await figures(page)).toEqual(expected(STEPS));
    // smoothing changes the objective at once, and not what is held out
    await page.press('#smoothing', 'ArrowRight');
    head.smooth(0.05);
    expect(await text(page, 'smoothingValue')).toBe('0.05');
    expect(await figures(page)).toEqual(expected(STEPS));
    await page.press('#once', 'Tab');
    expect(await page.run(() => document.activeElement?.id)).toBe('reset');
  });

  it('draws the loss and the calibration, and says who is taken for whom', async () => {
    const { bins, confusion } = head.judge(built.rows.heldOut);
    const shown = await page.run(() => ({
      points: [...document.querySelectorAll<SVGPolylineElement>('#curve polyline')].map(
        ({ points }) => points.length,
      ),
      bars: document.querySelectorAll('#reliability rect').length,
      counts: [...document.querySelectorAll('#confusion tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent)),
      ),
      misread: document.querySelectorAll('#misread li').length,
    }));
    expect(shown.points).toEqual([STEPS + 1, STEPS + 1]);
    expect(shown.bars).toBe(bins.filter((bin) => bin !== undefined).length);
    expect(shown.counts).toEqual(confusion);
    const wrong = confusion.flatMap((counts, label) => counts.filter((_, c) => c !== label));
    expect(shown.misread).toBe(
      Math.min(
        6,
        wrong.reduce((sum, count) => sum + count, 0),
      ),
    );
  });

  it('classifies a sentence of the visitor’s, with the encoder that Node has', async () => {
    await page.run((sentence) => {
      document.querySelector<HTMLInputElement>('#sentence')!.value = sentence;
    }, SENTENCE);
    await page.press('#sentence', 'Enter');
    await until(async () => !(await text(page, 'asked')).endsWith(' …'), 'the sentence is classified');
    expect(await text(page, 'asked')).toBe(`“${SENTENCE}”`);
    const shown = await page.run(() =>
      [...document.querySelectorAll('#answer .bar b')].map((number) =>
        Number.parseFloat(number.textContent!),
      ),
    );
    const { embed } = await import('../../../examples/head/encoder/embed.ts');
    const wanted = head.probabilities(head.logits(await embed([SENTENCE])));
    expect(shown).toHaveLength(4);
    for (const [c, share] of shown.entries()) expect(Math.abs(share - 100 * wanted[c])).toBeLessThan(0.1);
    expect(Math.max(...shown)).toBe(shown[0]);
  });

  it('trains on until it is paused, and starts over', async () => {
    await page.press('#run', ' ');
    expect(await text(page, 'run')).toBe('Pause');
    await until(async () => Number(await text(page, 'steps')) > STEPS + 20, 'it trains');
    await page.press('#run', ' ');
    const paused = await text(page, 'steps');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await text(page, 'steps')).toBe(paused);
    await page.click('#reset');
    expect(await text(page, 'steps')).toBe('0');
    expect(await text(page, 'heldOutLoss')).toBe(Math.log(4).toFixed(4));
  });

  it('nothing went wrong', async () => expect(await page.errors()).toEqual([]));

  it.skipIf(!buildable)('has nothing that axe-core finds', async () => {
    await page.run(() => {
      for (const details of document.querySelectorAll('details')) details.open = true;
      document.head.append(Object.assign(document.createElement('script'), { src: './axe.js' }));
    });
    await until(() => page.run(() => 'axe' in window), 'axe is there');
    await page.run(() => {
      const w = window as any;
      w.axe.run(document, { resultTypes: ['violations'] }).then((result: any) => {
        w.found = result.violations.map(({ id, nodes }: any) => `${id}: ${nodes.map((n: any) => n.html)}`);
      });
    });
    expect(
      await until(() => page.run(() => (window as any).found as string[] | undefined), 'axe is through'),
    ).toEqual([]);
  });

  it('on a phone, below a path of a server without headers', async () => {
    const narrow = await open(browser, `${site.url}/some/where/plain/`, { width: 390, height: 844 });
    await narrow.click('#once');
    expect(await text(narrow, 'steps')).toBe('1');
    const [has, needs] = await narrow.run(() => [innerWidth, document.documentElement.scrollWidth]);
    expect(needs).toBeLessThanOrEqual(has);
    await narrow.close();
  });
});

describe.skipIf(!isThere || browsers.length === 0)('without the encoder', () => {
  it('trains, and says what is missing when it is asked', async () => {
    const folder = `${built.folder}-bare`;
    cpSync(built.folder, folder, { recursive: true });
    rmSync(join(folder, 'encoder'), { recursive: true });
    const bare = await serveSite(folder, isolation);
    const browser = await browsers[0].open();
    try {
      const page = await open(browser, `${bare.url}/isolated/`);
      await page.click('#once');
      expect(await text(page, 'steps')).toBe('1');
      await page.click('#classify');
      await until(
        async () => (await text(page, 'asked')).startsWith('The encoder does not run: '),
        'it is said',
      );
    } finally {
      await browser.close();
      await bare.close();
      rmSync(folder, { recursive: true });
    }
  });
});
