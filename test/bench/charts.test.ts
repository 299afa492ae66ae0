// bench/results/peers.md and its charts are what the committed results give.
import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { describe, expect, it, test } from 'vitest';
import { elementsOf } from '../../bench/cases.ts';
import { sweeps } from '../../bench/peers/cases.ts';
import { charts } from '../../bench/peers/charts.ts';
import { markdown } from '../../bench/peers/markdown.ts';
import { chartFile, committedFile, pageFile, readResults } from '../../bench/peers/results.ts';

const results = readResults(committedFile);
const drawn = charts(results);
const REDRAW = 'npx tsx bench/peers/page.ts';

test('the page', () => {
  expect(readFileSync(pageFile, 'utf8') === markdown(results, drawn), REDRAW).toBe(true);
});

describe.each(drawn)('$name.svg', ({ name, svg }) => {
  it('is what the results give', () => {
    expect(readFileSync(chartFile(name), 'utf8') === svg, REDRAW).toBe(true);
  });

  it('has a name, colours for light and dark, and no number that is none', () => {
    expect(svg).toMatch(/role="img" aria-label="[^"]{20,}"/);
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('time over size: every line goes through the times of what its colour stands for', () => {
  const { svg } = drawn.find(({ name }) => name === 'sizes')!;
  const { document } = parseHTML(svg);
  const numberOf = (text: string): number => {
    const [, digits, unit] = /^([\d.]+) ?(Ki|Mi)?$/.exec(text)!;
    return Number(digits) * (unit === 'Mi' ? 2 ** 20 : unit === 'Ki' ? 2 ** 10 : 1);
  };
  /** From pixels to numbers, by two ticks of the logarithmic axis; the first panel's for x. */
  const axis = (name: 'x' | 'y') => {
    const ticks = [...document.querySelectorAll(`[aria-label="${name}-axis tick label"] text`)];
    const [a, b] = ticks.slice(0, 2).map((tick) => {
      const place = /translate\((.+),(.+)\)/.exec(tick.getAttribute('transform')!)!;
      return { pixel: Number(place[name === 'x' ? 1 : 2]), log: Math.log(numberOf(tick.textContent!)) };
    });
    const slope = (b.log - a.log) / (b.pixel - a.pixel);
    return (pixel: number) => Math.exp(a.log + slope * (pixel - a.pixel));
  };
  const [x, y] = [axis('x'), axis('y')];
  /** As the legend says, from the colour of the sample. */
  const colourOf = (name: string): string => {
    const entry = [...document.querySelectorAll('g')].find(
      (g) => [...g.children].at(-1)?.textContent === name && g.firstElementChild?.localName === 'line',
    );
    return entry!.firstElementChild!.getAttribute('stroke')!;
  };
  const losses = [...new Set(results.sweeps.map(({ loss }) => loss))];

  it.each([
    ['simdloss', 'simdloss'],
    ['simdloss relaxed', 'simdloss relaxed'],
    ['simdloss js', 'simdloss js'],
    ['PyTorch', 'PyTorch'],
    ['memory bandwidth: the same bytes, copied', 'copy'],
  ] as const)('%s', (text, name) => {
    const paths = [...document.querySelectorAll(`[aria-label="line"] [stroke="${colourOf(text)}"] path`)];
    expect(paths).toHaveLength(losses.length);
    paths.forEach((path, panel) => {
      const points = [...path.getAttribute('d')!.matchAll(/([\d.]+),([\d.]+)/g)];
      const wanted = results.sweeps.filter(({ loss }) => loss === losses[panel]);
      expect(points).toHaveLength(wanted.length);
      points.forEach(([, px, py], i) => {
        const { shape, times } = wanted[i];
        // copying an f32 moves 8 bytes
        const moved = name === 'copy' ? sweeps.find(({ loss }) => loss === losses[panel])!.bytes / 8 : 1;
        expect(x(Number(px)) / elementsOf(shape)).toBeCloseTo(1, 3);
        expect(y(Number(py)) / (times[name]! * moved)).toBeCloseTo(1, 3);
      });
    });
  });
});
