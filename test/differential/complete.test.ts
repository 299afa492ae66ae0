import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { groupOf, names } from './sweep.ts';

it('there is a file for every group of losses', () => {
  const folder = new URL('./', import.meta.url);
  const swept = readdirSync(folder).flatMap(
    (file) => /^sweep\('(.*)'\);$/m.exec(readFileSync(new URL(file, folder), 'utf8'))?.[1] ?? [],
  );
  expect(swept.sort()).toEqual([...new Set(names.map(groupOf))].sort());
});
