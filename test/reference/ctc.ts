// CTC by its definition, in logarithms of f64 over one array of labels between blanks, as the paper has it.

/** A sequence: log-probabilities or logits by frame and class, and its labels. */
export interface Sequence {
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly blank: number;
  readonly fromLogits: boolean;
}

export interface CtcResult {
  readonly loss: number;
  /** By frame and class; NaN where no path spells the labels. */
  readonly grad: readonly (readonly number[])[];
  /** What the paths cost at most: the sum of |log-probability|, weighted by the share of the paths. */
  readonly size: number;
}

function join(...terms: number[]): number {
  const most = Math.max(...terms);
  if (most === -Infinity) return most;
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
}

/** Logits are brought to log-probabilities with the accuracy of a confident row. */
function logProbabilities(row: readonly number[]): number[] {
  const most = Math.max(...row);
  const at = row.indexOf(most);
  const rest = row.reduce((sum, x, c) => (c === at ? sum : sum + Math.exp(x - most)), 0);
  return row.map((x) => x - most - Math.log1p(rest));
}

export function ctcReference({ rows, labels, blank, fromLogits }: Sequence): CtcResult {
  const logs = fromLogits ? rows.map(logProbabilities) : rows;
  const frames = logs.length;
  const places = [blank, ...labels.flatMap((label) => [label, blank])];
  const last = places.length - 1;
  /** Whether the place two before leads here, too. */
  const skips = (s: number): boolean => s > 1 && places[s] !== blank && places[s] !== places[s - 2];
  const none = places.map(() => -Infinity);
  const alpha: number[][] = [];
  for (let t = 0; t < frames; t++) {
    alpha.push(
      places.map((c, s) => {
        if (t === 0) return s < 2 ? logs[0][c] : -Infinity;
        const from = [alpha[t - 1][s]];
        if (s > 0) from.push(alpha[t - 1][s - 1]);
        if (skips(s)) from.push(alpha[t - 1][s - 2]);
        return join(...from) + logs[t][c];
      }),
    );
  }
  const ends = frames === 0 ? (last === 0 ? [0] : []) : alpha[frames - 1].slice(-2);
  const total = join(-Infinity, ...ends);
  let size = 0;
  const grad = logs.map((row) => row.map((x) => (total === -Infinity ? NaN : fromLogits ? Math.exp(x) : 0)));
  let after = none.map((_, s) => (s >= last - 1 ? 0 : -Infinity));
  for (let t = frames - 1; t >= 0 && total !== -Infinity; t--) {
    places.forEach((c, s) => {
      const share = Math.exp(alpha[t][s] + after[s] - total);
      grad[t][c] -= share;
      if (share > 0) size += share * Math.abs(logs[t][c]);
    });
    const here = after.map((left, s) => left + logs[t][places[s]]);
    after = here.map((own, s) => {
      const to = [own];
      if (s < last) to.push(here[s + 1]);
      if (s + 2 <= last && skips(s + 2)) to.push(here[s + 2]);
      return join(...to);
    });
  }
  return { loss: 0 - total, grad, size };
}

/** The same by all paths that there are. */
export function byPaths({ rows, labels, blank, fromLogits }: Sequence): Omit<CtcResult, 'size'> {
  const logs = fromLogits ? rows.map(logProbabilities) : rows;
  const shares = logs.map((row) => row.map(() => 0));
  let total = 0;
  const follow = (path: number[], log: number): void => {
    if (path.length < logs.length) {
      logs[path.length].forEach((x, c) => {
        follow([...path, c], log + x);
      });
      return;
    }
    const spelt = path.filter((c, t) => c !== blank && c !== path[t - 1]);
    if (spelt.length !== labels.length || spelt.some((c, n) => c !== labels[n])) return;
    total += Math.exp(log);
    path.forEach((c, t) => {
      shares[t][c] += Math.exp(log);
    });
  };
  follow([], 0);
  return {
    loss: 0 - Math.log(total),
    grad: logs.map((row, t) => row.map((x, c) => (fromLogits ? Math.exp(x) : 0) - shares[t][c] / total)),
  };
}
