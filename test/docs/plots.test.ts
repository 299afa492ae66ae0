// docs/plots: drawn from what simdloss computes now.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { draw } from '../../scripts/plots/draw.ts';
import { elementwiseFigure } from '../../scripts/plots/elementwise.ts';
import type { Point } from '../../scripts/plots/figure.ts';
import { figures } from '../../scripts/plots/figures.ts';
import { load } from '../../src/index.ts';
import { descriptors } from '../../src/losses/registry.ts';

const folder = new URL('../../docs/plots/', import.meta.url);
const document = readFileSync(new URL('../../docs/losses.md', import.meta.url), 'utf8');
const F = await load();
afterAll(() => F.dispose());
const wanted = figures(F);

it.each(descriptors)('$name has a figure', ({ name }) => {
  expect(Object.keys(wanted), `scripts/plots/losses.ts lacks a figure of ${name}`).toContain(name);
});

it.each(descriptors.filter(({ family }) => family.name === 'elementwise'))(
  '$name could do with the figure that follows from its descriptor',
  (descriptor) => {
    const figure = elementwiseFigure(F, descriptor);
    expect(figure.title.length).toBeGreaterThan(10);
    expect(draw(figure)).not.toMatch(/NaN|Infinity|undefined/);
  },
);

it('there is a file for each figure and none besides', () => {
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(wanted)
      .map((name) => `${name}.svg`)
      .sort(),
  );
});

describe.each(Object.entries(wanted))('%s', (name, figure) => {
  const file = new URL(`${name}.svg`, folder);
  const svg = existsSync(file) ? readFileSync(file, 'utf8') : '';

  it('is what the library draws from what simdloss computes', () => {
    expect(svg === draw(figure), `docs/plots/${name}.svg is out of date: npm run plots`).toBe(true);
  });

  it('is shown, small, named, and has colours for a dark background', () => {
    expect(document).toContain(`](plots/${name}.svg)`);
    expect(svg.length).toBeLessThan(40_000);
    expect(svg).toContain('<title id="title">');
    expect(svg).toContain('@media (prefers-color-scheme:dark)');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('has axes with names, and a curve in sight for each entry of its legend', () => {
    for (const { x, y, xDomain, yDomain, curves } of figure.panels) {
      expect(Math.min(x.length, y.length)).toBeGreaterThan(3);
      expect(curves.length).toBe(figure.legend.length);
      const inSight = ([x, y]: Point) =>
        y !== null && x >= xDomain[0] && x <= xDomain[1] && y >= yDomain[0] && y <= yDomain[1];
      for (const { points } of curves)
        expect(points.filter(inSight).length).toBeGreaterThan(points.length / 5);
    }
  });
});

describe('what the captions say', () => {
  const zeros = (points: readonly Point[]) =>
    points.slice(1).flatMap(([x, y], i) => (points[i][1]! < 0 && y! >= 0 ? [x] : []));

  it('L1 is 0 at the kink', () => {
    expect(wanted.l1.panels[1].curves[0].dots).toEqual([[0, 0]]);
    expect(wanted.l1.panels[0].curves[0].dots).toBeUndefined();
  });

  it('with a fixed rate L1 stays away, MSE and Huber come closer at every step', () => {
    const [fixed, shrinking, mse, huber] = wanted['l1-descent'].panels[0].curves.map(({ points }) =>
      points.map(([, y]) => y!),
    );
    expect(Math.min(...fixed)).toBeGreaterThan(0.029);
    expect(Math.max(...shrinking.slice(-5))).toBeLessThan(0.003);
    for (const distances of [mse, huber])
      for (let i = 1; i < distances.length; i++) expect(distances[i]).toBeLessThan(distances[i - 1]);
  });

  it('PyTorch is at the lower edge from 17 on, ours is e^−x', () => {
    for (const { curves, yDomain } of wanted['bceWithLogits-tails'].panels) {
      const [ours, torch] = curves;
      for (const [x, y] of ours.points) if (x > 10) expect(y! / Math.exp(-x)).toBeCloseTo(1, 4);
      for (const [x, y] of torch.points) expect(y === yDomain[0]).toBe(x >= 17);
    }
  });

  it('label smoothing puts the minimum where the label has 1 − ε + ε/C', () => {
    const [, gradients] = wanted.crossEntropy.panels;
    const at = [0.1, 0.3].map((e) => Math.log((1 - e + e / 10) / (e / 10)));
    const step = (gradients.xDomain[1] - gradients.xDomain[0]) / 120;
    gradients.curves.slice(1).forEach(({ points }, i) => {
      const [x, ...rest] = zeros(points);
      expect(rest).toEqual([]);
      expect(Math.abs(x - at[i])).toBeLessThan(step);
    });
    expect(zeros(gradients.curves[0].points)).toEqual([]);
  });

  it('the divergence is 0 at the target', () => {
    const [values, gradients] = wanted.klDiv.panels;
    expect(Math.min(...values.curves[0].points.map(([, y]) => y!))).toBeCloseTo(0, 12);
    expect(zeros(gradients.curves[0].points)).toEqual([0]);
  });
});
