// The part of the seeded work that test/engines has every runtime do: its digests, which change with the kernels
// (run with SIMDLOSS_UPDATE=1 to write them), never with the engine.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/index.ts';
import { load } from '../../src/index.ts';
import { evaluations, shortDigests } from '../engines/suite.ts';

const file = new URL('../engines/digests.json', import.meta.url);

it('what every engine does has the committed digests', async () => {
  const F = await load();
  const actual = { ...shortDigests(F), evaluations: evaluations(F, evaluate) };
  if (process.env.SIMDLOSS_UPDATE) writeFileSync(file, `${JSON.stringify(actual, null, 2)}\n`);
  expect(actual).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});
