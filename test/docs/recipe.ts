// What docs/adding-a-loss.md says, as data: new files, edits and commands.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Block {
  readonly path: string;
  readonly text: string;
}

export interface Recipe {
  /** Blocks with a file's path on the line before: new files, … */
  readonly files: readonly Block[];
  /** … changes of files, as a diff without numbers, … */
  readonly changes: readonly Block[];
  /** … and what is added to the end of a document. */
  readonly additions: readonly Block[];
  readonly commands: readonly string[];
}

export function recipeOf(document: string): Recipe {
  const blocks = [...document.matchAll(/(?:^`([\w./-]+)`\n\n)?^(`{3,})(\w+)\n([\s\S]*?)^\2$/gm)];
  const of = (language: string) =>
    blocks
      .filter(([, path, , of]) => path !== undefined && of === language)
      .map(([, path, , , text]) => ({ path, text }));
  return {
    files: of('ts'),
    changes: of('diff'),
    additions: of('md'),
    commands: blocks.flatMap(([, , , language, text]) => (language === 'sh' ? text.trim().split('\n') : [])),
  };
}

/** Each hunk is found by the lines that it keeps or takes away. */
function changed(text: string, diff: string): string {
  return diff.split(/^@@\n/m).reduce((now, hunk) => {
    const lines = hunk.split('\n').filter((line) => line !== '');
    const side = (out: string) =>
      lines
        .filter((line) => !line.startsWith(out))
        .map((line) => `${line.slice(1)}\n`)
        .join('');
    const old = side('+');
    if (now.split(old).length !== 2) throw new Error(`this does not stand there once:\n${old}`);
    return now.replace(old, () => side('-'));
  }, text);
}

/** Does what a person would do by hand. */
export function follow({ files, changes, additions }: Recipe, root: string): void {
  const edit = (path: string, to: (text: string) => string) =>
    writeFileSync(join(root, path), to(readFileSync(join(root, path), 'utf8')));
  for (const { path, text } of files) {
    if (existsSync(join(root, path))) throw new Error(`${path} exists already`);
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const { path, text } of changes) edit(path, (old) => changed(old, text));
  for (const { path, text } of additions) edit(path, (old) => `${old}\n${text}`);
}
