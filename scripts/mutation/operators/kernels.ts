// Operators for AssemblyScript: vector instructions, lanes, constants.
import { argumentsAt } from '../mask.ts';
import type { Operator } from '../mutant.ts';
import { common, swaps } from './common.ts';

const SWAPS: Record<string, string[]> = {
  add: ['sub'],
  sub: ['add'],
  mul: ['div'],
  div: ['mul'],
  pmin: ['pmax'],
  pmax: ['pmin'],
  min: ['max'],
  max: ['min'],
  lt: ['le', 'gt'],
  le: ['lt'],
  gt: ['ge', 'lt'],
  ge: ['gt'],
  eq: ['ne'],
  ne: ['eq'],
  and: ['or'],
  or: ['and'],
  andnot: ['and'],
  xor: ['or'],
  shl: ['shr_u'],
  shr_u: ['shl'],
  shr_s: ['shr_u'],
  abs: ['neg'],
  neg: ['abs'],
};

const instructions: Operator = function* (code) {
  for (const { index, 0: was, 1: type, 2: name } of code.matchAll(/\b(v128|[if]\d\dx\d)\.(\w+)(?=[<(])/g)) {
    for (const other of SWAPS[name] ?? []) {
      // there is no integer division of vectors
      const isInteger = type[0] === 'i' || /^<[iu]/.test(code.slice(index + was.length));
      const text = `${type}.${isInteger && other === 'div' ? 'add' : other}`;
      yield { at: index, length: was.length, text, title: `${was} → ${text}` };
    }
  }
  for (const { index } of code.matchAll(/\bv128\.not(?=\()/g)) {
    yield { at: index, length: 8, text: '', title: 'v128.not → nothing' };
  }
  yield* swaps(code, /(?<!\.)\b(?:min|max)(?=\()/g, { min: ['max'], max: ['min'] });
};

/** a, b, mask → b, a, mask. */
const selects: Operator = function* (code, source) {
  for (const { index, 0: head } of code.matchAll(/\bbitselect(?:<\w+>)?\(/g)) {
    const [a, b] = argumentsAt(code, index + head.length - 1);
    const between = source.slice(a.at + a.text.length, b.at);
    const text = (part: typeof a) => source.slice(part.at, part.at + part.text.length);
    yield {
      at: a.at,
      length: b.at + b.text.length - a.at,
      text: text(b) + between + text(a),
      title: 'bitselect: operands swapped',
    };
  }
};

/** The first two different lanes of a shuffle change places; where all are the same, the first is another. */
const lanes: Operator = function* (code, source) {
  for (const { index, 0: head } of code.matchAll(/\bshuffle<\w+>\(/g)) {
    const [, , ...indices] = argumentsAt(source, index + head.length - 1);
    const [first] = indices;
    const other = indices.find(({ text }) => text !== first.text);
    const last = indices[indices.length - 1];
    const swapped = indices.map(({ text }, i) => {
      if (other === undefined) return i === 0 ? String(Number(text) ^ 1) : text;
      if (i === 0) return other.text;
      return i === indices.indexOf(other) ? first.text : text;
    });
    yield {
      at: first.at,
      length: last.at + last.text.length - first.at,
      text: swapped.join(', '),
      title: `lanes ${indices.map(({ text }) => text).join(', ')} → ${swapped.join(', ')}`,
    };
  }
};

/** A constant's sign, and its third digit. */
const constants: Operator = function* (code) {
  const decimal = /(?<=[(=] ?-?)\d+\.\d+(?:e-?\d+)?(?=[);])/g;
  for (const { index, 0: was } of code.matchAll(decimal)) {
    for (const text of [`-${was}`, String(Number(was) * 1.001)]) {
      const doubled = text[0] === '-' && code[index - 1] === '-';
      yield {
        at: doubled ? index - 1 : index,
        length: doubled ? was.length + 1 : was.length,
        text: doubled ? was : text,
        title: doubled ? `-${was} → ${was}` : `${was} → ${text}`,
      };
    }
  }
};

export const kernels: readonly Operator[] = [...common, instructions, selects, lanes, constants];
