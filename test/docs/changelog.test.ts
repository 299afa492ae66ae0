// CHANGELOG.md: the form of keepachangelog.com, the version that the package has, and every loss that came.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { descriptors } from '../../src/losses/registry.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const text = read('CHANGELOG.md');
const [, ...versions] = text.split(/^## /m);
/** Of 0.1.0. */
const NINE = 'l1 mse huber smoothL1 bce bceWithLogits nll crossEntropy klDiv'.split(' ');

describe('CHANGELOG.md', () => {
  it('begins with the version of the package', () => {
    expect(versions[0].split(' ')[0]).toBe(JSON.parse(read('package.json')).version);
  });

  it.each(versions.map((version) => [version.split('\n')[0], version]))(
    '%s: kinds of changes',
    (_, version) => {
      const kinds = [...version.matchAll(/^### (\w+)(: breaks what was)?$/gm)].map(([, kind]) => kind);
      expect(kinds.length).toBe(version.match(/^### /gm)?.length);
      expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toEqual(
        expect.arrayContaining(kinds),
      );
      for (const entries of version.split(/^### .*\n\n/m).slice(1))
        expect(entries.trim()).toMatch(/^- [\s\S]*\.$/);
    },
  );

  it('names every loss that was added', () => {
    const added = descriptors.map(({ name }) => name).filter((name) => !NINE.includes(name));
    for (const name of added) expect(text).toContain(`\`${name}\``);
  });
});
