// The built page: what it is made of, and the ways that it may be served.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';
import { type Browser, browsers } from '../browsers/browsers.ts';
import { chooseBench, result, status } from './benchRun.ts';
import { buildable } from './built.ts';
import { checkCurves, F } from './expected.ts';
import { open, servedSite, TIMEOUT, until } from './visit.ts';

const url = servedSite();
afterAll(() => F.dispose());

describe.skipIf(!buildable).each(browsers)('$name', (kind) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await kind.open();
  }, TIMEOUT);
  afterAll(() => browser?.close());

  it('below some path of a server without headers it works with one thread, and says so', async () => {
    const page = await open(browser, `${url()}/some/where/plain/#loss-bce`);
    expect(await page.run(() => crossOriginIsolated)).toBe(false);
    await checkCurves(page, descriptors.find((d) => d.name === 'bce')!);
    const threads = await page.run(() => {
      const box = document.querySelector<HTMLInputElement>('[name=variant][value=threads]')!;
      return { disabled: box.disabled, why: box.closest('fieldset')?.textContent ?? '' };
    });
    expect(threads.disabled).toBe(true);
    expect(threads.why).toContain('isolated pages only');
    await chooseBench(page, ['mse'], 'brief', ['relaxed']);
    await page.click('#bench [type=submit]');
    await until(async () => ['done', 'failed'].includes(await status(page)), 'the bench finishes');
    expect(await status(page)).toBe('done');
    expect((await result(page)).environment.isolated).toBe(false);
    // the policy is in the page, too
    const forbidden = await page.run(
      () =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
          document.head.append(
            Object.assign(document.createElement('script'), { textContent: 'window.broken = 1' }),
          );
        }),
    );
    expect(forbidden).toMatch(/^script-src/);
  });
});
