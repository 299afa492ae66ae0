// The charts of bench/results/peers.md.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { elementsOf } from '../cases.ts';
import { digits, sizeText } from '../format.ts';
import { common, type PeerName, peerNames, sweeps } from './cases.ts';
import { measured, type Results } from './results.ts';
import { targetsOf, timesText } from './tables.ts';

export interface Chart {
  /** Of the file. */
  readonly name: string;
  readonly title: string;
  readonly alt: string;
  readonly svg: string;
}

/** Legible on a light and on a dark panel. */
const colours: Record<PeerName | 'copy', string> = {
  simdloss: '#e8590c',
  'simdloss relaxed': '#f59f00',
  'simdloss js': '#ae7be8',
  'hand-tuned JS': '#2f9e44',
  PyTorch: '#339af0',
  'TensorFlow.js cpu': '#7f8ea3',
  'TensorFlow.js wasm': '#7f8ea3',
  'jax-js wasm': '#7f8ea3',
  'ONNX Runtime Web': '#7f8ea3',
  'ONNX Runtime Node': '#7f8ea3',
  'ml-matrix': '#7f8ea3',
  copy: '#868e96',
};

/** The chart brings its panel along: whatever the page's background is, text and panel fit each other. */
const style = `
  svg { color: #24292f; font: 12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
  .panel { fill: #ffffff; stroke: #d0d7de; }
  @media (prefers-color-scheme: dark) {
    svg { color: #d1d7e0; }
    .panel { fill: #161b22; stroke: #30363d; }
  }`;

export const charts = (results: Results): Chart[] => [speedups(results), everyone(results), sizes(results)];

type Series = PeerName | 'copy';
interface Bar {
  readonly row: string;
  readonly peer: PeerName;
  readonly ratio: number;
}

/** Against the peers that every loss has. */
function speedups({ cases }: Results): Chart {
  const shown: readonly PeerName[] = ['PyTorch', 'simdloss js', 'hand-tuned JS'];
  const rows = cases.map(({ loss, shape }) => `${loss} ${sizeText(shape)}`);
  const bars = cases.flatMap(({ peers }, i) =>
    shown.flatMap((peer): Bar[] => {
      const result = measured(peers[peer]);
      return result === undefined ? [] : [{ row: rows[i], peer, ratio: result.ratio }];
    }),
  );
  const goals = targetsOf(cases)
    .filter(({ against }) => shown.includes(against))
    .map(({ name, against, wanted }) => ({ row: name, peer: against, ratio: wanted }));
  const height = 46 * rows.length;
  const body = Plot.plot({
    document: dom(),
    width: WIDTH,
    height: height + 50,
    marginLeft: 190,
    marginRight: 50,
    marginTop: 6,
    marginBottom: 44,
    x: { ...ratioAxis(bars), label: 'times as fast as the other (logarithmic)' },
    y: { axis: null, domain: shown, padding: 0.1 },
    fy: { label: null, domain: rows, padding: 0.2 },
    marks: [
      Plot.barX(bars, { fy: 'row', y: 'peer', x1: 1, x2: 'ratio', fill: ({ peer }: Bar) => colours[peer] }),
      Plot.text(bars, {
        fy: 'row',
        y: 'peer',
        x: ({ row, peer, ratio }: Bar) =>
          beside(
            ratio,
            goals.find((goal) => goal.row === row && goal.peer === peer),
          ),
        text: ({ ratio }: Bar) => timesText(ratio),
        textAnchor: 'start',
        dx: 5,
      }),
      Plot.tickX(goals, { fy: 'row', y: 'peer', x: 'ratio', stroke: 'currentColor', strokeWidth: 2.5 }),
      Plot.ruleX([1]),
      Plot.axisFy({ anchor: 'left', label: null, fontSize: 12 }),
    ],
  });
  return {
    name: 'speedup',
    title: 'How many times as fast simdloss is',
    alt: 'Bars: how many times as fast simdloss is as PyTorch, its js backend and hand-tuned JavaScript, for each loss and size',
    svg: framed(
      'simdloss, one thread: how many times as fast as …',
      legend(shown, ['target against PyTorch']),
      body,
    ),
  };
}

/** Against every library, on the case that all of them have. */
function everyone({ cases }: Results): Chart {
  const found = cases.find(({ shape }) => `${shape}` === `${common.shape}`);
  const bars = peerNames.flatMap((peer) => {
    const result = measured(found?.peers[peer]);
    return result === undefined ? [] : [{ peer, time: result.time, ratio: result.ratio }];
  });
  bars.sort((a, b) => a.time - b.time);
  const times = bars.map(({ time }) => time);
  const body = Plot.plot({
    document: dom(),
    width: WIDTH,
    height: 30 * bars.length + 56,
    marginLeft: 150,
    marginRight: 120,
    marginTop: 6,
    marginBottom: 44,
    x: {
      type: 'log',
      domain: [10 ** Math.floor(Math.log10(Math.min(...times))), Math.max(...times)],
      label: 'ns of CPU time per element (logarithmic)',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: [1, 10, 100, 1000].filter((tick) => tick <= Math.max(...times)),
      tickFormat: plain,
      grid: true,
    },
    y: { label: null, domain: bars.map(({ peer }) => peer), padding: 0.25 },
    marks: [
      Plot.barX(bars, {
        y: 'peer',
        x1: 10 ** Math.floor(Math.log10(Math.min(...times))),
        x2: 'time',
        fill: ({ peer }: Bar) => colours[peer],
      }),
      Plot.text(bars, {
        y: 'peer',
        x: 'time',
        text: ({ time, ratio }: { time: number; ratio: number }) =>
          ratio === 1 ? digits(time) : `${digits(time)} (${timesText(ratio)})`,
        textAnchor: 'start',
        dx: 5,
      }),
      Plot.axisY({ label: null, fontSize: 12, tickSize: 0 }),
    ],
  });
  return {
    name: 'libraries',
    title: `Every library: cross entropy ${sizeText(common.shape)}`,
    alt: 'Bars: ns per element of cross entropy and its gradient in every library',
    svg: framed(
      `Cross entropy ${sizeText(common.shape)}, value and gradient, one thread: time (and times as long as simdloss)`,
      [],
      body,
    ),
  };
}

/** Time over size, with what memory allows. */
function sizes({ sweeps: results }: Results): Chart {
  const shown: readonly Series[] = ['simdloss', 'simdloss relaxed', 'simdloss js', 'PyTorch', 'copy'];
  const present = shown.filter((name) => results.some(({ times }) => times[name] !== undefined));
  const points = results.flatMap(({ loss, shape, times }) =>
    present.flatMap((series) => {
      const time = times[series];
      if (time === undefined) return [];
      // copying an f32 moves 8 bytes
      const moved = series === 'copy' ? sweeps.find((sweep) => sweep.loss === loss)!.bytes / 8 : 1;
      return [{ loss: titles[loss] ?? loss, series, size: elementsOf(shape), time: time * moved }];
    }),
  );
  const lowest = Math.min(...points.map(({ time }) => time));
  const highest = Math.max(...points.map(({ time }) => time));
  type Point = (typeof points)[number];
  // the last is drawn on top: where the relaxed kernels are no faster, simdloss's own line is to be seen
  const lines = present.filter((name) => !(name in dashes)).reverse();
  const of = (name: Series): Point[] => points.filter(({ series }) => series === name);
  const body = Plot.plot({
    document: dom(),
    width: WIDTH,
    height: 400,
    marginLeft: 56,
    marginRight: 16,
    marginTop: 28,
    marginBottom: 46,
    x: {
      type: 'log',
      base: 2,
      label: 'elements (logarithmic)',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: [2 ** 4, 2 ** 10, 2 ** 16, 2 ** 22],
      tickFormat: (size: number) => sizeText([size]),
      grid: true,
    },
    y: {
      type: 'log',
      label: 'ns of CPU time per element (logarithmic)',
      labelArrow: 'none',
      labelAnchor: 'center',
      ticks: [0.01, 0.1, 1, 10, 100, 1000, 10_000].filter((tick) => tick > lowest && tick < highest),
      tickFormat: plain,
      grid: true,
    },
    fx: { label: null, domain: [...new Set(points.map(({ loss }) => loss))], padding: 0.08 },
    marks: [
      Plot.frame({ strokeOpacity: 0.25 }),
      ...[...present.filter((name) => name in dashes), ...lines].map((name) =>
        Plot.line(of(name), {
          fx: 'loss',
          x: 'size',
          y: 'time',
          stroke: colours[name],
          strokeWidth: 2,
          strokeDasharray: dashes[name],
        }),
      ),
      ...lines.map((name) =>
        Plot.dot(of(name), { fx: 'loss', x: 'size', y: 'time', fill: colours[name], r: 2.5 }),
      ),
    ],
  });
  return {
    name: 'sizes',
    title: 'Time over size',
    alt: 'Lines: ns per element over the number of elements for simdloss, its js backend and PyTorch, above the line of memory bandwidth',
    svg: framed(
      'Value and gradient, one thread: ns per element over size',
      present.map((name) => ({ text: names[name] ?? name, mark: lineSample(name) })),
      body,
    ),
  };
}

const titles: Partial<Record<string, string>> = { crossEntropy: 'crossEntropy, 1024 classes' };
const WIDTH = 860;

/** Powers of ten and their multiples, without exponents. */
const plain = (x: number): string => `${Number(x.toPrecision(1))}`;

function ratioAxis(bars: readonly Bar[]): object {
  const ratios = bars.map(({ ratio }) => ratio);
  const max = Math.max(...ratios);
  return {
    type: 'log',
    domain: [Math.min(0.8, ...ratios), max],
    ticks: [1, 2, 5, 10, 20, 50, 100].filter((tick) => tick <= max),
    tickFormat: (x: number) => `${x}×`,
    labelArrow: 'none',
    labelAnchor: 'center',
    grid: true,
  };
}

/** Where the figure starts: after its bar, and after the target where that would be in the way. */
const beside = (ratio: number, goal: { ratio: number } | undefined): number =>
  goal !== undefined && goal.ratio > ratio && goal.ratio < 1.3 * ratio ? goal.ratio : Math.max(1, ratio);

const dom = (): Document => parseHTML('<!doctype html><html><body></body></html>').document;

interface Entry {
  readonly text: string;
  /** What stands before the text, in a box of 18 × 12. */
  readonly mark: string;
}
/** Lines without dots, which are told from the others by more than a colour. */
const dashes: Partial<Record<Series, string>> = { 'simdloss relaxed': '2 3', copy: '6 4' };

const names: Partial<Record<Series, string>> = {
  copy: 'memory bandwidth: the same bytes, copied',
};

const lineSample = (name: Series): string => {
  const dash = dashes[name];
  const dashed = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
  const dot = dash === undefined ? `<circle cx="9" cy="6" r="2.5" fill="${colours[name]}"/>` : '';
  return `<line x1="0" x2="18" y1="6" y2="6" stroke="${colours[name]}" stroke-width="2"${dashed}/>${dot}`;
};

const legend = (series: readonly PeerName[], ticks: readonly string[] = []): Entry[] => [
  ...series.map((name) => ({
    text: name,
    mark: `<rect x="2" width="12" height="12" rx="2" fill="${colours[name]}"/>`,
  })),
  ...ticks.map((text) => ({
    text,
    mark: '<line x1="8" x2="8" y1="0" y2="12" stroke="currentColor" stroke-width="2.5"/>',
  })),
];

/** The plot on a panel, below its title and legend. */
function framed(title: string, entries: readonly Entry[], plot: Element): string {
  const PADDING = 16;
  const top = PADDING + 26 + (entries.length > 0 ? 26 : 0);
  const width = WIDTH + 2 * PADDING;
  const height = top + Number(plot.getAttribute('height')) + PADDING / 2;
  plot.setAttribute('x', `${PADDING}`);
  plot.setAttribute('y', `${top}`);
  let x = PADDING;
  const items = entries.map(({ text, mark }) => {
    const item = `<g transform="translate(${x},${PADDING + 26})">${mark}<text x="22" y="10">${text}</text></g>`;
    x += 22 + 7 * text.length + 16;
    return item;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" fill="currentColor" role="img" aria-label="${title}">
<style>${style}
</style>
<rect class="panel" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text x="${PADDING}" y="${PADDING + 12}" font-size="15" font-weight="600">${title}</text>
${items.join('\n')}
${plot.outerHTML}
</svg>
`;
}
