// npm run site:screenshots: the pictures of the page in docs/site, taken in Chromium.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { browsers, type Page } from '../test/browsers/browsers.ts';
import { serveSite } from '../test/site/server.ts';
import { requireInstalled } from './installed.ts';

requireInstalled();
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
execFileSync(process.execPath, ['--import', 'tsx', at('build.ts')], { stdio: 'inherit' });
const chromium = browsers.find(({ name }) => name === 'Chromium');
if (chromium === undefined) throw new Error('the pictures are taken in Chromium, which is missing');

const SIZES = { explorer: { width: 1280, height: 1010 }, bench: { width: 1280, height: 1200 } };
/** Bytes of a picture, at most: it goes into every clone. */
const MOST = 150_000;

async function until(page: Page, what: () => boolean): Promise<void> {
  while (!(await page.run(what))) await sleep(200);
}

/** As WebP, which the browser makes from its own PNG. */
async function save(blank: Page, name: string, png: Buffer): Promise<void> {
  const data = await blank.run(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = Object.assign(document.createElement('canvas'), {
        width: image.width,
        height: image.height,
      });
      canvas.getContext('2d')?.drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', 0.92);
    },
    `data:image/png;base64,${png.toString('base64')}`,
  );
  const bytes = Buffer.from((await data).split(',')[1], 'base64');
  if (bytes.length > MOST) throw new Error(`${name} has ${bytes.length} bytes, more than ${MOST}`);
  mkdirSync(at('../docs/site'), { recursive: true });
  writeFileSync(at(`../docs/site/${name}.webp`), bytes);
  console.log(`docs/site/${name}.webp: ${bytes.length} bytes`);
}

const site = await serveSite(at('dist'));
const browser = await chromium.open();
try {
  const blank = await browser.visit('about:blank');
  let page = await browser.visit(`${site.url}/isolated/#loss-crossEntropy`, SIZES.explorer);
  await until(page, () => 'ready' in document.documentElement.dataset);
  // the page scrolls to the loss of its address, smoothly
  await sleep(2000);
  await page.run(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    document.querySelector('#explore')?.scrollIntoView({ behavior: 'instant' });
  });
  await save(blank, 'explorer', await page.screenshot());
  await page.close();

  page = await browser.visit(`${site.url}/isolated/`, SIZES.bench);
  await until(page, () => 'ready' in document.documentElement.dataset);
  await page.run(() => {
    const theme = document.querySelector<HTMLSelectElement>('#theme')!;
    theme.value = 'dark';
    theme.dispatchEvent(new Event('change'));
    document.querySelector<HTMLButtonElement>('#bench [type=submit]')?.click();
  });
  await until(page, () => document.querySelector<HTMLElement>('[data-status]')?.dataset.status !== 'running');
  await page.run(() => {
    const loss = document.querySelector<HTMLSelectElement>('[name=sizes-loss]')!;
    loss.value = 'bceWithLogits';
    loss.dispatchEvent(new Event('change'));
    (document.activeElement as HTMLElement | null)?.blur();
    document.querySelector('[data-chart=speedup]')?.closest('.card')?.scrollIntoView({ behavior: 'instant' });
  });
  await save(blank, 'bench', await page.screenshot());
} finally {
  await browser.close();
  await site.close();
}
