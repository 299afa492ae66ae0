const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** Where the bracket that opens at `open` closes, or −1. */
export function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if ('([{'.includes(code[i])) depth++;
    else if (')]}'.includes(code[i]) && --depth === 0) return i;
  }
  return -1;
}

/** Where the arguments in the parentheses that open at `open` start and end. */
export function argumentsAt(code: string, open: number): { at: number; text: string }[] {
  const end = closing(code, open);
  const parts: { at: number; text: string }[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open + 1; i <= end; i++) {
    if ('([{'.includes(code[i])) depth++;
    if (')]}'.includes(code[i]) && i < end) depth--;
    if (i === end || (depth === 0 && code[i] === ',')) {
      const lead = code.slice(from, i).length - code.slice(from, i).trimStart().length;
      const text = code.slice(from, i).trim();
      if (text) parts.push({ at: from + lead, text });
      from = i + 1;
    }
  }
  return parts;
}

/** Blanks `interface … { … }` and `type … = …;`, which are nothing at run time. */
function withoutTypes(code: string): string {
  let out = code;
  for (const { index } of code.matchAll(/^(?:export )?(?:declare )?interface \w[^{]*\{/gm)) {
    const end = closing(code, code.indexOf('{', index));
    out = out.slice(0, index) + blank(out.slice(index, end + 1)) + out.slice(end + 1);
  }
  for (const { index } of code.matchAll(/^(?:export )?type \w/gm)) {
    let depth = 0;
    let end = index;
    for (; end < code.length && !(depth === 0 && code[end] === ';'); end++) {
      if ('([{'.includes(code[end])) depth++;
      else if (')]}'.includes(code[end])) depth--;
    }
    out = out.slice(0, index) + blank(out.slice(index, end)) + out.slice(end);
  }
  return out;
}

/** Blanks the lanes of shuffles: one lane more may be one too many. */
function withoutLanes(code: string): string {
  let out = code;
  for (const { index, 0: head } of code.matchAll(/\bshuffle<\w+>\(/g)) {
    for (const { at, text } of argumentsAt(code, index + head.length - 1).slice(2)) {
      out = out.slice(0, at) + blank(text) + out.slice(at + text.length);
    }
  }
  return out;
}

/**
 * The source with everything blanked that an operator must not touch: comments, the insides of strings, templates
 * and regular expressions, imports, declarations of types, and what the AssemblyScript compiler decides itself (the dtype, the loss).
 */
export function masked(source: string): string {
  const literal =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[(,=:[!&|?{};\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\n])*\]|[^/\\\n])+\/[a-z]*/g;
  const code = source
    .replaceAll(literal, (text) =>
      '\'"`'.includes(text[0]) ? text[0] + blank(text.slice(1, -1)) + text[0] : blank(text),
    )
    .replaceAll(/^import [\s\S]*?;$/gm, blank)
    .replaceAll(/^export (?:type )?[{*][\s\S]*?;$/gm, blank)
    .replaceAll(/sizeof<T>\(\) ={2,3} [48]|changetype<\w+>\(0\)/g, blank)
    // a kernel's state, which every call sets before it reads it
    .replaceAll(/(?<=^(?:export )?let [a-z]\w*: \w+ = )(?:0|false|[if]\d\dx\d\.splat\(0\));/gm, blank);
  return withoutLanes(withoutTypes(code));
}
