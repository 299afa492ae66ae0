// Names that browsers' consoles show of a tensor: minifying would take them. Chromium calls an object what its class is called where
// the source has it, whatever `name` says, and lists private fields first.
import { parseSync, Visitor } from 'rolldown/utils';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the class begins, as the bundler writes it. */
const CLASS = /\bTensor ?= ?class Tensor ?\{/;
/** A method that finds it again. */
const MARK = 'static shownByConsoles(){}';

/** The class that has the mark, and the private names in it. */
function marked(code: string): { readonly start: number; readonly privates: (Span & { name: string })[] } {
  const at = code.indexOf(MARK);
  let own: Span = { start: 0, end: 0 };
  const privates: (Span & { name: string })[] = [];
  new Visitor({
    ClassExpression({ start, end }) {
      if (start < at && at < end) own = { start, end };
    },
    PrivateIdentifier: ({ name, start, end }) => void privates.push({ name, start, end }),
  }).visit(parseSync('code.js', code).program);
  const within = ({ start }: Span) => own.start < start && start < own.end;
  return { start: own.start, privates: privates.filter(within).sort((a, b) => a.start - b.start) };
}

/** What `minify` makes of the code, with the class's name and those of its private fields. */
export async function keepShown(code: string, minify: (code: string) => Promise<string>): Promise<string> {
  if (!CLASS.test(code)) return minify(code);
  const given = code.replace(CLASS, `Tensor = class {${MARK}`);
  const small = await minify(given);
  const { start, privates } = marked(small);
  const { privates: names } = marked(given);
  // ordinary ones where the engine has none
  const by = privates.map((at, i) => ({ ...at, text: `#${names[i].name}` }));
  const named = [{ start, end: start + 'class'.length, text: 'class Tensor' }, ...by].reduceRight(
    (text, one) => text.slice(0, one.start) + one.text + text.slice(one.end),
    small,
  );
  return named.replace(MARK, '');
}
