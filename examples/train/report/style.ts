export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1f2328; --muted: #59636e; --grid: #e6eaef; --axis: #818b98; --line: #d1d9e0;
  --training: #0550ae; --held-out: #bc4c00; --cell: #f3f5f7; --right: #c3dbf8; --wrong: #f0883e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --muted: #9198a1; --grid: #232a33; --axis: #656c76; --line: #30363d;
    --training: #58a6ff; --held-out: #f0883e; --cell: #161b22; --right: #1f4a7c; --wrong: #bc4c00;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, 'DejaVu Sans', sans-serif }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem }
h2 { font-size: 1.25rem; margin: 3rem 0 .5rem }
h3 { font-size: 1rem; margin: 0 0 .25rem }
h3 span { font-weight: 400; color: var(--muted) }
p, dl { max-width: 46rem }
code { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: .9em }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1.75rem 1.5rem; margin: 1.25rem 0 }
.pairs { grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); max-width: 54rem }
.charts > * { min-width: 0; margin: 0 }
.chart { display: block; width: 100%; max-width: 25rem; height: auto; color: var(--muted); fill: currentColor; font: 12px system-ui, 'DejaVu Sans', sans-serif; overflow: visible }
.chart text { white-space: pre }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 1rem 0 0; padding: 0; list-style: none; color: var(--muted); font-size: .9rem }
.figures { color: var(--muted); font-size: .9rem; margin: 0 0 .5rem }
.legend svg { width: 2rem; height: .75rem; margin-right: .5rem; vertical-align: middle }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
figure { margin: 1rem 0 0 }
figcaption { color: var(--muted); font-size: .9rem; margin-bottom: .5rem }
th, td { padding: .3rem .9rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; font-weight: 400 }
th.name, td.name { text-align: left }
th.name[scope='row'] { position: sticky; left: 0; background: var(--page) }
thead th { color: var(--muted) }
details { margin-top: .25rem; font-size: .9rem }
summary { color: var(--muted); cursor: pointer }
details figure { margin-top: .25rem }
details .scroll { max-height: 20rem; overflow-y: auto }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; font-size: .9rem; margin: 1rem 0 0 }
dt { color: var(--muted) }
dd { margin: 0 }
footer { margin-top: 3rem; color: var(--muted); font-size: .9rem }
`;
