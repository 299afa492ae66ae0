// What the library returns here for what the page shows, and whether the page draws that.
import { expect } from 'vitest';
import { load } from '../../src/index.ts';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import type { Page } from '../browsers/browsers.ts';
import { type Drawn, readChart, scaleOf } from './drawn.ts';
import { numberIn } from './visit.ts';

export const F = await load();

export interface Shown {
  readonly call: string;
  readonly backends: readonly string[];
  readonly value: readonly number[];
  readonly grad: readonly number[];
}

export const shownNumbers = (page: Page): Promise<Shown> =>
  page.run(() => {
    const rows = [...document.querySelectorAll<HTMLElement>('.numbers tbody tr')];
    const cells = (key: string) =>
      rows.map((row) => Number(row.querySelector<HTMLElement>(`[data-${key}]`)?.dataset[key]));
    return {
      call: document.querySelector('[data-call]')?.textContent ?? '',
      backends: rows.map((row) => row.dataset.backend ?? ''),
      value: cells('value'),
      grad: cells('grad'),
    };
  });

type Both = { value: any; grad: { data: ArrayLike<number> } };
type Term = (x: number) => { readonly value: number; readonly grad: number };

interface Expected {
  /** On its own. */
  readonly term: Term;
  /** Reduced by 'sum', which may round otherwise. */
  readonly sum: (x: number) => number;
  /** Where the page is. */
  readonly at: number;
}

/** What the library returns here for a loss as the page has set it: the curve and the point on it. */
export async function expected(
  page: Page,
  { name, family, inputs }: Descriptor,
  options: object = {},
): Promise<Expected> {
  const loss = (F as any)[name] as {
    valueAndGrad(...args: unknown[]): Both;
  };
  const each = { ...options, reduction: 'none' };
  if (family.name === 'features' || family.name === 'multilabel') {
    // rows of two features, the second being 1, and so is a label
    const row = (...first: number[]) => ({ data: Float32Array.of(...first, 1), shape: [1, 2] });
    const target = await numberIn(page, '[name=target]');
    const isSet = inputs[1].holds === 'indices';
    const set = { data: Int32Array.of(Math.round(target), -1), shape: [1, 2] };
    const more: unknown[] = [isSet ? set : row(target)];
    if (inputs.length > 2) more.push(inputs[2].shape === 'terms' ? Float32Array.of(1) : row(1));
    return {
      at: await numberIn(page, '[name=input]'),
      term: (x) => {
        const { value, grad } = loss.valueAndGrad(row(x), ...more, each);
        return { value: value.data[0], grad: grad.data[0] };
      },
      sum: (x) => loss.valueAndGrad(row(x), ...more, { ...options, reduction: 'sum' }).value,
    };
  }
  if (family.name === 'elementwise') {
    const second = Float32Array.of(await numberIn(page, '[name=target]'));
    // a third input is 1 everywhere there
    const more = inputs.length > 2 ? [second, Float32Array.of(1)] : [second];
    return {
      at: await numberIn(page, '[name=input]'),
      term: (x) => {
        const { value, grad } = loss.valueAndGrad(Float32Array.of(x), ...more, each);
        return { value: value.data[0], grad: grad.data[0] };
      },
      sum: (x) => loss.valueAndGrad(Float32Array.of(x), ...more, { ...options, reduction: 'sum' }).value,
    };
  }
  const logits = await page.run(() =>
    [...document.querySelectorAll<HTMLInputElement>('[type=range][name^=logit-]')].map((input) =>
      Number(input.value),
    ),
  );
  const label = await page.run(() =>
    Number(document.querySelector<HTMLInputElement>('[name=label]:checked')?.value),
  );
  const target = Int32Array.of(label);
  const row = { data: Float32Array.from(logits), shape: [1, logits.length] };
  // the axis is what the loss itself takes of the label's class
  const own = name === 'nll' ? F.logSoftmax(row) : row;
  const inputOf = (x: number) => ({
    data: Float32Array.from(own.data, (of, i) => (i === label ? x : of)),
    shape: row.shape,
  });
  const n = logits.length;
  const identity = {
    data: Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    shape: [n, n],
  };
  const more = family.name === 'projection' ? [identity, target] : [target];
  return {
    at: own.data[label],
    term: (x) => {
      const { value, grad } = loss.valueAndGrad(inputOf(x), ...more, each);
      return { value: value.data[0], grad: grad.data[label] };
    },
    sum: (x) => loss.valueAndGrad(inputOf(x), ...more, { ...options, reduction: 'sum' }).value,
  };
}

/** Half a pixel, and what a thousandth of a pixel along the axis changes. */
function checkCurve(drawn: Drawn, term: (x: number) => number, at: number): void {
  const [x, y] = [scaleOf(drawn.x), scaleOf(drawn.y)];
  expect(drawn.x.name.length).toBeGreaterThan(3);
  expect(drawn.y.name.length).toBeGreaterThan(3);
  expect(drawn.lines.length).toBe(1);
  const points = drawn.lines[0].parts.flat();
  const inFrame = points.filter(([, py]) => py >= 0 && py <= drawn.height);
  expect(inFrame.length).toBeGreaterThan(150);
  const nudge = 0.001;
  for (const [px, py] of inFrame) {
    const around = [px - nudge, px, px + nudge].map((p) => y.to(term(x.from(p))));
    const finite = around.filter(Number.isFinite);
    expect(finite.length, `at ${x.from(px)}`).toBeGreaterThan(0);
    expect(py, `at ${x.from(px)}`).toBeGreaterThanOrEqual(Math.min(...finite) - 0.5);
    expect(py, `at ${x.from(px)}`).toBeLessThanOrEqual(Math.max(...finite) + 0.5);
  }
  const widths = points.map(([px]) => px);
  expect(Math.max(...widths) - Math.min(...widths)).toBeGreaterThan(0.7 * (drawn.width - 80));
  // the prediction's own dot is the last
  const [dx, dy] = drawn.dots[drawn.dots.length - 1];
  expect(dx).toBeCloseTo(x.to(at), 0);
  expect(Math.abs(dy - y.to(term(at)))).toBeLessThan(1);
}

export async function checkCurves(page: Page, descriptor: Descriptor, options: object = {}): Promise<void> {
  const { term, at } = await expected(page, descriptor, options);
  checkCurve(await readChart(page, 'value'), (x) => term(x).value, at);
  checkCurve(await readChart(page, 'grad'), (x) => term(x).grad, at);
}
