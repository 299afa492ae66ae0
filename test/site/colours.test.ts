// Contrast of the page's colours in both themes, by WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what is drawn.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../site/src/style/colours.css', import.meta.url), 'utf8');
const colours = [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
  ([, name, light, dark]) => [name, { light, dark }] as const,
);
const byName = Object.fromEntries(colours);

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05);
}

const text = ['text', 'soft', 'link', 'warn', 'textbook'];
const drawn = ['control', 'focus', 'accent', 'value', 'grad', 'label', 'wasm', 'js', 'relaxed', 'threads'];

it('knows the formula', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 6);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 3);
});

describe.each(['light', 'dark'] as const)('%s', (theme) => {
  it.each(text)('%s can be read', (name) => {
    for (const under of ['page', 'card', 'sunken'])
      expect(contrast(byName[name][theme], byName[under][theme]), under).toBeGreaterThanOrEqual(4.5);
  });

  it.each(drawn)('%s can be seen', (name) => {
    for (const under of ['page', 'card'])
      expect(contrast(byName[name][theme], byName[under][theme]), under).toBeGreaterThanOrEqual(3);
  });

  it('what stands on a button can be read', () => {
    expect(contrast(byName['on-accent'][theme], byName.accent[theme])).toBeGreaterThanOrEqual(4.5);
  });
});

it('every colour is one of these, or what they stand on', () => {
  const under = ['page', 'card', 'sunken', 'line', 'grid', 'on-accent'];
  expect(colours.map(([name]) => name).sort()).toEqual([...text, ...drawn, ...under].sort());
});
