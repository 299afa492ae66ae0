// Markup from template literals: what is put in is escaped unless it is markup itself.

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[];

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function textOf(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('\n');
  return String(value).replace(/[&<>"]/g, (character) => entities[character]);
}

export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(String.raw({ raw: parts }, ...values.map(textOf)));

interface Table {
  /** Of what it is. */
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly (string | number)[])[];
  /** Columns that hold names rather than numbers. */
  readonly names?: number;
}

/** A table that scrolls in its own box where the page is narrow; the box can be reached by keyboard. */
export function table({ caption, head, rows, names = 1 }: Table): Html {
  const kind = (column: number): Html => (column < names ? html` class="name"` : html``);
  const title = (cell: string, column: number) => html`<th scope="col"${kind(column)}>${cell}</th>`;
  const data = (cell: string | number, column: number) =>
    column === 0 ? html`<th scope="row" class="name">${cell}</th>` : html`<td${kind(column)}>${cell}</td>`;
  return html`<figure>
<figcaption>${caption}</figcaption>
<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
<table>
<thead><tr>${head.map(title)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map(data)}</tr>`)}
</tbody>
</table>
</div>
</figure>`;
}

/** The numbers of a chart, folded away. */
export const numbers = (what: Table): Html =>
  html`<details>
<summary>The numbers</summary>
${table(what)}
</details>`;
