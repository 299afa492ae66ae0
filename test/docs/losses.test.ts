// docs/losses.md: a section for each loss, and examples that print what their comments say.
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { ELSEWHERE } from '../../scripts/generate/elsewhere.ts';
import { load } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('docs/losses.md', root), 'utf8');
const F = await load();
afterAll(() => F.dispose());

const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section]),
);

describe.each(descriptors)('$name', ({ name, options, inputs, like }) => {
  const section = sections.get(`\`${name}\``) ?? '';

  it('has a section with what a reader needs', () => {
    expect(section, `docs/losses.md lacks a section "## \`${name}\`": see docs/adding-a-loss.md`).not.toBe(
      '',
    );
    const parts = ['**Strengths.**', '**Pitfalls.**', '**Typical use.**', '```js', `(plots/${name}.svg)`];
    for (const part of [`<!-- ${name} -->\n`, `<!-- /${name} -->\n`, ...parts])
      expect(section, `the section on ${name} in docs/losses.md lacks ${part}`).toContain(part);
  });

  it('has a formula, a gradient and a meaning for each of its options', () => {
    const block = new RegExp(`<!-- ${name} -->([^]*?)<!-- /${name} -->`).exec(section)?.[1] ?? '';
    const elsewhere = Object.keys(like).map((key) => ELSEWHERE[key as keyof typeof ELSEWHERE]);
    for (const fact of ['value', 'gradient', inputs[0].name, ...elsewhere])
      expect(block).toMatch(new RegExp(`^${fact} +\\S`, 'm'));
    for (const option of Object.keys(options))
      expect(block).toMatch(new RegExp(`^\\| \`${option}\` \\| ['\\w]`, 'm'));
  });
});

it('has no section on something that is no loss', () => {
  const named = [...sections.keys()].filter((title) => title.startsWith('`'));
  expect(named.sort()).toEqual(descriptors.map(({ name }) => `\`${name}\``).sort());
});

it('links to what exists', () => {
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-');
  const headings = (document: string) =>
    new Set([...document.matchAll(/^#+ (.*)$/gm)].map(([, title]) => slug(title)));
  const links = [...text.matchAll(/\]\(([^)#]*)(?:#([^)]*))?\)/g)];
  expect(links.length).toBeGreaterThan(20);
  for (const [whole, path, anchor] of links) {
    const file = new URL(path || 'losses.md', new URL('docs/', root));
    expect(existsSync(file), whole).toBe(true);
    if (anchor) expect([...headings(readFileSync(file, 'utf8'))], whole).toContain(anchor);
  }
});

type Print = { log: (...values: unknown[]) => void };
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...source: string[]
) => (f: typeof F, console: Print) => Promise<void>;

/** The numbers and truth values of an argument of console.log, arrays taken apart. */
function flat(value: unknown): unknown[] {
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  return Array.isArray(value) ? value.flatMap(flat) : [value];
}

/** A value with as many digits as the comment has. */
function shown(value: unknown, comment: string): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return String(value);
  const [mantissa, exponent] = comment.split('e');
  const digits = mantissa.split('.')[1]?.length ?? 0;
  const rounded =
    exponent === undefined ? value.toFixed(digits) : value.toExponential(digits).replace('+', '');
  return rounded.replace(/^-(?=0\.?0*$)/, '');
}

const examples = [...sections].flatMap(([title, section]) =>
  [...section.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code], i) => ({ title, number: i + 1, code })),
);

it.each(examples)('example $number of $title prints what it says', async ({ code }) => {
  const comments = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  expect(comments.length, 'a console.log without its result').toBe(code.split('console.log').length - 1);
  const printed: unknown[][] = [];
  await new AsyncFunction('F', 'console', `'use strict';${code}`)(F, {
    log: (...values) => printed.push(values.flatMap(flat)),
  });
  expect(printed.length).toBe(comments.length);
  comments.forEach((comment, i) => {
    const wanted = comment.replace(/^.*: /, '').split(', ');
    expect(printed[i].length, comment).toBe(wanted.length);
    expect(
      printed[i].map((value, at) => shown(value, wanted[at])),
      comment,
    ).toEqual(wanted);
  });
});

it('the code of an example that is wrong is found out', () => {
  expect(shown(0.12345, '0.123')).toBe('0.123');
  expect(shown(0.12345, '0.124')).not.toBe('0.124');
  expect(shown(-1e-17, '0.000')).toBe('0.000');
  expect(shown(2.06115e-9, '2.06e-9')).toBe('2.06e-9');
  expect(shown(Number.NaN, '0')).not.toBe('0');
});
