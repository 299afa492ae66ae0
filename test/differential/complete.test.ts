import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { registry } from '../../src/losses/registry.ts';

it('sweeps over every loss of the registry', () => {
  const folder = new URL('./', import.meta.url);
  const swept = readdirSync(folder).flatMap((file) => {
    const list = /^sweep\(\[(.*)\]\);$/m.exec(readFileSync(new URL(file, folder), 'utf8'));
    return list ? list[1].split(',').map((name) => name.trim().slice(1, -1)) : [];
  });
  expect(swept.sort()).toEqual(Object.keys(registry).sort());
});
