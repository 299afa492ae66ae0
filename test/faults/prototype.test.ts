// Another script has put something on Object.prototype, of this realm or of another: no call and no load takes notice. What a
// caller's own classes have counts.
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { load, loadSync } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { loadSync as loadParts } from '../../src/parts/load.ts';
import { inlineModule } from '../../src/wasm/generated/inlinePlain.ts';
import { both } from '../parts/every.ts';
import { code } from './caught.ts';

type Any = any;
type Backend = 'wasm' | 'js';

/** Everything that is read of a caller's objects, or that the platform reads of ours. */
const names = [
  ...new Set([
    ...descriptors.flatMap(({ options }) => Object.keys(options)),
    ...['reduction', 'sampleWeight', 'gradOutput', 'allIgnored', 'wrt', 'out', 'compute', 'axis'],
    ...['hessian', 'hessianScale', 'minHessian'],
    ...['backend', 'math', 'threads', 'module', 'memory', 'worker', 'base', 'size', 'initial', 'maximum'],
    ...['data', 'shape', 'stride', 'strides', 'offset', 'value', 'grad', 'hess', 'input', 'target', 'then'],
    ...['shared', 'minimum', 'index', 'address', 'arrayBuffer', 'code', 'name', 'cause', 'relaxed', 'unref'],
    ...[
      'buffer',
      'byteOffset',
      'byteLength',
      'losses',
      'create',
      'of',
      'f32',
      'f64',
      'text',
      'on',
      'headers',
    ],
    ...['scale', 'upstream', 'upstreamIsReduced', 'operand', 'number', 'batchmean', 'isGeneral', 'soft'],
    ...['isLowOpen', 'isHighOpen', 'isInteger', 'backward', 'execArgv', 'eval', 'env', 'argv', 'credentials'],
    ...['get', 'set', 'writable', 'enumerable', 'configurable', 'anything', 'else'],
  ]),
];
const values: readonly unknown[] = [
  'sum',
  3,
  () => 'sum',
  { data: Float32Array.of(7, 7, 7, 7), shape: [2, 2] },
  Float32Array.of(7, 7, 7, 7),
];

/** How another script may have put it there: for-in sees it or not; what inherits it may be assigned to or not. */
const ways: Record<string, (value: unknown) => PropertyDescriptor> = {
  'assigned, and seen by for-in': (value) => ({ value, writable: true, enumerable: true }),
  'hidden from for-in': (value) => ({ value, writable: true, enumerable: false }),
  'read-only, as where prototypes are frozen': (value) => ({ value, writable: false, enumerable: true }),
  'an accessor': (value) => ({ get: () => value, set: undefined, enumerable: false }),
};
type Way = (typeof ways)[string];

/** Runs with the properties on Object.prototype, of this realm and of another. */
function extended<T>(properties: Record<string, unknown>, way: Way, run: () => T): T {
  // all made before the first is there: a `get` among them would spoil the next descriptor
  const descriptors = Object.entries(properties).map(
    ([name, value]) =>
      [name, Object.assign(Object.create(null), way(value), { configurable: true })] as const,
  );
  const prototypes = [Object.prototype, foreignObject.prototype];
  for (const [name, descriptor] of descriptors)
    for (const prototype of prototypes) Object.defineProperty(prototype, name, descriptor);
  try {
    return run();
  } finally {
    for (const [name] of descriptors)
      for (const prototype of prototypes) Reflect.deleteProperty(prototype, name);
  }
}

/** The forms that a caller's object may have. */
type Form = (properties: object) => Any;
const context = createContext({});
const foreignObject = runInContext('Object', context);
/** As assignments would, where a prototype may forbid them. */
const filled = (object: object, properties: object): object => {
  for (const [name, value] of Object.entries(properties)) {
    const own = Object.assign(Object.create(null), { value, enumerable: true, writable: true });
    Object.defineProperty(object, name, own);
  }
  return object;
};
const forms: Record<string, Form> = {
  literal: (o) => o,
  'without a prototype': (o) => filled(Object.create(null), o),
  'inherits from a literal': (o) => Object.create(o),
  'inherits from one without a prototype': (o) => Object.create(filled(Object.create(null), o)),
  'of a class with accessors': (o) => {
    class Given {
      method(): void {}
    }
    for (const [name, value] of Object.entries(o)) {
      const accessor = Object.assign(Object.create(null), { get: () => value });
      Object.defineProperty(Given.prototype, name, accessor);
    }
    return new (class extends Given {})();
  },
  'of a class with fields': (o) =>
    filled(
      new (class Given {
        method(): void {}
      })(),
      o,
    ),
  'of another realm': (o) => filled(new foreignObject(), o),
};

const bytes = inlineModule();
const { buffer } = bytes.slice();
const module = new WebAssembly.Module(bytes);
const parts = [both.mse, both.softmax];
const region = new WebAssembly.Memory({ initial: 4 });

/** What every kind of call says, on objects of one form; errors by their codes. */
function battery(form: Form, backend: Backend): string {
  // of a class, only what is known can be told from its other members
  const strict = form === forms['of a class with accessors'] ? forms.literal : form;
  const said: unknown[] = [];
  const say = (run: () => unknown): void => {
    try {
      said.push(run());
    } catch (error) {
      said.push((error as Any).code ?? String(error));
    }
  };
  const of = backend === 'wasm' ? form({ module }) : form({ backend, math: 'deterministic', threads: 1 });
  const F: Any = loadSync(of);
  const x = form({ data: Float32Array.of(1, -2, 3, 0.5), shape: [2, 2] });
  const t = form({ data: Float32Array.of(0, 1, 0, 1), shape: [2, 2] });
  if (backend === 'wasm') {
    const capacity = (options: object) => (loadSync(form({ module, ...options })) as Any).memory.capacity;
    say(() => capacity({ memory: form({ initial: 3, maximum: 4 }) }));
    say(() => capacity({ memory: form({ memory: region, base: 65536, size: 131072 }) }));
    say(() => loadSync({ module, memory: strict({ initial: 1, base: 3 }) }));
  }
  say(() => loadSync(strict({ nothing: 1 })));
  say(() => F.mse([1, 2], [3, 5]));
  say(() => F.mse([1, 2], [3, 5], form({})));
  say(() => F.mse([1, 2], [3, 5], form({ reduction: 'sum' })));
  say(() => F.mse([1, 2], [3, 5], form({ reduction: undefined, weight: 2 })));
  say(() => F.mse([1, 2], [3, 5], strict({ reductoin: 'sum' })));
  say(() => F.mse.valueAndGrad(x, t, { out: strict({ grda: 1 }) }));
  say(() => F.mse(x, t, form({ reduction: 'none' })));
  say(() => F.bceWithLogits.valueAndGrad(x, t, form({ posWeight: [2, 3], gradOutput: 0.5 })));
  say(() =>
    F.crossEntropy.valueAndGrad(x, [0, 1], form({ labelSmoothing: 0.1, weight: Float32Array.of(1, 2) })),
  );
  say(() => F.crossEntropy.grad(x, t, form({ wrt: ['input', 'target'] })));
  say(() => F.crossEntropy(x, [0, 1], form({ axis: 5 })));
  const out = () => form({ data: new Float32Array(4), shape: [2, 2] });
  say(() => F.mse.grad(x, t, form({ out: out() })).data);
  say(() => F.mse.valueAndGrad(x, t, form({ out: form({ grad: out() }) })).grad.data);
  say(() => F.mse.valueAndGrad(x, t, form({ reduction: 'none', out: form({ value: out() }) })).value.data);
  say(() => F.mse.grad(x, t, form({ wrt: ['input'], out: form({ input: out() }) })).input.data);
  say(() => F.mse.grad(x, t, form({ out: form({ data: new Float32Array(4) }) })));
  say(() => F.mse.grad(x, t, form({ out: form({}) })));
  const { grad, hess } = F.mse.gradAndHess(
    x,
    t,
    form({ out: form({ grad: out(), hess: out() }), minHessian: 3 }),
  );
  say(() => [grad.data, hess.data]);
  say(() => F.mse.gradAndHess(x, t, form({ out: form({ hess: out() }), hessian: 'one' })).hess.data);
  say(() => F.mse(form({ shape: [1] }), t));
  say(() => F.mse(form({ data: new Float32Array(1) }), t));
  say(() => F.mse(form({ data: new Float32Array(4), shape: [2, 2], stride: [1, 2] }), t));
  say(() => F.mse(form({ data: new Float32Array(4), shape: [2, 2], offset: 1 }), t));
  say(() => F.softmax(x, form({ axis: 0 })).data);
  say(() => F.softmax.grad(x, t, form({ out: out() })).data);
  say(() => F.exp(x, form({ out: out() })).data);
  const [a, b] = [F.tensor(x), F.tensor(t)];
  const step = F.mse.prepare(a, b, form({ compute: 'valueAndGrad', reduction: 'sum' }));
  say(() => [step(), step.value, step.grad.data]);
  const named = form({ compute: 'grad', wrt: ['target'], out: form({ grad: form({ target: out() }) }) });
  say(() => F.mse.prepare(x, t, named)().target.data);
  say(() => F.mse.prepare(x, t, form({ compute: 'gradAndHess', out: form({ grad: out() }) }))().grad.data);
  say(() => F.mse.prepare(x, t, form({ compute: 'all' })));
  say(() => {
    const { kept, deep } = F.scope(() => ({ kept: F.zeros([1]), deep: { list: [F.zeros([2])] }, lost: 1 }));
    return [kept.disposed, deep.list[0].disposed];
  });
  // biome-ignore lint/suspicious/noThenProperty: it is what is to be told
  say(() => F.scope(() => ({ then: () => {} })));
  const live = F.memory.liveTensors;
  F.scope(() => void F.zeros([4]));
  say(() => F.memory.liveTensors - live);
  F.dispose();
  return JSON.stringify(said, (_, value) =>
    ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value,
  );
}

const backends: readonly Backend[] = ['wasm', 'js'];

describe.each(Object.entries(forms))('objects that are: %s', (name, form) => {
  it.each(backends)('say the same as literals: %s', (backend) => {
    expect(battery(form, backend)).toBe(battery(forms.literal, backend));
  });

  it('say the same beside any one name on Object.prototype', () => {
    const wanted = battery(forms.literal, 'wasm');
    // in one form or another, each name is there in each way and with each value
    const turn = Object.keys(forms).indexOf(name);
    names.forEach((name, i) => {
      const [wayName, way] = Object.entries(ways)[turn % 4];
      const value = values[(i + turn) % values.length];
      const got = extended({ [name]: value }, way, () => battery(form, 'wasm'));
      expect(got, `${name}, ${wayName}`).toBe(wanted);
    });
  });

  it.each(backends)('beside all names at once: %s', (backend) => {
    const wanted = battery(forms.literal, backend);
    const turn = Object.keys(forms).indexOf(name);
    Object.values(ways).forEach((way, i) => {
      const value = values[(i + turn) % values.length];
      const all = Object.fromEntries(names.map((name) => [name, value]));
      expect(extended(all, way, () => battery(form, backend))).toBe(wanted);
    });
  });
});

it.each(Object.entries(forms))('parts, for objects that are: %s', (_, form) => {
  const empty = () => code(() => (loadParts as Any)(form({ losses: [form({})] })));
  expect(empty()).toBe('ERR_TYPE');
  for (const value of values) {
    const all = Object.fromEntries(names.map((name) => [name, value]));
    const way = ways['hidden from for-in'];
    const F = extended(all, way, () => loadParts(form({ losses: parts })) as Any);
    expect([F.mse([3], [1]), F.softmax([3]).data[0]]).toEqual([4, 1]);
    expect(extended(all, way, empty)).toBe('ERR_TYPE');
  }
});

it('what load takes a module from', () => {
  const sources: Record<string, unknown> = { bytes, buffer, module, inline: undefined };
  for (const [name, module] of Object.entries(sources)) {
    for (const value of values) {
      const all = Object.fromEntries(names.map((name) => [name, value]));
      const F = extended(all, ways['hidden from for-in'], () => loadSync({ module: module as Any }));
      expect(F.mse([3], [1]), name).toBe(4);
    }
  }
});

it('load() itself, which waits in between', async () => {
  const sources = [undefined, bytes, buffer, module];
  for (const [i, name] of names.entries()) {
    // a function of that name would end every promise
    const value = name === 'then' ? 'sum' : () => 'sum';
    const options = { module: sources[i % sources.length] as Any };
    const promise = extended({ [name]: value }, ways['assigned, and seen by for-in'], () => load(options));
    expect((await promise).mse([3], [1]), name).toBe(4);
  }
});

it('load() while Object.prototype stays as it is, with workers', async () => {
  const all = names.filter((name) => !['then', 'get', 'set', 'on'].includes(name));
  for (const value of values) {
    const F = await extendedUntil(Object.fromEntries(all.map((name) => [name, value])), () =>
      load({ threads: 2, module: bytes }),
    );
    expect([F.mse([3], [1]), F.threads]).toEqual([4, 2]);
    F.dispose();
  }
});

/** The same for what takes a while; what node has to do meanwhile does not mind. */
async function extendedUntil<T>(properties: Record<string, unknown>, run: () => Promise<T>): Promise<T> {
  for (const [name, value] of Object.entries(properties)) {
    const hidden = Object.assign(Object.create(null), { value, configurable: true, writable: true });
    Object.defineProperty(Object.prototype, name, hidden);
  }
  try {
    return await run();
  } finally {
    for (const name of Object.keys(properties)) Reflect.deleteProperty(Object.prototype, name);
  }
}
