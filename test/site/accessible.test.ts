// What axe-core finds in the page: with each family of losses, and with the bench's results, in both themes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, browsers, type Page } from '../browsers/browsers.ts';
import { chooseBench, status } from './benchRun.ts';
import { buildable } from './built.ts';
import { isolatedFor, open, servedSite, set, TIMEOUT, until } from './visit.ts';

const site = servedSite();

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** Loads it from beside the page, as the page's policy wants. */
const startAxe = (page: Page) =>
  page.run(() => {
    document.head.append(Object.assign(document.createElement('script'), { src: './axe.js' }));
  });

async function violations(page: Page): Promise<string[]> {
  await page.run(() => {
    const w = window as any;
    w.found = undefined;
    w.axe.run(document, { resultTypes: ['violations'] }).then((result: { violations: Violation[] }) => {
      w.found = result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
  });
  return until(() => page.run(() => (window as any).found as string[] | undefined), 'axe is through');
}

describe.skipIf(!buildable).each(browsers)('$name', (kind) => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await kind.open();
    page = await open(browser, `${site().url}${isolatedFor(kind)}`);
    await startAxe(page);
    await until(() => page.run(() => 'axe' in window), 'axe is there');
  }, TIMEOUT);
  afterAll(() => browser?.close());

  it.each(['light', 'dark'])('the explorer, %s', async (theme) => {
    await set(page, '#theme', theme);
    for (const loss of ['huber', 'crossEntropy']) {
      await set(page, '[name=loss]', loss);
      await page.run(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      expect(await violations(page), loss).toEqual([]);
    }
  });

  it('the bench with its results', async () => {
    await chooseBench(page, ['mse'], 'brief', []);
    await page.click('#bench [type=submit]');
    await until(async () => (await status(page)) === 'done', 'the bench finishes');
    for (const theme of ['light', 'dark']) {
      await set(page, '#theme', theme);
      expect(await violations(page), theme).toEqual([]);
    }
  });
});
