// docs/evaluating.md: its examples print what they say, and its table names the figures that there are.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { evaluate } from '../../src/evaluate/index.ts';
import { kindOf } from '../../src/evaluate/kinds.ts';
import { load } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';

const text = readFileSync(new URL('../../docs/evaluating.md', import.meta.url), 'utf8');

it('examples print what their comments say', async () => {
  const code = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block).join('');
  const said = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  expect(said.length).toBe(code.split('console.log').length - 1);
  const printed: string[] = [];
  const run = new Function(
    'F',
    'evaluate',
    'console',
    `'use strict';${code.replaceAll(/^(import|const F =).*$/gm, '')}`,
  );
  run(await load(), evaluate, { log: (...values: unknown[]) => printed.push(values.join(' ')) });
  expect(printed).toEqual(said);
});

it('the table has every loss, with its figures', () => {
  const rows = [...text.matchAll(/^\| (`.*`)[^|]* \| (.*) \|$/gm)].map(([, losses, figures]) =>
    [losses, figures].map((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name)),
  );
  for (const { name } of descriptors) {
    const row = rows.find(([losses]) => losses.includes(name));
    expect((row?.[1] ?? []).sort(), name).toEqual(Object.keys(kindOf(name).figures).sort());
  }
});
