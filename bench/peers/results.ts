// What a run writes: bench/results/peers/peers.json.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LossName } from '../cases.ts';
import type { Difference } from './agreement.ts';
import type { PeerName, ThreadedName } from './cases.ts';

export interface PeerResult {
  /** ns per element of the input, median; CPU time, for two threads wall time. */
  readonly time: number;
  /** How many times as fast simdloss is: the median of the rounds' ratios, and their spread. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
  readonly rounds: number;
  readonly difference: Difference;
}
/** Values or gradients differ by more than the tolerance: not timed. */
export interface Disagreement {
  readonly difference: Difference;
}

export interface CaseResult {
  readonly loss: LossName;
  readonly shape: readonly number[];
  readonly peers: Partial<Record<PeerName, PeerResult | Disagreement>>;
  readonly threaded: Partial<Record<ThreadedName, PeerResult | Disagreement>>;
}

export interface SweepResult {
  readonly loss: LossName;
  readonly shape: readonly number[];
  /** ns per element; `copy` is what copying an f32 costs. */
  readonly times: Partial<Record<PeerName | 'copy', number>>;
}

export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly date: string;
  /** The share of all cores that others used, median and maximum, looked at before each loss while we did nothing. */
  readonly others: { readonly median: number; readonly max: number };
  readonly versions: Readonly<Record<string, string>>;
}

/** Why ratios may differ without a change of ours. */
export function otherEnvironment(before: Environment, now: Environment): string[] {
  const all = ({ cpu, node, versions }: Environment): Record<string, string> => ({ cpu, node, ...versions });
  const was = all(before);
  const is = all(now);
  return Object.keys(is).flatMap((key) => (was[key] === is[key] ? [] : [`${key}: ${was[key]} → ${is[key]}`]));
}

export interface Results {
  readonly environment: Environment;
  readonly tolerance: number;
  readonly cases: readonly CaseResult[];
  readonly sweeps: readonly SweepResult[];
}

const results = new URL('../results/', import.meta.url);
export const pageFile = fileURLToPath(new URL('peers.md', results));
/** One for all Node versions: what Node it was, and what the machine, stands in it. */
export const committedFile = fileURLToPath(new URL('peers/peers.json', results));
export const chartFile = (name: string): string => fileURLToPath(new URL(`peers/${name}.svg`, results));

export const measured = (result: PeerResult | Disagreement | undefined): PeerResult | undefined =>
  result !== undefined && 'time' in result ? result : undefined;

/** One line for each peer of a case, so that a change can be read. */
export function writeResults(file: string, { environment, tolerance, cases, sweeps }: Results): void {
  const list = (entries: readonly string[]) => `[\n${entries.join(',\n')}\n  ]`;
  const byName = (record: object): string => {
    const lines = Object.entries(record).map(([name, value]) => `      "${name}": ${JSON.stringify(value)}`);
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n    }`;
  };
  const caseText = ({ peers, threaded, ...which }: CaseResult): string =>
    `    {${JSON.stringify(which).slice(1, -1)}, "peers": ${byName(peers)}, "threaded": ${byName(threaded)}}`;
  const sweepText = (sweep: SweepResult): string => `    ${JSON.stringify(sweep)}`;
  const parts = [
    `"environment": ${JSON.stringify(environment)}`,
    `"tolerance": ${tolerance}`,
    `"cases": ${list(cases.map(caseText))}`,
    `"sweeps": ${list(sweeps.map(sweepText))}`,
  ];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `{\n  ${parts.join(',\n  ')}\n}\n`);
}

export function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, 'utf8')) as Results;
}
