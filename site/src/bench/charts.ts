// The charts of a run.
import * as Plot from '@observablehq/plot';
import { elementsOf } from '../../../bench/cases.ts';
import { digits, ratioText, sizeText } from '../../../bench/format.ts';
import type { Chart, LegendEntry } from '../chart.ts';
import { isReference, type PageResult, type Variant, variants } from './plan.ts';

/** What a row or a menu calls the cases of one loss and kind of target. */
export const groupOf = ({ loss, target }: PageResult): string =>
  target === 'probabilities' ? `${loss}, probabilities` : loss;

const ROW = 36;
const BAR = 13;
/** As groupOf, for narrow places. */
const rowOf = (result: PageResult): string => groupOf(result).replace('probabilities', 'probs.');
const named: Readonly<Record<Variant, { name: string; colour: string }>> = {
  wasm: { name: 'wasm', colour: 'wasm' },
  relaxed: { name: 'relaxed math', colour: 'relaxed' },
  threads: { name: 'threads', colour: 'threads' },
};

const kindsOf = (results: readonly PageResult[]): Variant[] =>
  variants.filter((kind) => results.some(({ variant }) => variant === kind));
const rowHeight = (kinds: readonly Variant[]): number => BAR * kinds.length + 18;

/** Powers of two in sight. */
const doublings = ([low, high]: readonly number[]): number[] =>
  Array.from({ length: 16 }, (_, i) => 2 ** (i - 4)).filter((tick) => tick >= low && tick <= high);

const times = (tick: number): string => `${tick < 1 ? tick.toPrecision(2) : tick}×`;

/** Room on the left for the longest name. */
const marginFor = (names: readonly string[]): number =>
  14 + 6.8 * Math.max(4, ...names.map((name) => name.length));

/** js / wasm for each loss at the reference size, with the spread of the rounds. */
export function drawSpeedup(chart: Chart, results: readonly PageResult[]): void {
  // as high as the rows of the chart beside it
  const row = Math.max(ROW, rowHeight(kindsOf(results)));
  const bars = results.filter((result) => result.variant === 'wasm' && isReference(result));
  const names = bars.map(rowOf);
  const domain = [
    Math.min(1, ...bars.map(({ p10 }) => p10)) * 0.9,
    Math.max(2, ...bars.map(({ p90 }) => p90)) * 1.05,
  ];
  const legend = [
    { name: 'median; the line spans the 10th to 90th percentile of rounds', colour: 'is-wasm' },
  ];
  chart.title('Speed-up of WASM over JS, 64 Ki elements', legend).draw({
    height: row * Math.max(2, bars.length) + 54,
    marginLeft: marginFor(names),
    // for the text of the longest bar
    marginRight: 56,
    marginBottom: 46,
    x: {
      label: 'times as fast as JS',
      domain,
      type: 'log',
      ticks: doublings(domain),
      tickFormat: times as never,
    },
    y: { label: '', domain: names, type: 'band' },
    marks: [
      Plot.ruleY(bars, {
        y: rowOf,
        x1: 1,
        x2: 'ratio',
        stroke: 'var(--wasm)',
        strokeWidth: 18,
        ariaLabel: groupOf,
      }),
      Plot.ruleY(bars, { y: rowOf, x1: 'p10', x2: 'p90', stroke: 'var(--text)', strokeWidth: 2 }),
      Plot.ruleX([1], { stroke: 'var(--js)', strokeWidth: 2 }),
      Plot.text(bars, {
        y: rowOf,
        x: (d: PageResult) => Math.max(d.p90, d.ratio, 1),
        text: (d: PageResult) => ratioText(d.ratio),
        textAnchor: 'start',
        dx: 7,
        fill: 'var(--text)',
        fontSize: 13,
        fontWeight: 600,
      }),
    ],
    text: `Speed-up of WASM over JS at 64 Ki elements: ${bars.map((d) => `${groupOf(d)} ${ratioText(d.ratio)}`).join(', ')}.`,
  });
}

/** ns per element of both backends over the sizes of one loss. */
export function drawSizes(chart: Chart, results: readonly PageResult[], group: string): void {
  const own = results.filter((result) => result.variant === 'wasm' && groupOf(result) === group);
  const shapes = own[0]?.shape.length !== 1;
  const points = own.flatMap((d) =>
    (['js', 'wasm'] as const).map((side) => ({
      size: shapes ? sizeText(d.shape) : elementsOf(d.shape),
      side,
      ns: d[side],
      text: sizeText(d.shape),
    })),
  );
  const ns = points.map((point) => point.ns);
  const domain = [Math.min(...ns) * 0.7, Math.max(...ns) * 1.5];
  const sizes = own.map(({ shape }) => elementsOf(shape));
  const line = { x: 'size', y: 'ns', z: 'side', stroke: (d: { side: string }) => `var(--${d.side})` };
  const legend: LegendEntry[] = [
    { name: 'js', colour: 'is-js' },
    { name: 'wasm', colour: 'is-wasm' },
  ];
  chart.title(`Time per element, ${group}`, legend).draw({
    height: 330,
    marginBottom: shapes ? 78 : 46,
    marginRight: 24,
    x: shapes
      ? {
          label: 'shape: rows × classes (× positions)',
          domain: own.map(({ shape }) => sizeText(shape)),
          type: 'point',
          tickRotate: -35,
        }
      : {
          label: 'elements',
          domain: [Math.min(...sizes) / 1.5, Math.max(...sizes) * 1.5],
          type: 'log',
          ticks: sizes,
          tickFormat: ((tick: number) => sizeText([tick])) as never,
        },
    y: {
      label: 'ns per element',
      domain,
      type: 'log',
      ticks: oneTwoFive(domain),
      tickFormat: digitsOf as never,
    },
    marks: [
      Plot.line(points, {
        ...line,
        strokeWidth: 2,
        strokeDasharray: shapes ? '2 4' : undefined,
        strokeOpacity: shapes ? 0.6 : 1,
        ariaLabel: (d: { side: string }) => `ns per element, ${d.side}`,
      }),
      Plot.dot(points, {
        x: 'size',
        y: 'ns',
        r: 4.5,
        symbol: (d: { side: string }) => (d.side === 'js' ? 'diamond' : 'circle'),
        fill: (d: { side: string }) => `var(--${d.side})`,
      } as Plot.DotOptions),
    ],
    text: `Nanoseconds per element of ${group}: ${own.map((d) => `${sizeText(d.shape)}: wasm ${digits(d.wasm)}, js ${digits(d.js)}`).join('; ')}.`,
  });
}

const digitsOf = (tick: number): string => String(Number(tick.toPrecision(1)));

function oneTwoFive([low, high]: readonly number[]): number[] {
  const all = Array.from({ length: 12 }, (_, i) => i - 6).flatMap((e) => [1, 2, 5].map((d) => d * 10 ** e));
  const seen = all.filter((tick) => tick >= low && tick <= high);
  return seen.length > 9
    ? seen.filter((tick) => /^(1|0\.0*1)/.test(String(Number(tick.toPrecision(1)))))
    : seen;
}

/** What relaxed math and threads gain, on what takes a while. */
export function drawVariants(chart: Chart, results: readonly PageResult[]): void {
  const threads = results.find(({ threads }) => threads !== undefined)?.threads;
  const long = results.filter((result) => result.variant !== 'wasm');
  const same = (a: PageResult, b: PageResult): boolean =>
    groupOf(a) === groupOf(b) && String(a.shape) === String(b.shape);
  const bars = results.filter((result) => long.some((other) => same(other, result)));
  const groups = [...new Set(bars.map(rowOf))];
  const kinds = (['wasm', 'relaxed', 'threads'] as const).filter((kind) =>
    bars.some((d) => d.variant === kind),
  );
  const domain = [
    Math.min(1, ...bars.map((d) => d.ratio)) * 0.9,
    Math.max(2, ...bars.map((d) => d.ratio)) * 1.35,
  ];
  const legend = kinds.map((kind) => ({
    name: kind === 'threads' ? `${threads} threads` : named[kind].name,
    colour: `is-${named[kind].colour}`,
  }));
  // the bars of a row stand below each other
  const dy = (d: PageResult): number => (kinds.indexOf(d.variant) - (kinds.length - 1) / 2) * BAR;
  chart.title('Relaxed math and threads, 1 Mi elements', legend).draw({
    height: rowHeight(kinds) * Math.max(2, groups.length) + 54,
    marginLeft: marginFor(groups),
    marginBottom: 46,
    x: {
      label: 'times as fast as JS',
      domain,
      type: 'log',
      ticks: doublings(domain),
      tickFormat: times as never,
    },
    y: { label: '', domain: groups, type: 'band' },
    marks: [
      ...kinds.flatMap((kind) => {
        const own = bars.filter((d) => d.variant === kind);
        const offset = own.length > 0 ? dy(own[0]) : 0;
        return [
          Plot.ruleY(own, {
            y: rowOf,
            x1: 1,
            x2: 'ratio',
            stroke: `var(--${named[kind].colour})`,
            strokeWidth: 10,
            dy: offset,
            ariaLabel: (d: PageResult) => `${groupOf(d)}, ${kind}`,
          }),
          Plot.text(own, {
            y: rowOf,
            x: (d: PageResult) => Math.max(1, d.ratio),
            text: (d: PageResult) => ratioText(d.ratio),
            textAnchor: 'start',
            dx: 6,
            dy: offset,
            fill: 'var(--text)',
            fontSize: 12,
          }),
        ];
      }),
      Plot.ruleX([1], { stroke: 'var(--js)', strokeWidth: 2 }),
    ],
    text: `Times as fast as JS at 1 Mi elements: ${bars.map((d) => `${groupOf(d)} ${named[d.variant].name} ${ratioText(d.ratio)}`).join(', ')}.`,
  });
}
