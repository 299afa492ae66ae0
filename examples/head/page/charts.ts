// What the head is worth, drawn.
import { svg } from '../../browser/draw.js';
import { BINS, type Judged } from './head.ts';

const BOX = { left: 64, right: 586, top: 12, bottom: 204 };
const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** By bins of how sure the head is: how much is right, beside how much should be. */
export function drawReliability(into: Element, bins: Judged['bins']): void {
  const x = (share: number) => BOX.left + share * (BOX.right - BOX.left);
  const y = (share: number) => BOX.bottom - share * (BOX.bottom - BOX.top);
  const parts: Element[] = [];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(svg('line', { class: 'grid', x1: BOX.left, x2: BOX.right, y1: y(share), y2: y(share) }));
    parts.push(svg('text', { x: BOX.left - 8, y: y(share) + 4, 'text-anchor': 'end' }, percent(share)));
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    parts.push(svg('text', { x: x(share), y: BOX.bottom + 18, 'text-anchor': anchor }, percent(share)));
  }
  bins.forEach((bin, i) => {
    if (bin === undefined) return;
    const [from, to] = [x(i / BINS) + 3, x((i + 1) / BINS) - 3];
    const height = Math.max(1, BOX.bottom - y(bin.accuracy));
    parts.push(svg('rect', { x: from, width: to - from, y: BOX.bottom - height, height, opacity: 0.75 }));
    parts.push(svg('circle', { cx: x(bin.confidence), cy: y(bin.confidence), r: 5 }));
  });
  parts.push(svg('line', { class: 'ideal', x1: x(0), y1: y(0), x2: x(1), y2: y(1) }));
  into.replaceChildren(...parts);
}

export function reliabilityText(bins: Judged['bins']): string {
  const said = bins.flatMap((bin, i) =>
    bin === undefined
      ? []
      : [`${bin.count} up to ${percent((i + 1) / BINS)}, of which ${percent(bin.accuracy)} right`],
  );
  return `Held-out sentences by how sure the head is: ${said.join('; ')}.`;
}

const cell = (tag: 'th' | 'td', text: string, attributes: Record<string, string> = {}): HTMLElement => {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};

export function writeHead(into: Element, classes: readonly string[]): void {
  into.replaceChildren(cell('td', ''), ...classes.map((name) => cell('th', name, { scope: 'col' })));
}

export function writeConfusion(
  into: Element,
  classes: readonly string[],
  confusion: Judged['confusion'],
): void {
  into.replaceChildren(
    ...confusion.map((counts, label) => {
      const row = document.createElement('tr');
      const cells = counts.map((count, c) =>
        cell('td', String(count), { class: count === 0 ? '' : c === label ? 'right' : 'wrong' }),
      );
      row.replaceChildren(cell('th', classes[label], { scope: 'row' }), ...cells);
      return row;
    }),
  );
}

/** A bar for each class. */
export function writeProbabilities(
  into: Element,
  classes: readonly string[],
  probabilities: ArrayLike<number>,
): void {
  into.replaceChildren(
    ...classes.map((name, c) => {
      const bar = document.createElement('div');
      const track = document.createElement('div');
      const filled = document.createElement('div');
      const number = document.createElement('b');
      bar.className = 'bar';
      track.className = 'track';
      filled.style.width = `${100 * probabilities[c]}%`;
      number.textContent = `${(100 * probabilities[c]).toFixed(1)} %`;
      track.append(filled);
      bar.append(name, track, number);
      return bar;
    }),
  );
}
