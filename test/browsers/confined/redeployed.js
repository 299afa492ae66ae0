// A page whose server no longer has what would come on demand.
import { load } from 'simdloss';
import * as complete from 'simdloss/complete';
import { callsOf, tried } from './calls.js';

tried(async () => ({
  wasm: callsOf(await load()),
  js: await tried(() => load({ backend: 'js' })),
  relaxed: await tried(() => load({ math: 'relaxed' })),
  threads: await tried(() => load({ threads: 2 })),
  auto: (await load({ threads: 'auto' })).threads,
  recommended: {
    js: callsOf(await complete.load({ backend: 'js' })),
    threads: await tried(async () => {
      const F = await complete.load({ threads: 2 });
      return [F.threads, callsOf(F)];
    }),
    relaxed: await tried(async () => {
      const module = new URL('/dist/simdloss.relaxed.wasm', location.href);
      return (await load({ math: 'relaxed', module })).math;
    }),
  },
})).then((saw) => {
  document.title = JSON.stringify(saw);
});
