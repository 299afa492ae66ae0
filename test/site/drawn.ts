// What a chart shows, read from its SVG: the points of its lines in the numbers of its axes, by the texts of the axes.
import type { Page } from '../browsers/browsers.ts';

export interface Axis {
  readonly name: string;
  /** Pixels and numbers of the ticks. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}
export interface Line {
  readonly name: string;
  /** The parts between interruptions, in pixels. */
  readonly parts: readonly (readonly (readonly [x: number, y: number])[])[];
}
export interface Drawn {
  readonly text: string;
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  readonly dots: readonly (readonly [x: number, y: number])[];
}

export const readChart = (page: Page, name: string): Promise<Drawn> =>
  page.run((chart) => {
    const svg = document.querySelector(`[data-chart="${chart}"] svg`);
    if (svg === null) throw new Error(`nothing is drawn in ${chart}`);
    const numbers = (text: string | null) => (text ?? '').match(/-?\d+(\.\d+)?(e-?\d+)?/g)!.map(Number);
    const axis = (of: 'x' | 'y') => ({
      name: svg.querySelector(`[data-mark="${of}-axis label"] text`)?.textContent ?? '',
      ticks: Array.from(svg.querySelectorAll(`[data-mark="${of}-axis tick label"] text`), (tick) => ({
        at: numbers(tick.getAttribute('transform'))[of === 'x' ? 0 : 1],
        text: tick.textContent ?? '',
      })),
    });
    const lines = Array.from(svg.querySelectorAll('[data-mark="line"] path'), (path) => ({
      name: path.getAttribute('data-mark') ?? '',
      parts: path
        .getAttribute('d')!
        .split('M')
        .slice(1)
        .map((part) =>
          part
            .replace('Z', '')
            .split('L')
            .map((point) => numbers(point) as [number, number]),
        ),
    }));
    const dots = Array.from(
      svg.querySelectorAll('[data-mark="dot"] circle'),
      (dot) => [Number(dot.getAttribute('cx')), Number(dot.getAttribute('cy'))] as [number, number],
    );
    const box = svg.getBoundingClientRect();
    return {
      text: svg.getAttribute('aria-label') ?? '',
      width: box.width,
      height: box.height,
      x: axis('x'),
      y: axis('y'),
      lines,
      dots,
    };
  }, name);

/** A tick's text as a number: −0.5, 10⁻¹², 64 Ki. */
export function numberOf(text: string): number {
  const power = /^10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)$/.exec(text);
  if (power !== null)
    return 10 ** Number(power[1].replace(/./g, (d) => '-0123456789'['⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(d)]));
  const [, digits, unit] = /^([−-]?[\d.,]+)\s?(Ki|Mi|×)?$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(`${text} is no number`);
  const factor = unit === 'Ki' ? 2 ** 10 : unit === 'Mi' ? 2 ** 20 : 1;
  return Number(digits.replace('−', '-').replace(',', '')) * factor;
}

/** From numbers to pixels and back, from the first and the last tick; the ones between must agree. */
export function scaleOf(
  { ticks }: Axis,
  log = false,
): { to(x: number): number; from(pixel: number): number } {
  const [forth, back] = log ? [Math.log, Math.exp] : [(x: number) => x, (x: number) => x];
  const known = ticks.map(({ at, text }) => ({ at, x: forth(numberOf(text)) }));
  const [first, last] = [known[0], known[known.length - 1]];
  if (known.length < 2 || first.at === last.at) throw new Error('an axis needs two ticks');
  const slope = (last.at - first.at) / (last.x - first.x);
  const to = (x: number): number => first.at + (x - first.x) * slope;
  for (const { at, x } of known)
    if (Math.abs(to(x) - at) > 0.5) throw new Error('the ticks are not where their texts say');
  return { to: (x) => to(forth(x)), from: (pixel) => back(first.x + (pixel - first.at) / slope) };
}
