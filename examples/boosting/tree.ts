// A regression tree grown on first and second derivatives: exact greedy splits, Newton's step in every leaf.

/** Rows of features, and for every feature the rows in the order of its values. */
export interface Table {
  readonly rows: number;
  readonly features: number;
  readonly x: Float32Array;
  readonly order: readonly Uint32Array[];
}

export interface Growth {
  readonly depth: number;
  /** Added to the sum of second derivatives: shrinks leaves that few rows speak for. */
  readonly lambda: number;
  /** The least sum of second derivatives in a leaf. */
  readonly minHessianSum: number;
}

export type Tree =
  | { readonly value: number }
  | { readonly feature: number; readonly threshold: number; readonly low: Tree; readonly high: Tree };

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly gain: number;
}

export function tableOf(x: Float32Array, features: number): Table {
  const rows = x.length / features;
  const order = Array.from({ length: features }, (_, feature) =>
    Uint32Array.from({ length: rows }, (_, row) => row).sort(
      (a, b) => x[a * features + feature] - x[b * features + feature],
    ),
  );
  return { rows, features, x, order };
}

/** Where a row goes at a split is decided by `goesLow` alone, in training as in prediction. */
const goesLow = (value: number, threshold: number): boolean => value <= threshold;

export function growTree(table: Table, grad: Float32Array, hess: Float32Array, growth: Growth): Tree {
  const grow = (rows: Uint8Array, depth: number): Tree => {
    let g = 0;
    let h = 0;
    rows.forEach((isIn, row) => {
      g += isIn * grad[row];
      h += isIn * hess[row];
    });
    const split = depth > 0 ? bestSplit(table, rows, grad, hess, g, h, growth) : undefined;
    if (!split) return { value: -g / (h + growth.lambda) };
    const { feature, threshold } = split;
    const side = (isLow: boolean): Uint8Array =>
      rows.map((isIn, row) =>
        isIn && goesLow(table.x[row * table.features + feature], threshold) === isLow ? 1 : 0,
      );
    return { feature, threshold, low: grow(side(true), depth - 1), high: grow(side(false), depth - 1) };
  };
  // a row without a derivative has nothing to say, not even where to split: those of sampleWeight 0
  return grow(
    Uint8Array.from(grad, (g, row) => (g !== 0 || hess[row] !== 0 ? 1 : 0)),
    growth.depth,
  );
}

/** The split that lowers the quadratic model of the loss, −½ Σ g²/(h + λ), the most. */
function bestSplit(
  { features, x, order }: Table,
  rows: Uint8Array,
  grad: Float32Array,
  hess: Float32Array,
  g: number,
  h: number,
  { lambda, minHessianSum }: Growth,
): Split | undefined {
  const score = (gs: number, hs: number): number => (gs * gs) / (hs + lambda);
  let best: Split | undefined;
  for (let feature = 0; feature < features; feature++) {
    let gLow = 0;
    let hLow = 0;
    let last = Number.NaN; // the value of the row before; smaller than none
    for (const row of order[feature]) {
      if (rows[row] === 0) continue;
      const value = x[row * features + feature];
      if (last < value && hLow >= minHessianSum && h - hLow >= minHessianSum) {
        const gain = score(gLow, hLow) + score(g - gLow, h - hLow) - score(g, h);
        if (gain > (best?.gain ?? 0)) best = { feature, threshold: last, gain };
      }
      gLow += grad[row];
      hLow += hess[row];
      last = value;
    }
  }
  return best;
}

/** Adds `rate` times the leaf that each row of x falls in to its score. */
export function addTree(
  tree: Tree,
  x: Float32Array,
  features: number,
  rate: number,
  scores: Float32Array,
): void {
  for (let row = 0; row < scores.length; row++) {
    let node = tree;
    while (!('value' in node))
      node = goesLow(x[row * features + node.feature], node.threshold) ? node.low : node.high;
    scores[row] += rate * node.value;
  }
}
