// Side by side is no overlap, one element shared is.
import { describe, expect, it } from 'vitest';
import { backends, loaded } from '../instances.ts';

type Any = any;

describe.each(backends)('%s', (backend) => {
  const F = loaded[backend] as Any;
  const N = 6;

  /** A call whose result starts `shift` elements after its input, in one buffer. */
  const call = (whole: Float32Array, shift: number): Float32Array => {
    const at = 2 * N;
    const input = whole.subarray(at, at + N).fill(3);
    const out = whole.subarray(at + shift, at + shift + N);
    F.mse.grad(input, new Float32Array(N), { out, reduction: 'sum' });
    return out;
  };
  const code = (run: () => unknown): string => {
    try {
      run();
      return 'nothing thrown';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  describe.each(['array', 'tensor'])('in one %s', (kind) => {
    const whole = (): Float32Array =>
      kind === 'array' ? new Float32Array(5 * N) : F.zeros([5 * N], 'f32').data;

    it.each([-N, 0, N])('%i elements further: written', (shift) => {
      expect([...call(whole(), shift)]).toEqual(Array(N).fill(6));
    });

    it.each([1 - N, -1, 1, N - 1])('%i elements further: ERR_OPTION', (shift) => {
      expect(code(() => call(whole(), shift))).toBe('ERR_OPTION');
    });

    it('the same start, another length: ERR_OPTION', () => {
      const data = whole();
      const logits = { data: data.subarray(0, 2 * N), shape: [N, 2] };
      const none = (from: number) =>
        F.crossEntropy(logits, new Int32Array(N), { reduction: 'none', out: data.subarray(from, from + N) });
      expect(code(() => none(0))).toBe('ERR_OPTION');
      expect(code(() => none(2 * N))).toBe('nothing thrown');
    });

    it('nothing overlaps what has no elements', () => {
      const data = whole();
      const empty = data.subarray(3, 3);
      expect(code(() => F.mse.grad(empty, empty, { out: data.subarray(3, 3) }))).toBe('nothing thrown');
    });
  });
});
