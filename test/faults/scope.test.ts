// Scopes and dispose() used wrongly: everything stays usable and nothing is lost.
import { describe, expect, it } from 'vitest';
import { loadSync, type Tensor } from '../../src/index.ts';
import { backends } from '../instances.ts';
import { code } from './caught.ts';

type Any = any;

describe.each(backends)('%s', (backend) => {
  const make = () => {
    const F = loadSync({ backend }) as Any;
    const used = F.memory.bytesInUse;
    const books = () => [F.memory.bytesInUse - used, F.memory.liveTensors];
    return { F, books };
  };

  it('a result whose getter throws frees what was made', () => {
    const { F, books } = make();
    const bad = () => ({
      a: F.tensor([9]),
      get b() {
        throw new Error('mine');
      },
    });
    expect(() => F.scope(bad)).toThrow('mine');
    expect(() => F.scope(() => [F.tensor([9]), bad()])).toThrow('mine');
    expect(books()).toEqual([0, 0]);
  });

  it('a thenable, a tensor disposed inside, the same tensor twice', () => {
    const { F, books } = make();
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is refused
    expect(code(() => F.scope(() => ({ then: () => F.tensor([3]), t: F.tensor([4]) })))).toBe('ERR_TYPE');
    const t = F.scope(() => {
      const inner: Tensor = F.tensor([4]);
      inner.dispose();
      return [inner, inner];
    });
    expect(code(() => t[0].data)).toBe('ERR_DISPOSED');
    expect(books()).toEqual([0, 0]);
  });

  it('nested scopes, one of which throws, and an inner tensor passed out of both', () => {
    const { F, books } = make();
    const kept = F.scope(() => {
      expect(() =>
        F.scope(() => {
          F.tensor([5]);
          throw new Error('inner');
        }),
      ).toThrow('inner');
      return F.scope(() => new Map([['x', F.tensor([6])]]));
    });
    expect(kept.get('x').disposed).toBe(false);
    kept.get('x').dispose();
    expect(books()).toEqual([0, 0]);
  });

  it('the instance disposed inside, then used', () => {
    const { F } = make();
    const lost: Any[] = [];
    expect(
      code(() =>
        F.scope(() => {
          lost.push(F.tensor([3]), F.mse.prepare([1], [2]));
          F.dispose();
          return F.tensor([1]);
        }),
      ),
    ).toBe('ERR_DISPOSED');
    expect(lost[0].disposed).toBe(true);
    expect(code(lost[1])).toBe('ERR_DISPOSED');
    F.dispose();
    expect(F.memory.liveTensors).toBe(0);
  });

  it('what is returned may refer to itself, again and again', () => {
    const { F, books } = make();
    const started = performance.now();
    const result = F.scope(() => {
      const graph: Any[] = [F.tensor([2])];
      for (let i = 0; i < 9; i++) graph.push(graph);
      return graph;
    });
    expect(performance.now() - started).toBeLessThan(1000);
    result[0].dispose();
    expect(books()).toEqual([0, 0]);
  });

  it('a step inside another step’s life: tensors end first, steps end twice', () => {
    const { F, books } = make();
    const x = F.tensor([30]);
    const steps = [F.mse.prepare(x, x), F.l1.prepare(x, new Float32Array(30))];
    x.dispose();
    for (const step of steps) {
      expect(code(step)).toBe('ERR_DISPOSED');
      step.dispose();
      step.dispose();
      expect(code(step)).toBe('ERR_DISPOSED');
    }
    expect(books()).toEqual([0, 0]);
  });
});
