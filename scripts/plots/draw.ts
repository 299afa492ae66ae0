// A figure as SVG: panels by Observable Plot side by side, the legend above them, for light and dark backgrounds.
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Figure, Panel, Point } from './figure.ts';

const WIDTH = 860;
const PANEL_HEIGHT = 290;
const LEGEND = { left: 60, top: 24, line: 22, sample: 34, character: 7.1, between: 28 };

/** Drawn in the light colours; the style sheet swaps them on a dark background. */
const COLOURS = {
  background: ['#ffffff', '#0d1117'],
  text: ['#1f2328', '#f0f6fc'],
  grid: ['#d1d9e0', '#30363d'],
  zero: ['#818b98', '#656c76'],
} as const;
const CURVES = [
  { colour: ['#0550ae', '#58a6ff'], dash: undefined },
  { colour: ['#bc4c00', '#f0883e'], dash: '7 3' },
  { colour: ['#1a7f37', '#3fb950'], dash: '2 3' },
  { colour: ['#8250df', '#bc8cff'], dash: '9 3 2 3' },
] as const;

const dark = [...Object.values(COLOURS), ...CURVES.map(({ colour }) => colour)]
  .map(([light, dark]) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
  .join('\n');
const STYLE = `svg{color-scheme:light dark}
text{font:13px system-ui,'DejaVu Sans',sans-serif;white-space:pre}
@media (prefers-color-scheme:dark){
${dark}
}`;

/** Coordinates far outside the frame break renderers: no more than one height away. */
function near([x, y]: Point, { yDomain: [low, high], yLog }: Panel): Point {
  if (y === null || yLog) return [x, y];
  return [x, Math.max(low - (high - low), Math.min(y, high + (high - low)))];
}

function drawPanel(document: Document, panel: Panel, width: number): Element {
  const { xDomain, yDomain, yLog } = panel;
  const yTicks = yLog ? decades(yDomain) : 6;
  const { text, grid, zero } = COLOURS;
  const axis = {
    fill: text[0],
    color: text[0],
    tickSize: 0,
    labelArrow: 'none',
    labelAnchor: 'center',
  } as const;
  return Plot.plot({
    document,
    width,
    height: PANEL_HEIGHT,
    margin: 12,
    marginLeft: 84,
    marginRight: 20,
    marginBottom: 46,
    x: { domain: xDomain },
    y: { domain: yDomain, type: yLog ? 'log' : 'linear' },
    marks: [
      Plot.gridX({ stroke: grid[0], strokeOpacity: 1, ticks: 6 }),
      Plot.gridY({ stroke: grid[0], strokeOpacity: 1, ticks: yTicks }),
      Plot.axisX({ ...axis, label: panel.x, labelOffset: 40, ticks: 6 }),
      Plot.axisY({
        ...axis,
        label: panel.y,
        labelOffset: 74,
        ticks: yTicks,
        tickFormat: yLog ? power : undefined,
      }),
      yLog ? null : Plot.ruleY([0], { stroke: zero[0] }),
      xDomain[0] < 0 && xDomain[1] > 0 ? Plot.ruleX([0], { stroke: zero[0] }) : null,
      ...panel.curves.map(({ points }, i) =>
        Plot.lineY(
          points.map((point) => near(point, panel)),
          {
            x: '0',
            y: '1',
            stroke: CURVES[i].colour[0],
            strokeDasharray: CURVES[i].dash,
            strokeWidth: 2.2,
            clip: true,
          },
        ),
      ),
      ...panel.curves.map(({ dots = [] }, i) =>
        Plot.dot(dots, { x: '0', y: '1', r: 4, fill: CURVES[i].colour[0], stroke: COLOURS.background[0] }),
      ),
      Plot.frame({ stroke: zero[0] }),
    ],
  });
}

/** Powers of ten, at most seven. */
function decades([low, high]: readonly [number, number]): number[] {
  const [least, greatest] = [Math.ceil(Math.log10(low)), Math.floor(Math.log10(high))];
  const step = Math.ceil((greatest - least) / 6);
  const exponents = Array.from({ length: 7 }, (_, i) => greatest - i * step);
  return exponents.filter((exponent) => exponent >= least).map((exponent) => 10 ** exponent);
}

const power = (x: number): string => {
  const exponent = Math.round(Math.log10(x));
  if (exponent === 0 || exponent === 1) return String(10 ** exponent);
  return `10${String(exponent).replace(/./g, (d) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(d)])}`;
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The entries with samples of their lines, on as many lines as they need, and where the panels begin. */
function drawLegend(names: readonly string[]): { svg: string; bottom: number } {
  const { left, top, line, sample, character, between } = LEGEND;
  let x = left;
  let y = top;
  const entries = names.map((name, i) => {
    const width = sample + 8 + Math.ceil(character * name.length);
    if (x > left && x + width > WIDTH - 10) {
      x = left;
      y += line;
    }
    const { colour, dash } = CURVES[i];
    const dashes = dash ? ` stroke-dasharray="${dash}"` : '';
    const svg =
      `<line x1="${x}" x2="${x + sample}" y1="${y - 4}" y2="${y - 4}" stroke="${colour[0]}" stroke-width="2.2"${dashes}/>` +
      `<text x="${x + sample + 8}" y="${y}" fill="${COLOURS.text[0]}">${escaped(name)}</text>`;
    x += width + between;
    return svg;
  });
  return { svg: entries.join('\n'), bottom: y + 8 };
}

/** The file of a figure: the same bytes for the same data. */
export function draw(figure: Figure): string {
  const { document } = parseHTML('<html><body></body></html>');
  const legend = drawLegend(figure.legend);
  const width = WIDTH / figure.panels.length;
  const ids = new Map<string, string>();
  const panels = figure.panels.map((panel, i) => {
    const svg = drawPanel(document, panel, width);
    for (const style of svg.querySelectorAll('style')) style.remove();
    const attributes = { x: i * width, y: legend.bottom, role: 'img', 'aria-label': panel.y };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, String(value));
    return (
      svg.outerHTML
        // Plot numbers its clip paths through the life of the process
        .replace(/plot-clip-\d+/g, (id) => {
          if (!ids.has(id)) ids.set(id, `clip-${ids.size + 1}`);
          return ids.get(id)!;
        })
        // in attributes: hundredths of a pixel are enough
        .replace(/\d+\.\d{2,}(?=[^<>]*>)/g, (x: string) => String(Math.round(Number(x) * 100) / 100))
    );
  });
  const height = legend.bottom + PANEL_HEIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${escaped(figure.title)}</title>
<style>${STYLE}</style>
<rect width="${WIDTH}" height="${height}" fill="${COLOURS.background[0]}"/>
${legend.svg}
${panels.join('\n')}
</svg>
`;
}
