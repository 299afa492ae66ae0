// Scopes and dispose() used wrongly: everything stays usable and nothing is lost.
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { loadSync, type Tensor } from '../../src/index.ts';
import { backends } from '../instances.ts';
import { random } from '../random.ts';
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
      a: F.zeros([9]),
      get b() {
        throw new Error('mine');
      },
    });
    expect(() => F.scope(bad)).toThrow('mine');
    expect(() => F.scope(() => [F.zeros([9]), bad()])).toThrow('mine');
    expect(books()).toEqual([0, 0]);
  });

  it('a thenable, a tensor disposed inside, the same tensor twice', () => {
    const { F, books } = make();
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is refused
    expect(code(() => F.scope(() => ({ then: () => F.zeros([3]), t: F.zeros([4]) })))).toBe('ERR_TYPE');
    const t = F.scope(() => {
      const inner: Tensor = F.zeros([4]);
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
          F.zeros([5]);
          throw new Error('inner');
        }),
      ).toThrow('inner');
      return F.scope(() => new Map([['x', F.zeros([6])]]));
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
          lost.push(F.zeros([3]), F.mse.prepare([1], [2]));
          F.dispose();
          return F.zeros([1]);
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
      const graph: Any[] = [F.zeros([2])];
      for (let i = 0; i < 9; i++) graph.push(graph);
      return graph;
    });
    expect(performance.now() - started).toBeLessThan(1000);
    result[0].dispose();
    expect(books()).toEqual([0, 0]);
  });

  it('a step inside another step’s life: tensors end first, steps end twice', () => {
    const { F, books } = make();
    const x = F.zeros([30]);
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

  it('keeps what is reachable, at any depth, shared, in cycles, and frees all else', () => {
    const { F, books } = make();
    const r = random(16);
    class Mine {
      [name: string]: unknown;
    }
    /** A container, and how another object gets into it. */
    const containers: (() => [object, (x: object) => void])[] = [
      () => {
        const list: object[] = [];
        return [list, (x) => list.push(x)];
      },
      () => {
        const set = new Set<object>();
        return [set, (x) => set.add(x)];
      },
      () => {
        const map = new Map<object, unknown>();
        return [map, (x) => (r() < 0.5 ? map.set(x, 1) : map.set({}, x))];
      },
      ...[() => ({}), () => Object.create(null), () => new Mine(), () => (): number => 1].map((of) => () => {
        const object: Any = of();
        const set = (x: object): void => {
          object[`_${Object.keys(object).length}`] = x;
        };
        return [object, set] as [object, (x: object) => void];
      }),
      () => {
        const object = {};
        const get = (x: object) =>
          Object.defineProperty(object, Object.keys(object).length, { get: () => x, enumerable: true });
        return [object, get];
      },
      () => {
        const map = runInNewContext('new Map()') as Map<unknown, object>;
        return [map, (x) => map.set(map.size, x)];
      },
      () => {
        const set = new (class extends Set {
          override values(): never {
            throw new Error('not asked');
          }
        })();
        return [set, (x) => set.add(x)];
      },
    ];
    for (let round = 0; round < 60; round++) {
      const count = 1 + Math.floor(60 * r());
      const tensors: Tensor[] = [];
      const edges: number[][] = [];
      F.scope(() => {
        const nodes = Array.from({ length: count }, () => {
          const [object, put] = containers[Math.floor(r() * containers.length)]();
          return { object, put };
        });
        for (const { put } of nodes) {
          const to: number[] = [];
          edges.push(to);
          // from one to the next mostly: deep, not wide
          for (let k = Math.floor(3 * r()); k >= 0; k--) {
            const next = r() < 0.7 ? Math.min(edges.length, count - 1) : Math.floor(r() * count);
            to.push(next);
            put(nodes[next].object);
          }
          const kind = r();
          const tensor = F.zeros([1]);
          if (kind < 0.4) put(tensor);
          else if (kind < 0.6) {
            const step = F.mse.prepare(tensor, tensor, { out: tensor });
            put(step);
          } else if (kind < 0.8) put({ view: tensor.data, more: [null, undefined, 1n, 'x', tensor] });
          // else it is lost
          tensors.push(tensor);
          if (kind >= 0.8) to.push(-1);
        }
        return nodes[0].object;
      });
      const seen = new Set([0]);
      for (const node of seen) for (const next of edges[node]) if (next >= 0) seen.add(next);
      const want = tensors.map((_, i) => seen.has(i) && !edges[i].includes(-1));
      expect(tensors.map((t) => !t.disposed)).toEqual(want);
      for (const tensor of tensors) tensor.dispose();
    }
    F.dispose();
    expect(books()[1]).toBe(0);
  });

  it('a list of a million links', () => {
    const { F, books } = make();
    const list = F.scope(() => {
      let head: Any = null;
      for (let i = 0; i < 1e6; i++) head = i % 250_000 === 0 ? { head, tensor: F.zeros([2]) } : { head };
      F.zeros([2]);
      return head;
    });
    expect(books()[1]).toBe(4);
    let last = list;
    while (last.head !== null) last = last.head;
    expect(last.tensor.disposed).toBe(false);
  });

  it('proxies, revoked ones too, and what only says that it is a Map', () => {
    const { F, books } = make();
    const tensor = (): Tensor => F.zeros([2]);
    const revoked = (target: object): Any => {
      const { proxy, revoke } = Proxy.revocable(target, {});
      revoke();
      return proxy;
    };
    const kept: Any[] = F.scope(() => [
      revoked({}),
      revoked([]),
      revoked(() => 1),
      Object.create(revoked({})),
      new Proxy({ t: tensor() }, {}),
      new Proxy(new Map(), {}),
      { [Symbol.toStringTag]: 'Map', t: tensor() },
      { [Symbol.toStringTag]: 'Set', t: tensor() },
      Object.assign(new Map(), { t: tensor() }),
      new Proxy(() => 1, { get: () => undefined }),
    ]);
    expect(books()[1]).toBe(4);
    expect(kept[4].t.disposed).toBe(false);
    for (const result of [revoked({}), revoked(() => 1), Object.create(revoked({}))])
      expect(F.scope(() => [tensor(), result][1])).toBe(result);
    expect(books()[1]).toBe(4);
  });

  it('getters that throw are the caller’s own error; those that never end are one of ours', () => {
    const { F, books } = make();
    const mine = new Error('mine');
    const bad = {
      get it() {
        throw mine;
      },
    };
    const trap = () => {
      throw mine;
    };
    for (const result of [
      bad,
      [[bad]],
      new Map([[bad, 1]]),
      new Map([[1, bad]]),
      new Set([bad]),
      new Proxy({}, { ownKeys: trap }),
      new Proxy({ a: 1 }, { get: trap }),
      {
        // biome-ignore lint/suspicious/noThenProperty: what is read first
        get then() {
          throw mine;
        },
      },
    ]) {
      expect(() => F.scope(() => [F.zeros([3]), result][1])).toThrow(mine);
      expect(books()).toEqual([0, 0]);
    }
    const endless = (): object => ({
      get next() {
        return [endless(), Array.from({ length: 5000 }, () => [])];
      },
    });
    expect(code(() => F.scope(() => [F.zeros([3]), endless()][1]))).toBe('ERR_TYPE');
    expect(books()).toEqual([0, 0]);
  });
});
