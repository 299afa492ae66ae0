// The TypeScript in documents, each block as a file that compiles by itself.
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

export interface Block {
  readonly document: string;
  /** Of the block's first line in the document. */
  readonly line: number;
  /** The block, with what a comment before it says is there already. */
  readonly source: string;
}

/**
 * `<!-- given: … -->` before a block that goes on from something says what is there already. What has its path before it is a file of
 * the repository, which is compiled there (test/docs/adding.test.ts).
 */
const BLOCK = /(?:^<!-- given: ([\s\S]*?) -->\n|^(`[\w./-]+`)\n\n)?^```ts\n([\s\S]*?)^```$/gm;

export const documents: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...readdirSync(new URL('docs/', root)).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
];

export const blocksOf = (document: string): Block[] =>
  [...readFileSync(new URL(document, root), 'utf8').matchAll(BLOCK)].flatMap((match) => {
    const [all, given = '', path, code] = match;
    if (path !== undefined) return [];
    const line = match.input.slice(0, match.index + all.indexOf('```ts')).split('\n').length + 1;
    // a module, whether or not it imports something
    return { document, line, source: `${given.replaceAll('\n', ' ')}\nexport {};\n${code}` };
  });
