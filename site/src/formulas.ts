// Formulas as docs/ has them: which hold with the options that are set, and what their letters mean.
import type { Formulas } from './document.ts';

/** Options as a call has them. */
export type Given = Readonly<Record<string, unknown>>;

/** `name` where it is set and not 0, `name: value` where it has that value. */
function holds(when: string, options: Given): boolean {
  return when.split(' and ').every((condition) => {
    const [name, value] = condition.split(': ');
    const given = options[name];
    if (value === undefined) return given !== undefined && given !== 0;
    // what is added is eps
    if (name === 'epsMode' && !holds('eps', options)) return false;
    return String(given) === value.replaceAll("'", '');
  });
}

/** The last that holds: it is the most special. */
export const formulasFor = (formulas: readonly Formulas[], options: Given): Formulas =>
  [...formulas].reverse().find(({ when }) => when === '' || holds(when, options))!;

/** A letter, which is no part of a word, or what stands for it. */
const letter = (itself: string, raised: string): RegExp =>
  new RegExp(`(?<![a-zα-ω])${itself}(?![a-z])|${raised}`);

const letters: readonly [find: RegExp, meaning: string][] = [
  [letter('x(?![₁₂])', 'ˣ'), 'x the input'],
  [/x₁/, 'x₁ the first input, x₂ the second'],
  [letter('t', '[ᵗₜ]'), 't the target'],
  [/^(?!.*‖).*\bd\b/, 'd = x − t'],
  [/δ/, 'δ delta'],
  [/β/, 'β beta'],
  [/\bq\b/, 'q posWeight'],
  [/τ/, 'τ quantile'],
  [/σ/, 'σ(x) = 1/(1 + e^−x)'],
  [/softplus/, 'softplus(x) = log(1 + e^x)'],
  [/softmax/, 'softmax(x)_c = e^x_c / Σ_j e^x_j'],
  [/w_/, 'w the class’s weight'],
  [/a_c/, 'a_c = w_c t_c, the class’s weight times its target'],
  [/_c/, 'c a class'],
  [/^(?=.*·).*(?<![a-z_])c(?![a-z])/, 'c the cosine'],
  [/αₜ/, 'αₜ alpha where t = 1, 1 − alpha where t = 0'],
  [/γ/, 'γ gamma'],
  [/‖/, 'a the anchor, p the positive, n the negative, ‖d‖ the p-norm of d + eps'],
];

/** What the letters of some formulas mean. */
export function lettersOf({ value, gradient }: Formulas): string {
  // names of functions and options are no letters
  const text = `${value} ${gradient}`;
  const bare = text.replaceAll(
    /softplus|softmax|sign|log|eps|max|margin|var|clipped|where|else|to|there|and|elsewhere|at the kink|with/g,
    ' ',
  );
  const found = letters.filter(([find]) => find.test(/softplus|softmax/.test(find.source) ? text : bare));
  return found.map(([, meaning]) => meaning).join('; ');
}
