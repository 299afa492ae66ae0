// Operators that fit AssemblyScript and TypeScript alike.
import { closing } from '../mask.ts';
import type { Edit, Operator } from '../mutant.ts';

/** One edit for every match, its text from the table; several where the table has several. */
export function* swaps(
  code: string,
  pattern: RegExp,
  table: Readonly<Record<string, readonly string[]>>,
): Iterable<Edit> {
  for (const match of code.matchAll(pattern)) {
    for (const text of table[match[0].trim()] ?? []) {
      const lead = match[0].length - match[0].trimStart().length;
      const was = match[0].trim();
      yield { at: match.index + lead, length: was.length, text, title: `${was} → ${text}` };
    }
  }
}

const BINARY: Record<string, string[]> = {
  '<': ['<='],
  '<=': ['<'],
  '>': ['>='],
  '>=': ['>'],
  '==': ['!='],
  '!=': ['=='],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '<<': ['>>'],
  '>>': ['<<'],
  '>>>': ['<<'],
  '&': ['|'],
  '|': ['&'],
  '+=': ['-='],
  '-=': ['+='],
};

/** Binary operators stand between spaces; a type's `|` and `&` have a type name, a string or a bracket beside them. */
export const binary: Operator = function* (code) {
  for (const edit of swaps(code, /(?<=[\w)\]'"`}] |^\s*)(?:[<>=!&|+\-*/%]+)(?= [\w('"`[{!\-~#])/gm, BINARY)) {
    const around = code.slice(edit.at - 24, edit.at + 24);
    const single = code.slice(edit.at, edit.at + edit.length).length === 1;
    const isType =
      single && '&|'.includes(code[edit.at]) && /['"{}]|undefined|null|\b[A-Z][a-z]/.test(around);
    if (!isType) yield edit;
  }
};

/** `if (…)` always and never. */
export const conditions: Operator = function* (code, source) {
  for (const { index, 0: head } of code.matchAll(/\bif \(/g)) {
    const open = index + head.length - 1;
    const end = closing(code, open);
    const was = source.slice(open + 1, end).replaceAll(/\s+/g, ' ');
    // blanked: what the compiler decides
    if (!code.slice(open + 1, end).trim()) continue;
    for (const text of ['true', 'false']) {
      yield { at: open + 1, length: end - open - 1, text, title: `if (${was}) → ${text}` };
    }
  }
};

/** `a ? b : c` is b, is c. */
export const ternaries: Operator = function* (code) {
  for (const { index } of code.matchAll(/(?<=[\w)\]'"]\s+)\? /g)) {
    const line = code.slice(code.lastIndexOf('\n', index) + 1, index);
    // `a ?? b || c` is no expression, and a condition that was blanked is the compiler's
    if (line.includes('??') || !/[\w)\]'"]\s+$/.test(code.slice(0, index))) continue;
    yield { at: index, length: 1, text: '|| true ?', title: '? → || true ?' };
    yield { at: index, length: 1, text: '&& false ?', title: '? → && false ?' };
  }
};

export const negations: Operator = function* (code) {
  for (const { index } of code.matchAll(/(?<![\w)\]'"`])!(?=[\w(#])/g)) {
    yield { at: index, length: 1, text: '', title: '! → nothing' };
  }
};

export const literals: Operator = function* (code) {
  yield* swaps(code, /\b(?:true|false)\b(?!\?)/g, { true: ['false'], false: ['true'] });
  for (const { index, 0: was } of code.matchAll(/(?<![\w.$'])(?:0x[0-9a-f]+|\d+)(?![\w.]|\s*:)/g)) {
    const text = String(BigInt(was) + 1n);
    yield { at: index, length: was.length, text, title: `${was} → ${text}` };
  }
};

const DECLARING =
  /^(?:return|let|const|var|if|for|while|export|import|class|function|switch|case|default|abstract|static|readonly|else|do|try|new|declare|get|set|private|async|extends|implements|finally|catch)\b/;

/** Leaves out calls, assignments, throw, break, continue and a bare return. */
export const statements: Operator = function* (code, source) {
  for (const { index } of code.matchAll(/(?<=(?:[;{})]|\belse)\s+)[A-Za-z_$#][\w$#]*/g)) {
    if (DECLARING.test(code.slice(index, index + 12))) continue;
    let depth = 0;
    let end = index;
    for (; end < code.length && depth >= 0 && !(depth === 0 && code[end] === ';'); end++) {
      if ('([{'.includes(code[end])) depth++;
      else if (')]}'.includes(code[end])) depth--;
    }
    const was = source.slice(index, end).replaceAll(/\s+/g, ' ');
    if (depth !== 0 || code[end] !== ';' || was.length > 400) continue;
    const isStatement =
      /^(?:throw |break$|continue$)|^(?:await )?[\w.$#!?[\]]+(?:<[\w, ]*>)?\(|[^=!<>]=[^=>]|\+\+|--/;
    if (!isStatement.test(was)) continue;
    const lines = '\n'.repeat(source.slice(index, end).split('\n').length - 1);
    yield { at: index, length: end - index, text: lines, title: `without: ${was}` };
  }
  for (const { index } of code.matchAll(/\breturn;/g)) {
    yield { at: index, length: 6, text: '', title: 'without: return' };
  }
};

export const common: readonly Operator[] = [binary, conditions, ternaries, negations, literals, statements];
