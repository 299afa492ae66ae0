// The package as it is built, in the browsers, without a bundler and under a strict policy: the same bits as here.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LossFunctions, load } from '../../src/index.ts';
import { type Browser, browsers } from './browsers.ts';
import { type Site, serve } from './server.ts';
import { digestOf } from './work.js';

/** Which browsers fuse multiply-add where the processor does; WebKit has no relaxed SIMD. */
const fuses: Record<string, boolean> = { Chromium: true, Firefox: true, WebKit: false };

let site: Site;
let digest: string;
beforeAll(async () => {
  site = await serve();
  digest = digestOf(await load());
});
afterAll(() => site.close());

describe.each(browsers)('$name', ({ name, open }) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await open();
  });
  afterAll(() => browser?.close());

  it('a plain page: one thread, and ERR_UNSUPPORTED for more', async () => {
    const saw = await browser.see(`${site.url}/`);
    expect(saw).toMatchObject({
      isolated: false,
      backend: 'wasm',
      digest,
      js: 2,
      relaxed: 2.5,
      auto: 1,
      threadsRefused: 'ERR_UNSUPPORTED',
      errors: [],
    });
    expect(saw.math).toBe(fuses[name] ? 'relaxed' : 'deterministic');
  });

  it('an isolated page: threads, with the same bits', async () => {
    const saw = await browser.see(`${site.url}/isolated/`);
    expect(saw).toMatchObject({ isolated: true, digest, threads: 2, threadsDigest: digest, errors: [] });
    expect(saw.auto).toBeGreaterThanOrEqual(1);
  });

  it.runIf(name === 'Chromium')('its console shows class, shape and dtype of a tensor', async () => {
    const page = await browser.visit(`${site.url}/`);
    while (!(await page.run(() => 'F' in globalThis))) await sleep(50);
    const { description, properties } = await page.logged!(() => {
      const { F } = globalThis as unknown as { F: LossFunctions };
      console.log(F.tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]));
    });
    expect(description).toBe('Tensor');
    expect(properties).toMatchObject({ '#shape': 'Array(2)', '#data': 'Float32Array(6)', dtype: 'f32' });
    await page.close();
  });
});
