// Four small plots of relative error over logit gap, as one SVG for light and dark backgrounds.
import { gaps, type Series } from './gaps.ts';

const WIDTH = 860;
const HEIGHT = 620;
const PANEL = { width: 345, height: 205, left: [72, 490], top: [78, 358] };
/** Exponents of ten at the ends of the vertical axis. Errors below the lower end are drawn on it. */
const LOW = -9;
const HIGH = 0;

const STYLE = `
  svg { color-scheme: light dark }
  text { font: 13px system-ui, 'DejaVu Sans', sans-serif; fill: #1f2328 }
  .title { font-size: 14px; font-weight: 600 }
  .tick { font-size: 12px; fill: #59636e }
  .background { fill: #ffffff }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .frame { fill: none; stroke: #818b98; stroke-width: 1 }
  .ours, .torch { fill: none; stroke-width: 2.2; stroke-linejoin: round }
  .ours { stroke: #0550ae }
  .torch { stroke: #bc4c00; stroke-dasharray: 6 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .tick { fill: #9198a1 }
    .background { fill: #0d1117 }
    .grid { stroke: #30363d }
    .frame { stroke: #656c76 }
    .ours { stroke: #58a6ff }
    .torch { stroke: #f0883e }
  }`;

const superscript = (n: number): string =>
  String(n).replace(/./g, (d) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(d)]);
const fixed = (x: number): string => String(Math.round(x * 10) / 10);

function panel({ title, ours, torch }: Series, index: number): string {
  const left = PANEL.left[index % 2];
  const top = PANEL.top[Math.floor(index / 2)];
  const bottom = top + PANEL.height;
  const right = left + PANEL.width;
  const x = (gap: number): number => left + (PANEL.width * gap) / gaps.length;
  const y = (exponent: number): number => top + (PANEL.height * (HIGH - exponent)) / (HIGH - LOW);
  const points = (errors: readonly number[]): string =>
    errors.map((e, i) => `${fixed(x(gaps[i]))},${fixed(y(Math.max(LOW, Math.log10(e))))}`).join(' ');
  const lines: string[] = [`<text class="title" x="${left}" y="${top - 12}">${title}</text>`];
  for (let e = LOW; e <= HIGH; e += 3) {
    lines.push(`<line class="grid" x1="${left}" x2="${right}" y1="${fixed(y(e))}" y2="${fixed(y(e))}"/>`);
    const label = e === HIGH ? '1' : `${e === LOW ? '≤ ' : ''}10${superscript(e)}`;
    lines.push(`<text class="tick" x="${left - 7}" y="${fixed(y(e) + 4)}" text-anchor="end">${label}</text>`);
  }
  for (let gap = 0; gap <= gaps.length; gap += 10) {
    lines.push(`<line class="grid" x1="${fixed(x(gap))}" x2="${fixed(x(gap))}" y1="${top}" y2="${bottom}"/>`);
    lines.push(
      `<text class="tick" x="${fixed(x(gap))}" y="${bottom + 18}" text-anchor="middle">${gap}</text>`,
    );
  }
  lines.push(
    `<rect class="frame" x="${left}" y="${top}" width="${PANEL.width}" height="${PANEL.height}"/>`,
    `<polyline class="torch" points="${points(torch)}"/>`,
    `<polyline class="ours" points="${points(ours)}"/>`,
    `<text x="${left + PANEL.width / 2}" y="${bottom + 38}" text-anchor="middle">logit gap</text>`,
    `<text transform="translate(${left - 52} ${top + PANEL.height / 2}) rotate(-90)" text-anchor="middle">relative error</text>`,
  );
  return lines.join('\n');
}

export function plot(series: readonly Series[], torchVersion: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="title">
<title id="title">Relative error of confident samples in f32: simdloss stays below 4e-6, PyTorch reaches 1 at a logit gap of 17</title>
<style>${STYLE}
</style>
<rect class="background" width="${WIDTH}" height="${HEIGHT}"/>
<line class="ours" x1="72" x2="108" y1="28" y2="28"/>
<text x="116" y="33">simdloss, f32</text>
<line class="torch" x1="240" x2="276" y1="28" y2="28"/>
<text x="284" y="33">PyTorch ${torchVersion}, f32 (1 = nothing left)</text>
${series.map(panel).join('\n')}
</svg>
`;
}
