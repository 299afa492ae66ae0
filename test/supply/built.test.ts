// What minifying must not change: the built package answers as the sources do where they rely on what is thrown.
import { describe, expect, it } from 'vitest';

/** As its types say, which stand beside the entry of Node alone. */
const built = (path: string): Promise<typeof import('../../src/index.ts')> =>
  import(new URL(`../../dist/${path}`, import.meta.url).href);

const entries = {
  sources: await import('../../src/index.ts'),
  built: await built('index.js'),
  browser: await built('load/browser.js'),
};

describe.each(Object.entries(entries))('%s', (_, { load }) => {
  it('a revoked proxy has an error with a code, wherever it is given', async () => {
    const F: any = await load();
    const x = Float32Array.of(1, 2);
    const revoked = () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    };
    const calls = [
      () => F.mse(revoked(), x),
      () => F.mse(x, revoked()),
      () => F.mse(x, x, revoked()),
      () => F.mse(x, x, { weight: revoked() }),
      () => F.mse.grad(x, x, { out: revoked() }),
      () => F.tensor(revoked()),
    ];
    for (const call of calls) {
      expect(call).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }));
    }
  });
});
