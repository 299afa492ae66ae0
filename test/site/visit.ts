// Using the page in a browser as a visitor does.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import type { Browser, Kind, Page, Size } from '../browsers/browsers.ts';
import { type Built, buildable, buildSite } from './built.ts';
import { type SiteServer, serveSite } from './server.ts';

export const TIMEOUT = 120_000;

/** Builds and serves the page for the tests of a file; to be asked for in the tests. */
export function servedSite(): () => { readonly url: string; readonly folder: string } {
  let built: Built | undefined;
  let site: SiteServer | undefined;
  beforeAll(async () => {
    if (!buildable) return;
    built = buildSite();
    site = await serveSite(built.folder);
  }, TIMEOUT);
  afterAll(async () => {
    await site?.close();
    built?.remove();
  });
  return () => ({ url: site!.url, folder: built!.folder });
}

/** Isolated; a driver that does not tell of errors needs the page that keeps them. */
export const isolatedFor = ({ name }: Kind): string => (name === 'WebKit' ? '/watched/' : '/isolated/');

export async function until<T>(
  what: () => Promise<T | undefined | false>,
  why: string,
  patience = TIMEOUT,
): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const value = await what();
    // a driver makes null of undefined
    if (value !== undefined && value !== null && value !== false) return value;
    if (Date.now() > end) throw new Error(`waited in vain: ${why}`);
    await sleep(50);
  }
}

export const isReady = (page: Page) => page.run(() => 'ready' in document.documentElement.dataset);

export async function open(browser: Browser, url: string, size?: Size): Promise<Page> {
  const page = await browser.visit(url, size);
  await until(() => isReady(page), 'the page is ready');
  return page;
}

/** Sets a control as a visitor would, and waits for what it draws. */
export const set = (page: Page, selector: string, value: string | number | boolean) =>
  page.run(
    (which, to) => {
      const control = document.querySelector<HTMLInputElement>(which);
      if (control === null) throw new Error(`there is no ${which}`);
      if (typeof to === 'boolean') control.checked = to;
      else control.value = String(to);
      for (const kind of ['input', 'change']) control.dispatchEvent(new Event(kind, { bubbles: true }));
      return new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    },
    selector,
    value,
  );

export const numberIn = (page: Page, selector: string): Promise<number> =>
  page.run((which) => Number(document.querySelector<HTMLInputElement>(which)?.value), selector);
