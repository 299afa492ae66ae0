// What a run has found, in a sentence.
import { ratioText, sizeText } from '../../../bench/format.ts';
import { isReference, type PageResult } from './plan.ts';

const nameOf = ({ loss, target }: PageResult): string =>
  target === 'probabilities' ? `${loss} of probabilities` : loss;

export function summaryOf(results: readonly PageResult[]): string {
  const plain = results.filter(({ variant }) => variant === 'wasm');
  const compared = plain.some(isReference) ? plain.filter(isReference) : plain;
  if (compared.length === 0) return '';
  const sorted = [...compared].sort((a, b) => a.ratio - b.ratio);
  const [least, most] = [sorted[0], sorted[sorted.length - 1]];
  const where = compared === plain ? '' : 'At 64 Ki elements ';
  const range =
    least === most
      ? `WASM is ${ratioText(most.ratio)} as fast as JS (${nameOf(most)})`
      : `WASM is ${ratioText(least.ratio)} (${nameOf(least)}) to ${ratioText(most.ratio)} (${nameOf(most)}) as fast as JS`;
  const lost = plain.filter(({ ratio }) => ratio < 1);
  const js =
    lost.length === 0
      ? 'it is the faster one at every size'
      : `JS is the faster one in ${lost.length} of ${plain.length} (${lost.map((d) => `${nameOf(d)} ${sizeText(d.shape)}`).join(', ')})`;
  return `${where}${range}; ${js}.`;
}
