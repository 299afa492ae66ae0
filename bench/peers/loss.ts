// The process that measures some cases of one loss.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elementsOf, type LossName } from '../cases.ts';
import { report, taskOfChild } from '../child.ts';
import { fillIndices, fillInput, fillTarget } from '../data.ts';
import { columns, digits, sizeText } from '../format.ts';
import { rounded } from '../statistics.ts';
import { cases, type PeerName, sweepPeers, sweeps, type ThreadedName } from './cases.ts';
import { compare } from './compare.ts';
import { Libraries } from './libraries.ts';
import { inProcess, type Peer, type Problem } from './peer.ts';
import type { CaseResult, Disagreement, PeerResult, SweepResult } from './results.ts';
import { fullEffort, inTurn, quickEffort, sweepEffort } from './rounds.ts';
import { timesText } from './tables.ts';

export interface LossTask {
  /** Indices into `cases`. */
  readonly cases: readonly number[];
  /** Of this loss, its sweep. */
  readonly sweep: LossName | undefined;
  /** Whether two threads, too. */
  readonly threaded: boolean;
  readonly quick: boolean;
}
export type Message =
  | { readonly kind: 'case'; readonly result: CaseResult }
  | { readonly kind: 'sweep'; readonly result: SweepResult };

const task = taskOfChild<LossTask>();
const folder = mkdtempSync(join(tmpdir(), 'simdloss-peers-'));
const libraries = await Libraries.start(folder);
let code = 0;
try {
  for (const index of task.cases) {
    const result = await measureCase(index);
    await report({ kind: 'case', result } satisfies Message);
  }
  const sweep = sweeps.find(({ loss }) => loss === task.sweep);
  for (const shape of sweep?.shapes ?? []) {
    const result = await measureSweep(problemOf(sweep!.loss, shape));
    await report({ kind: 'sweep', result } satisfies Message);
  }
} catch (error) {
  console.error(error); // here: some libraries' own handlers print a megabyte of source
  code = 1;
}
libraries.stop();
rmSync(folder, { recursive: true });
process.exit(code); // some libraries leave timers and threads behind

function problemOf(loss: LossName, shape: readonly number[]): Problem {
  const elements = elementsOf(shape);
  const input = new Float32Array(elements);
  fillInput(loss, input);
  if (loss !== 'crossEntropy') {
    const target = new Float32Array(elements);
    fillTarget(loss, target);
    return { loss, shape, input, target };
  }
  const target = new Int32Array(elements / shape[1]);
  fillIndices(target, shape[1]);
  return { loss, shape, input, target };
}

async function measureCase(index: number): Promise<CaseResult> {
  const { loss, shape, peers: names } = cases[index];
  const problem = problemOf(loss, shape);
  const effort = task.quick ? quickEffort : fullEffort;
  const peers = await libraries.make(names, problem);
  const single = await compare(peers, 'cpu', shape, effort);
  dispose(peers);
  const threads = task.threaded ? await libraries.makeThreaded(problem) : new Map<ThreadedName, Peer>();
  // one thread alone says nothing
  const threaded = threads.size > 1 ? await compare(threads, 'wall', shape, effort) : {};
  dispose(threads);
  print(loss, shape, single, threaded);
  return { loss, shape, peers: single, threaded };
}

/** No check: the kernels are those of the cases, and a row or two more. */
async function measureSweep(problem: Problem): Promise<SweepResult> {
  const { loss, shape, input } = problem;
  const elements = elementsOf(shape);
  const peers = new Map<PeerName | 'copy', Peer>(await libraries.make(sweepPeers, problem));
  const to = new Float32Array(elements);
  peers.set(
    'copy',
    inProcess(
      () => to.set(input),
      () => ({ value: 0, grad: to }),
    ),
  );
  const timings = await inTurn(peers, 'cpu', task.quick ? quickEffort : sweepEffort);
  dispose(peers);
  const times: SweepResult['times'] = {};
  for (const [name, { time }] of timings) times[name] = rounded(time / elements);
  const text = Object.entries(times).map(([name, time]) => `${name} ${digits(time)}`);
  console.log(`${loss} ${sizeText(shape)}, ns per element: ${text.join(' · ')}`);
  return { loss, shape, times };
}

function dispose(peers: ReadonlyMap<string, Peer>): void {
  for (const peer of peers.values()) peer.dispose();
}

function print(loss: LossName, shape: readonly number[], ...groups: object[]): void {
  const rows: string[][] = [['', 'ns/el', 'ratio', 'p10–p90', 'differs by: value', 'gradient']];
  for (const group of groups) {
    for (const [name, result] of Object.entries(group) as [string, PeerResult | Disagreement][]) {
      const { value, grad } = result.difference;
      const differences = [value, grad].map((x) => (x === 0 ? '0' : x.toExponential(1)));
      const figures =
        'time' in result
          ? [digits(result.time), timesText(result.ratio), `${digits(result.p10)}–${digits(result.p90)}`]
          : ['DISAGREES', '', ''];
      rows.push([`  ${name}${group === groups[1] ? ' (wall)' : ''}`, ...figures, ...differences]);
    }
  }
  console.log(`\n${loss} ${sizeText(shape)}\n${columns(rows)}`);
}
