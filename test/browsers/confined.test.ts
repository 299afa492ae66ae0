// Where nothing comes on demand: a service worker, an AudioWorklet, a page after a redeploy. Errors say what helps, and that does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { type Browser, browsers } from './browsers.ts';
import { callsOf } from './confined/calls.js';
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

const COMPLETE = /comes on demand here, and did not come \(.+\): simdloss\/complete has it at hand$/;
const GIVEN = /comes on demand here, and did not come \(.+\): give "module" simdloss\/simdloss.relaxed.wasm/;
const refused = (message: RegExp) => ({
  code: 'ERR_UNSUPPORTED',
  message: expect.stringMatching(message),
  hasCause: true,
});
/** Engines have a Math of their own, which the js backend takes. */
function expectJs(got: any): void {
  expect(got).toHaveLength(js.length);
  got.forEach((said: unknown, i: number) => {
    if (typeof js[i] === 'string') expect(said).toBe(js[i]);
    else
      [said].flat().forEach((number, k) => {
        expect(number).toBeCloseTo([js[i]].flat()[k] as number, 6);
      });
  });
}

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
    expectJs(recommended.js);
    expectJs(recommended.sync);
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
    expectJs(recommended.js);
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
    expectJs(recommended.js);
    expect(recommended).toMatchObject({ threads: [2, wasm], relaxed: 'relaxed' });
    expect(errors.filter((text: string) => !/404|\/outdated\//.test(text))).toEqual([]);
  });
});
