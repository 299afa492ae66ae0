// Operators for TypeScript: error codes and a few calls of the standard library.
import type { Operator } from '../mutant.ts';
import { common, swaps } from './common.ts';

const calls: Operator = (code) =>
  swaps(code, /\bMath\.(?:min|max|ceil|floor)\b|(?<=\.)(?:some|every)(?=\()|\bObject\.freeze(?=\()/g, {
    'Math.min': ['Math.max'],
    'Math.max': ['Math.min'],
    'Math.ceil': ['Math.floor'],
    'Math.floor': ['Math.ceil'],
    some: ['every'],
    every: ['some'],
    'Object.freeze': [''],
  });

/** Codes are strings, which `code` has blanked. */
const codes: Operator = function* (code, source) {
  for (const { index, 0: was } of source.matchAll(/'ERR_[A-Z]+'/g)) {
    if (code[index] !== "'" || !/\($|, $|\(\n\s*$/.test(code.slice(0, index))) continue;
    const text = was === "'ERR_OPTION'" ? "'ERR_TYPE'" : "'ERR_OPTION'";
    yield { at: index, length: was.length, text, title: `${was} → ${text}` };
  }
};

export const wrapper: readonly Operator[] = [...common, calls, codes];
