// Names of properties that minifying shortens are the code's own: nothing that users, workers, modules or platforms read is among them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { abiSource, withNumbers } from '../../scripts/bundle/constants.ts';
import { internalNames } from '../../scripts/bundle/internal.ts';
import * as abi from '../../src/abi.ts';
import * as sources from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const names = internalNames(root);
/** What is marked as internal stands on tensors, whose other properties are private. */
const internal = new Set(Object.entries(names).flat());
const built = (path: string): Promise<typeof sources> => import(join(root, 'dist', path));

/** Every name that can be reached from an object: its own, its class's, and those of what it has, functions included. */
function reachable(root: unknown): string[] {
  const found = new Set<string>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (value === null || !['object', 'function'].includes(typeof value) || seen.has(value)) return;
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return;
    seen.add(value);
    for (let at: object | null = value as object; at && !isNative(at); at = Object.getPrototypeOf(at))
      for (const key of Object.getOwnPropertyNames(at)) {
        if (internal.has(key)) continue;
        if (!/^\d+$/.test(key)) found.add(key);
        const { get, value: member } = Object.getOwnPropertyDescriptor(at, key)!;
        if (get === undefined) visit(member);
        // a class's own prototype has nothing for its getters to read
        else if (at !== value || !Object.hasOwn(at, 'constructor')) visit(get.call(value));
      }
  };
  visit(root);
  return [...found].sort();
}
const isNative = (object: object): boolean =>
  [Object, Function, Array, Error, TypeError, RangeError].some((one) => one.prototype === object);

/** What an instance hands out in calls of every form, and what it throws. */
async function handedOut({ load, Tensor }: typeof sources): Promise<unknown[]> {
  const F = await load();
  const x = F.tensor([1, 2, 3]);
  const t = Float32Array.of(0, 2, 5);
  const step = F.mse.prepare(x, t, { compute: 'gradAndHess' });
  let thrown: unknown;
  try {
    F.mse(x, [1] as never, { weight: 'no' as never });
  } catch (error) {
    thrown = { code: (error as { code: string }).code };
  }
  return [F, Tensor, x, step, step(), F.mse.valueAndGrad(t, t, { wrt: ['input', 'target'] }), thrown];
}

describe('shortened names', () => {
  it('are many, and each has a name of its own', () => {
    expect(Object.keys(names).length).toBeGreaterThan(60);
    const short = Object.values(names);
    expect(new Set(short).size).toBe(short.length);
    expect(short.filter((name) => Object.hasOwn(names, name))).toEqual([]);
  });

  it.each(['index.js', 'load/browser.js', 'load/reactNative.js'])(
    '%s hands out what the sources do',
    async (path) => {
      const own = await handedOut(sources);
      const wanted = reachable(own);
      expect(wanted).toEqual(expect.arrayContaining(['valueAndGrad', 'highWaterMark', 'byteOffset', 'hess']));
      // an entry that lacks attach or threads still has them as functions
      expect(reachable(await handedOut(await built(path)))).toEqual(wanted);
    },
  );

  it('are none that workers are sent, that losses and modules have, or that a text says', () => {
    const threads = readdirSync(join(root, 'src/threads')).map((name) =>
      readFileSync(join(root, 'src/threads', name), 'utf8').replaceAll(
        /\/\*[\s\S]*?\*\/|\/\/.*|'.*?'|#\w+/g,
        '',
      ),
    );
    const others = [
      ...threads.flatMap((text) => text.match(/\w+/g)!),
      ...descriptors.flatMap(({ name, options, inputs }) => [
        name,
        ...Object.keys(options),
        ...inputs.map((input) => input.name),
      ]),
      ...WebAssembly.Module.exports(
        new WebAssembly.Module(readFileSync(join(root, 'build/simdloss.wasm'))),
      ).map(({ name }) => name),
      ...[
        'env',
        'memory',
        'code',
        'cause',
        'data',
        'shape',
        'dims',
        'stride',
        'strides',
        'offset',
        'type',
        'Buffer',
        'length',
      ],
    ];
    expect(others.length).toBeGreaterThan(1000);
    expect(others.filter((name) => Object.hasOwn(names, name))).toEqual([]);
  });
});

describe('numbers of abi.ts', () => {
  it('worked out, are what it exports', async () => {
    const url = `data:text/javascript,${encodeURIComponent(abiSource())}`;
    const worked = await import(/* @vite-ignore */ url);
    expect(Object.keys(worked).sort()).toEqual(Object.keys(abi).sort());
    for (const [name, value] of Object.entries(abi))
      if (typeof value !== 'function') expect(worked[name]).toEqual(value);
    for (const classes of [1, 8, 9, 64]) expect(worked.tileBytes(classes)).toBe(abi.tileBytes(classes));
  });

  it('stand where they are read', () => {
    expect(
      withNumbers('u32[offsetOf.p0 >>> 3] = FLAGS.INDEX | FLAGS[name]; SLOTS.length; SLOTS.map(f)'),
    ).toBe(
      `u32[${abi.offsetOf.p0} >>> 3] = ${abi.FLAGS.INDEX} | FLAGS[name]; ${abi.SLOTS.length}; SLOTS.map(f)`,
    );
  });
});
