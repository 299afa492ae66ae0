// The README's figures, read from the results that `npm run bench` and its kin have committed: worst and best over every row.
import { committedFile as coldFile, readResults as readCold } from '../../bench/cold/results.ts';
import { measured, committedFile as peersFile, readResults as readPeers } from '../../bench/peers/results.ts';
import { committedResults } from '../../bench/results.ts';
import { lastLost, readSmall } from '../../bench/smallResults.ts';
import { readThreads } from '../../bench/threadsResults.ts';

export interface Row {
  /** How many times as fast. */
  readonly ratio: number;
  readonly what: string;
}

const WIDTH = 128;

/** As a paragraph; `hang` before every line but the first. */
function wrapped(text: string, hang = ''): string {
  const lines = [''];
  for (const word of text.match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const line = lines.at(-1)!;
    if (line === '' || line === hang) lines[lines.length - 1] += word;
    else if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] += ` ${word}`;
    else lines.push(hang + word);
  }
  return lines.join('\n');
}

const sizeText = (shape: readonly number[]): string => {
  const [n] = shape;
  if (shape.length > 1) return shape.join('×');
  return n % 2 ** 20 === 0 ? `${n / 2 ** 20} Mi` : n % 1024 === 0 ? `${n / 1024} Ki` : `${n}`;
};

export const times = (ratio: number): string => (ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0));

/** Worst and best, each with where it was met. */
export function range(rows: readonly Row[]): string {
  const sorted = [...rows].sort((a, b) => a.ratio - b.ratio);
  const [worst, best] = [sorted[0], sorted.at(-1)!];
  return `${times(worst.ratio)} (${worst.what}) to ${times(best.ratio)} times (${best.what})`;
}

const peers = readPeers(peersFile);
const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Beside PyTorch on one thread: the cases, and what the sweep over sizes adds. */
export const besidePyTorch: readonly (Row & { elements: number })[] = [
  ...peers.cases.map(({ loss, shape, peers: all }) => ({
    ratio: measured(all.PyTorch)!.ratio,
    what: `${loss} ${sizeText(shape)}`,
    elements: elements(shape),
  })),
  ...peers.sweeps.map(({ loss, shape, times: all }) => ({
    ratio: all.PyTorch! / all.simdloss!,
    what: `${loss} ${sizeText(shape)}`,
    elements: elements(shape),
  })),
];

/** Two threads beside one, calls one after another that are cut. */
const { environment: ofThreads, cases: threadCases } = readThreads();
export const twoThreads: readonly Row[] = threadCases
  .filter(({ isCut }) => isCut)
  .map(({ loss, shape, gain }) => ({ ratio: gain.median, what: `${loss} ${sizeText(shape)}` }));

/** The same of single calls among other work, to which sleeping workers are woken. */
export const wokenThreads: readonly Row[] = peers.cases.map(({ loss, shape, threaded }) => ({
  ratio: measured(threaded.simdloss)!.ratio,
  what: `${loss} ${sizeText(shape)}`,
}));

/** Relaxed math beside the deterministic, on one thread. */
export const relaxed: readonly Row[] = peers.cases.map(({ loss, shape, peers: all }) => ({
  ratio: 1 / measured(all['simdloss relaxed'])!.ratio,
  what: `${loss} ${sizeText(shape)}`,
}));

/** Beside the js backend: every loss, operation and size of the newest Node that was measured. */
const bench = [...committedResults().values()]
  .filter(({ environment }) => environment.dtype === 'f32')
  .at(-1)!;
export const besideJs: readonly (Row & { of: string })[] = bench.cases.map(
  ({ loss, operation, shape, ratio }) => ({
    ratio,
    what: `${loss}${operation === 'value' ? '' : `.${operation}`} ${sizeText(shape)}`,
    of: `${loss} ${sizeText(shape)}`,
  }),
);

const LARGE = 65536;
const major = (version: string): string => version.replace(/^v/, '').split('.')[0];
const torch = /^\d+\.\d+/.exec(peers.environment.versions.torch)![0];

function fast(): string {
  const large = besidePyTorch.filter((row) => row.elements >= LARGE);
  return wrapped(
    `- **Fast**: from ${LARGE / 1024} Ki elements on, value and gradient on one thread are ${range(large)} as fast as ` +
      `PyTorch ${torch}'s on the same CPU (${peers.environment.cpu}, Node ${major(peers.environment.node)}), and ` +
      `${range(besidePyTorch)} over all sizes: [charts](#speed). Of ${besideJs.length} rows beside plain TypeScript they are ` +
      `${range(besideJs)} as fast (Node ${major(bench.environment.node)}).`,
    '  ',
  );
}

function threads(): string {
  return wrapped(
    `Calls one after another that are long enough to be cut, two threads on the two cores of an ${ofThreads.cpu}: ` +
      `${range(twoThreads)} as fast as one; \`npm run bench:threads\` measures yours. Single calls among other work, to which workers ` +
      `have to be woken: ${range(wokenThreads)}.`,
  );
}

function relaxedMath(): string {
  return wrapped(
    `Relaxed math rounds a·b + c once where the processor does: ${range(relaxed)} as fast as the deterministic kernels, ` +
      'the same error bounds, but the bits may differ between machines.',
  );
}

const wonByJs = (): string => {
  const names = [...new Set(besideJs.filter(({ ratio }) => ratio < 1).map(({ of }) => of))];
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
};

/** Up to how many elements of ordinary arrays js is the faster one, by loss: the fewest and the most. */
function staged(): string {
  const rows = readSmall().rows.filter(({ way }) => way === 'staged plain');
  const [fewest, most] = [...new Set(rows.map(({ loss }) => loss))]
    .map((loss) => ({ loss, size: lastLost(rows.filter((row) => row.loss === loss)) }))
    .sort((a, b) => a.size - b.size)
    .filter((_, i, all) => i === 0 || i === all.length - 1);
  return `${fewest.size} (${fewest.loss}) to ${most.size} elements (${most.loss})`;
}

function small(): string {
  const won = besideJs.filter(({ ratio }) => ratio < 1).length;
  return wrapped(
    `The js backend is the faster one in ${won} of the ${besideJs.length} rows on tensors (${wonByJs()}). Ordinary arrays have to ` +
      `be copied, and with them it stays ahead longer: up to ${staged()}. \`npx tsx bench/small.ts\` measures what a ` +
      'call costs before it computes anything.',
  );
}

function cold(): string {
  const { platforms, environment } = readCold(coldFile);
  const cpuOf = (platform: string, entry: string): string =>
    platforms
      .find(({ name, version }) => `${name} ${version}`.startsWith(platform))!
      .rows.find((row) => row.entry === entry)!
      .over.CPU.median.toFixed(0);
  return wrapped(
    `Cold, from the import to the first result on an ${environment.cpu}, \`simdloss\` takes Node 24 ${cpuOf('Node 24', 'simdloss')} ms ` +
      `of CPU time over an empty script and \`simdloss/core\` ${cpuOf('Node 24', 'simdloss/core')} ms; workerd takes ` +
      `${cpuOf('workerd', 'simdloss')} ms over an empty worker: \`npm run bench:cold\`.`,
  );
}

/** By the name of the place in README.md. */
export const figures = (): Record<string, string> => ({
  fast: fast(),
  threads: threads(),
  relaxed: relaxedMath(),
  small: small(),
  cold: cold(),
});
