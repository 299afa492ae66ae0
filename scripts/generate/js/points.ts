// The point formulas of src/js/points, read as text.
//
// They are spliced into the loops: calls of imported functions made the cheap losses 1.5 times slower, and V8's budget for
// inlining ends within one unrolled loop.
import { readFileSync } from 'node:fs';

/** One function of a file: what it is a function of, and its body as a statement that sets a variable. */
interface Formula {
  readonly of: readonly string[];
  readonly assignTo: (variable: string) => string;
}

export type Formulas = Readonly<Record<string, Formula>>;

/** What one file has. */
export interface Points {
  /**
   * The functions `export const name = (a: number, b: number) => …;`, with an expression or a block that returns at its
   * end, and those of other files: `export { name } from './other.ts';`. Parameters go by their names: x, t, q (input,
   * target, extra operand), p0 … p7, or another of the functions, which is then computed first.
   */
  readonly formulas: Formulas;
  /** Functions that bodies call, and their files: `import { name } from './other.ts';`. */
  readonly calls: Readonly<Record<string, string>>;
}

const readPoints = (file: string): string =>
  readFileSync(new URL(`../../../src/js/points/${file}.ts`, import.meta.url), 'utf8');

const declaration = /^export const (\w+) = \((.*?)\) =>\s(.*?);$(?=\n\n|\n*$(?!\n))/gms;
const shared = /^(import|export) \{ ([\w, ]*) \} from '\.\/(\w+)\.ts';$/gm;

/** `read` returns the text of a file of src/js/points. */
export function pointsOf(file: string, read = readPoints): Points {
  const source = read(file);
  const formulas: Record<string, Formula> = {};
  const calls: Record<string, string> = {};
  const fail = (what: string): never => {
    throw new Error(`src/js/points/${file}.ts: ${what}`);
  };
  for (const [, how, names, other] of source.matchAll(shared)) {
    if (how === 'import') for (const name of names.split(', ')) calls[name] = other;
    else {
      const from = pointsOf(other, read);
      for (const name of names.split(', '))
        formulas[name] = from.formulas[name] ?? fail(`${other} has no ${name}`);
      Object.assign(calls, from.calls);
    }
  }
  for (const [, name, list, body] of source.matchAll(declaration)) {
    const isBlock = body.startsWith('{');
    if (isBlock && body.split(/\breturn\b/).length !== 2) fail(`${name} must return once, at its end`);
    const assignTo = (variable: string) =>
      isBlock
        ? `let ${variable}: number; ${body.replace(/\breturn\b/, `${variable} =`)}`
        : `const ${variable} = ${body};`;
    formulas[name] = { of: [...list.matchAll(/(\w+): number/g)].map(([, parameter]) => parameter), assignTo };
  }
  for (const [name, { of }] of Object.entries(formulas)) {
    const unknown = of.find((parameter) => !/^([xtq]|p[0-7])$/.test(parameter) && !formulas[parameter]);
    if (unknown) fail(`${name} is a function of ${unknown}, which is unknown`);
  }
  return { formulas, calls };
}
