// The package in an extension under Manifest V3, in its background and its pages, with the policy that allows WebAssembly and with the
// browser's own, which does not: what works, and that what an error recommends works where it is said.
import { beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { browsers } from './browsers.ts';
import { callsOf } from './confined/calls.js';
import { COMPLETE, expectJs, GIVEN, refused } from './confined/expected.ts';
import { type Host, POLICY, places, type Saw, sawIn } from './extension.ts';

let wasm: unknown[];
let js: unknown[];
beforeAll(async () => {
  // as a message brings them
  const posted = (value: unknown) => JSON.parse(JSON.stringify(value));
  wasm = posted(callsOf(await load()));
  js = posted(callsOf(await load({ backend: 'js' })));
});

const ALONE = refused(/^2 threads: shared memory is not available here/, false);
const BESIDE = refused(/^workers could not be started here \(.+; .*simdloss\/worker is to be an entry/);
const BLOCKED = 'WebAssembly could not be compiled here \\(.+\\); ';
const TAKE_JS = refused(new RegExp(`^${BLOCKED}load\\({ backend: 'js' }\\) works without it$`));
const TAKE_COMPLETE = refused(
  new RegExp(`^${BLOCKED}simdloss/complete has backend 'js' at hand, which works without it$`),
);

const hosts = browsers.filter(({ name }) => name !== 'WebKit').map(({ name }) => name as Host);

describe.each(hosts)('%s', (host) => {
  /** Chromium's background is a service worker; a page of an extension is isolated there alone. */
  const isWorker = (place: string) => host === 'Chromium' && place === 'background';
  const hasThreads = (place: string) => host === 'Chromium' && place !== 'background';
  /** Whether import() brings what was bundled. */
  const brings = (place: string) => !isWorker(place) && place !== '/left/page.html';

  describe('WebAssembly allowed', () => {
    let saw: Saw;
    beforeAll(async () => {
      saw = await sawIn(host, POLICY);
    }, 150_000);

    it.each(places)('%s', (place) => {
      const { recommended, losses, ...said } = saw[place];
      const threads = hasThreads(place);
      expect(said.isolated).toBe(threads);
      expect(said.fromData).toEqual(expect.any(String));
      if (isWorker(place)) expect(said.importing).toMatch(/disallowed/);
      else {
        expect(said).not.toHaveProperty('importing');
        // Chromium lets its extensions have blobs, whatever their policy says
        if (host === 'Firefox') expect(said.blobWorker).toBe('refused');
      }
      expect(said).toMatchObject({ wasm, sync: wasm });
      if (brings(place)) {
        expectJs(said.js, js);
        expect(said).toMatchObject({ relaxed: 2.5, threads: threads ? [2, wasm] : ALONE });
        expect(said.auto > 1).toBe(threads);
        expect(losses).toEqual({
          wasm: ['wasm', 1, 2.5],
          js: ['js', 1, 2.5],
          threads: threads ? ['wasm', 2, 2.5] : ALONE,
          auto: said.auto,
        });
      } else {
        expect(said).toMatchObject({
          js: refused(COMPLETE),
          relaxed: refused(GIVEN),
          threads: threads ? refused(COMPLETE) : ALONE,
          auto: 1,
        });
        expect(losses).toEqual({
          wasm: ['wasm', 1, 2.5],
          js: refused(COMPLETE),
          threads: threads ? refused(COMPLETE) : ALONE,
          auto: 1,
        });
      }
      expectJs(recommended.js, js);
      expectJs(recommended.sync, js);
      expect(recommended.relaxed).toEqual([expect.stringMatching(/relaxed|deterministic/), 2.5]);
      // the worker beside the bundle is what the page of the whole build has
      if (threads) {
        expect(recommended.threads).toEqual(brings(place) ? [2, wasm] : BESIDE);
        expect(recommended.ownThreads).toEqual([2, wasm]);
      } else expect(recommended).toMatchObject({ threads: ALONE, ownThreads: ALONE, auto: 1 });
    });
  });

  describe('WebAssembly forbidden, as it is where a manifest says nothing', () => {
    let saw: Saw;
    beforeAll(async () => {
      saw = await sawIn(host);
    }, 150_000);

    it.each(places)('%s', (place) => {
      const { recommended, losses, ...said } = saw[place];
      const way = brings(place) ? TAKE_JS : TAKE_COMPLETE;
      const alone = hasThreads(place) ? way : ALONE;
      expect(said).toMatchObject({ wasm: way, relaxed: way, threads: alone, auto: way, sync: TAKE_COMPLETE });
      expect(losses).toMatchObject({ wasm: way, threads: alone, auto: way });
      if (brings(place)) {
        expectJs(said.js, js);
        expect(losses.js).toEqual(['js', 1, 2.5]);
      } else {
        expect(said.js).toEqual(refused(COMPLETE));
        expect(losses.js).toEqual(refused(COMPLETE));
      }
      expectJs(recommended.js, js);
      expectJs(recommended.sync, js);
      expect(recommended).toMatchObject({
        relaxed: way,
        auto: TAKE_JS,
        threads: hasThreads(place) ? TAKE_JS : ALONE,
      });
    });
  });
});
