// What Node prints of an error that nobody catches: the source line that threw, and where; and what names are in built code.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';
import { install } from '../engines/packed.ts';

const made = install();
afterAll(() => made.remove());
const { exports } = JSON.parse(readFileSync(join(made.package, 'package.json'), 'utf8'));

/** Every file that some entry leads to which loads instances, of the conditions that Node can run. */
const files = [
  ...new Set(
    Object.values<string | Record<string, string>>(exports)
      .flatMap((conditions) => Object.entries(conditions))
      .filter(([condition, path]) => !/types|workerd|edge-light/.test(condition) && path.endsWith('.js'))
      .map(([, path]) => path)
      .flatMap((path) =>
        path.includes('*') ? descriptors.map(({ name }) => path.replace('*', name)) : path,
      ),
  ),
].filter((path) => !/worker|evaluate|tfjs|duckdb|clickhouse/.test(path));

const run = (source: string) =>
  spawnSync(process.execPath, [made.write('uncaught.mjs', source)], { encoding: 'utf8' });
const from = (path: string) => JSON.stringify(join(made.package, path));
/** How an entry is asked for an instance. */
const loaded = (path: string): string =>
  path.includes('parts/index')
    ? 'await all.load({ losses: [all.mse] })'
    : path.includes('parts/')
      ? `await all.load({ losses: [all.${/parts\/(\w+)/.exec(path)![1]}] })`
      : path.includes('core')
        ? "await all.load({ module: readFileSync(new URL(import.meta.resolve('simdloss/simdloss.wasm'))) })"
        : 'await all.load()';

describe.each(files)('%s', (path) => {
  const start = `import { readFileSync } from 'node:fs'; import * as all from ${from(path)};\n`;

  it.each([
    ['load', 'await all.load({ nonsense: 1 });'],
    ['an option', `const F = ${loaded(path)}; F.tensor(new Float32Array(2), [3]);`],
    [
      'a loss',
      `const F = ${loaded(path)}; const name = Object.keys(F).find((key) => F[key].prepare); F[name](1, 2, { x: 1 });`,
    ],
    [
      'a disposed tensor',
      `const F = ${loaded(path)}; const x = F.tensor(new Float32Array(2)); x.dispose(); x.data;`,
    ],
  ])('%s: at most 2 kB', (_, source) => {
    const { stderr, status } = run(start + source);
    expect(status).toBe(1);
    expect(stderr).toMatch(/code: 'ERR_/);
    expect(stderr.length, stderr.slice(0, 3000)).toBeLessThanOrEqual(2048);
  });

  it('public names are what the sources call them', () => {
    const { stdout, stderr } = run(`${start}
      const F = ${loaded(path)};
      const names = (object) => Object.entries(object).flatMap(([key, value]) =>
        typeof value === 'function' && value.name !== key ? [key + ': ' + value.name] : []);
      const losses = Object.values(F).filter((value) => typeof value === 'function');
      console.log(JSON.stringify([...names(all), ...names(F), ...names(F.memory), ...losses.flatMap(names)]));
      console.log(String(F.tensor(new Float32Array(1)).constructor.name));`);
    expect(stdout, stderr).toBe('[]\nTensor\n');
  });

  it('consoles of browsers show class, shape and dtype of a tensor', () => {
    const { stdout, stderr } = run(`${start} import { Session } from 'node:inspector';
      const F = ${loaded(path)};
      globalThis.x = F.tensor(new Float32Array(6), [2, 3]);
      const session = new Session();
      session.connect();
      session.post('Runtime.evaluate', { expression: 'x', generatePreview: true }, (_, { result }) => {
        const { description, properties } = result.preview;
        console.log([description, ...properties.map(({ name, value }) => name + ': ' + value)].join(', '));
      });`);
    const ownNames = path.includes('reactNative')
      ? /^Tensor, dtype: f32, length: 6, byteOffset: 0/
      : /^Tensor, #shape: Array\(2\), #data: Float32Array\(6\), .*dtype: f32$/;
    expect(stdout.trim(), stderr).toMatch(ownNames);
  });
});
