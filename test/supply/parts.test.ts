// What a bundle has that imports a few losses: their parts and the code that calls them, nothing of the others.
import { afterAll, describe, expect, it } from 'vitest';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { descriptors } from '../../src/losses/registry.ts';
import { install } from '../engines/packed.ts';
import { atOnce } from './atOnce.ts';

const installed = install();
afterAll(() => installed.remove());

/** An entry that imports losses and loads them. */
function importing(names: readonly string[], from = 'simdloss/losses'): string {
  const list = names.join(', ');
  return installed.write(
    'entry.js',
    `import { load, ${list} } from '${from}';\nglobalThis.F = load({ losses: [${list}] });`,
  );
}

describe('bundled with its modules as files, gzipped', () => {
  it.each([
    // 31 and 28 kB are the aim; the loop of three classes takes half a kB
    { names: ['crossEntropy'], most: 32_850 },
    { names: ['l1', 'mse', 'bceWithLogits'], most: 31_550 },
  ])('$names: at most $most bytes', async ({ names, most }) => {
    const { all, modules } = await atOnce(importing(names), ['workerd']);
    console.log(`${names.join(', ')}: ${all} bytes`);
    expect(modules).toEqual(names.map((name) => `${name}.f32.wasm`).sort());
    expect(all).toBeLessThanOrEqual(most);
  });
});

/** How a descriptor begins, whatever quotes a minifier prefers. */
const markOf = ({ name }: Descriptor): RegExp => new RegExp(`name:\\s*(["'\`])${name}\\1,\\s*like:`);

describe.each([['workerd'], ['edge-light'], ['browser'], ['node']])('under the condition %s', (condition) => {
  it.each(descriptors)('$name is alone', async (descriptor) => {
    const { code } = await atOnce(importing([descriptor.name]), [condition]);
    expect(code).toMatch(markOf(descriptor));
    const others = descriptors.filter((other) => other !== descriptor);
    expect(others.flatMap((other) => (markOf(other).test(code) ? other.name : []))).toEqual([]);
    // nor what others share, which bundlers keep where it is computed
    const foreign = new Set(others.flatMap(({ options }) => Object.keys(options)));
    for (const name of Object.keys(descriptor.options)) foreign.delete(name);
    expect([...foreign].filter((name) => new RegExp(`[{,\\s]${name}:\\s*[\\w$]+\\(`).test(code))).toEqual([]);
  });
});
