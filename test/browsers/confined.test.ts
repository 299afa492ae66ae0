// Where nothing comes on demand: a service worker, an AudioWorklet, a page after a redeploy. Errors say what helps, and that does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { type Browser, browsers } from './browsers.ts';
import { callsOf } from './confined/calls.js';
import { COMPLETE, expectJs, GIVEN, refused } from './confined/expected.ts';
import { type Site, serve } from './server.ts';

let site: Site;
let wasm: unknown[];
let js: unknown[];
beforeAll(async () => {
  site = await serve();
  wasm = callsOf(await load());
  js = callsOf(await load({ backend: 'js' }));
});
afterAll(() => site.close());

describe.each(browsers.filter(({ name }) => name !== 'WebKit'))('$name', ({ open }) => {
  let browser: Browser;
  let saw: any;
  beforeAll(async () => {
    browser = await open();
    saw = await browser.see(`${site.url}/confined/`);
  });
  afterAll(() => browser?.close());

  it('a service worker', () => {
    const { recommended, ...said } = saw.serviceWorker;
    expect(said).toEqual({
      importing: expect.stringMatching(/./),
      wasm,
      js: refused(COMPLETE),
      relaxed: refused(GIVEN),
      threads: { code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/^2 threads: /), hasCause: false },
      ownThreads: expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
      auto: 1,
      ownAuto: 1,
      sync: expect.objectContaining({ code: 'ERR_UNSUPPORTED', message: expect.stringMatching(/complete/) }),
    });
    expect(recommended).toMatchObject({ wasm, auto: 1, relaxed: 'relaxed', relaxedSmall: 'relaxed' });
    expectJs(recommended.js, js);
    expectJs(recommended.sync, js);
  });

  it('an AudioWorklet', () => {
    const { recommended, ...said } = saw.worklet;
    expect(said).toEqual({
      missing: expect.arrayContaining(['URL', 'atob', 'fetch', 'TextDecoder', 'setTimeout']),
      wasm,
      given: wasm,
      atOnce: wasm,
      js: refused(COMPLETE),
      auto: 1,
    });
    expect(recommended).toMatchObject({ wasm, auto: 1 });
    expectJs(recommended.js, js);
  });

  it('a page after a redeploy', async () => {
    const { recommended, errors, ...said } = await browser.see(`${site.url}/redeployed/`);
    expect(said).toEqual({
      wasm,
      js: refused(COMPLETE),
      relaxed: refused(GIVEN),
      threads: refused(COMPLETE),
      auto: 1,
    });
    expectJs(recommended.js, js);
    expect(recommended).toMatchObject({ threads: [2, wasm], relaxed: 'relaxed' });
    expect(errors.filter((text: string) => !/404|\/outdated\//.test(text))).toEqual([]);
  });
});
