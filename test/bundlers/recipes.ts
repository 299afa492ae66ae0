// docs/bundlers.md as data: what its sections say to write and to run.
import { readFileSync } from 'node:fs';

export const page = new URL('../../docs/bundlers.md', import.meta.url);

export interface Recipe {
  /** Files by their names, which are the first line of their blocks. */
  readonly files: Readonly<Record<string, string>>;
  readonly command: string;
}

const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm;

function blocksOf(section: string): Recipe {
  const files: Record<string, string> = {};
  let command = '';
  for (const [, language, text] of section.matchAll(BLOCK)) {
    if (language === 'sh') command = text;
    else files[/^\/\/ (\S+)\n/.exec(text)![1]] = text;
  }
  return { files, command };
}

const sections = (text: string, level: string): [string, string][] =>
  text
    .split(new RegExp(`^${level} `, 'm'))
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as [string, string])
    .slice(1);

/** By headings, as "Vite" or "Vite: core"; the inner ones take from the outer what they don't have. */
export function recipes(): ReadonlyMap<string, Recipe> {
  const all = new Map<string, Recipe>();
  for (const [title, text] of sections(readFileSync(page, 'utf8'), '##')) {
    const outer = blocksOf(text.slice(0, `\n${text}\n### `.indexOf('\n### ')));
    all.set(title, outer);
    for (const [variant, inner] of sections(text, '###')) {
      const { files, command } = blocksOf(inner);
      all.set(`${title}: ${variant}`, {
        files: { ...outer.files, ...files },
        command: command || outer.command,
      });
    }
  }
  return all;
}
