// What is expected where code on demand may not come.
import { expect } from 'vitest';

export const COMPLETE = /comes on demand here, and did not come \(.+\): simdloss\/complete has it at hand$/;
export const GIVEN =
  /comes on demand here, and did not come \(.+\): give "module" simdloss\/simdloss.relaxed.wasm$/;

export const refused = (message: RegExp, hasCause = true) => ({
  code: 'ERR_UNSUPPORTED',
  message: expect.stringMatching(message),
  hasCause,
});

/** Of calls on the js backend; engines have a Math of their own, which it takes. */
export function expectJs(got: any, js: readonly unknown[]): void {
  expect(got).toHaveLength(js.length);
  got.forEach((said: unknown, i: number) => {
    if (typeof js[i] === 'string') expect(said).toBe(js[i]);
    else
      [said].flat().forEach((number, k) => {
        expect(number).toBeCloseTo([js[i]].flat()[k] as number, 6);
      });
  });
}
