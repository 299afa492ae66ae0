// docs/losses.md as the module `virtual:documents`: what each loss's gradient is, what its options mean, what it is good
// and bad for. A test of docs/ holds that every loss has all of it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Marked } from 'marked';
import type { Plugin } from 'vite';
import { registry } from '../../src/losses/registry.ts';
import type { LossDocument } from '../src/document.ts';

const file = fileURLToPath(new URL('../../docs/losses.md', import.meta.url));
const names = new Map(Object.keys(registry).map((name) => [name.toLowerCase(), name]));

const marked = new Marked({
  renderer: {
    // links to losses lead to the explorer; elsewhere there is no page to lead to
    link({ href, tokens }) {
      const text = this.parser.parseInline(tokens);
      const name = names.get(href.replace(/^#/, ''));
      return name === undefined ? text : `<a href="#loss-${name}">${text}</a>`;
    },
    // the page draws its own
    image: () => '',
  },
});

const inline = (text: string): string => marked.parseInline(text, { async: false });

function documentOf(name: string, section: string): LossDocument {
  const [, facts = '', rest = ''] =
    new RegExp(`<!-- ${name} -->([^]*?)<!-- /${name} -->([^]*)`).exec(section) ?? [];
  const [about, ...more] = rest.split(/^### /m);
  // what leads to an example ends with a colon, and the examples stand elsewhere
  const paragraph = (title: string): string => {
    const text = new RegExp(`\\*\\*${title}\\.\\*\\* ([^]*?)(?:\\n\\n|$)`).exec(about)?.[1] ?? '';
    return inline(text.trim().replace(/:$/, '.'));
  };
  const examples = [...about.matchAll(/^```js\n[\s\S]*?^```$/gm)].map(([code]) => code).join('\n\n');
  const rows = [...facts.matchAll(/^\| `(\w+)` \| (.*) \| .* \|$/gm)];
  return {
    formulas: [...facts.matchAll(/(?:^with (.*)\n)?^ *value +(.*)\n *gradient +(.*)$/gm)].map(
      ([, when = '', value, gradient]) => ({ when, value, gradient }),
    ),
    options: Object.fromEntries(rows.map(([, option, meaning]) => [option, inline(meaning)])),
    strengths: paragraph('Strengths'),
    pitfalls: paragraph('Pitfalls'),
    use: paragraph('Typical use'),
    examples: marked.parse(examples, { async: false }),
    more: more.map((text) => ({
      title: inline(text.slice(0, text.indexOf('\n'))),
      html: marked.parse(text.slice(text.indexOf('\n')), { async: false }),
    })),
  };
}

function parse(): Record<string, LossDocument> {
  const sections = readFileSync(file, 'utf8').split(/^## /m);
  return Object.fromEntries(
    Object.keys(registry).map((name) => {
      const section = sections.find((text) => text.startsWith(`\`${name}\``)) ?? '';
      return [name, documentOf(name, section)];
    }),
  );
}

const ID = 'virtual:documents';

export const documents = (): Plugin => ({
  name: 'documents',
  resolveId: (source) => (source === ID ? `\0${ID}` : null),
  load(id) {
    if (id !== `\0${ID}`) return null;
    this.addWatchFile(file);
    return `export default ${JSON.stringify(parse())}`;
  },
});
