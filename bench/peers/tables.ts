// What the terminal and the page show.
import { columns, digits, ratioText, sizeText } from '../format.ts';
import { BUSY } from './busy.ts';
import { cases, type PeerName } from './cases.ts';
import { type CaseResult, type Environment, measured } from './results.ts';

/** Near 1 a digit more tells. */
export const timesText = (ratio: number): string => (ratio < 2 ? `${ratio.toFixed(2)}×` : ratioText(ratio));

export interface TargetResult {
  readonly name: string;
  readonly against: PeerName;
  readonly wanted: number;
  /** Of the deterministic build; of the relaxed one where there is one. */
  readonly ratio: number | undefined;
  readonly spread: string;
  readonly relaxed: number | undefined;
}

/** The targets that were measured. */
export function targetsOf(results: readonly CaseResult[]): TargetResult[] {
  return cases.flatMap(({ loss, shape, targets }) => {
    const found = results.find((result) => result.loss === loss && `${result.shape}` === `${shape}`);
    if (found === undefined) return [];
    return (Object.entries(targets) as [PeerName, number][]).map(([against, wanted]): TargetResult => {
      const rival = measured(found.peers[against]);
      const relaxed = measured(found.peers['simdloss relaxed']);
      return {
        name: `${loss} ${sizeText(shape)}`,
        against,
        wanted,
        ratio: rival?.ratio,
        spread: rival === undefined ? '' : `${digits(rival.p10)}–${digits(rival.p90)}`,
        relaxed: rival && relaxed && rival.ratio / relaxed.ratio,
      };
    });
  });
}

export function verdict({ wanted, ratio, relaxed }: TargetResult): string {
  if (ratio === undefined) return 'not measured';
  if (ratio >= wanted) return 'reached';
  return relaxed !== undefined && relaxed >= wanted ? 'relaxed only' : 'MISSED';
}

export const relaxedText = ({ relaxed }: TargetResult): string =>
  relaxed === undefined ? '–' : `${digits(relaxed)}×`;

export const measuredText = ({ ratio, spread }: TargetResult): string =>
  ratio === undefined ? '–' : `${digits(ratio)}× (${spread})`;

export const targetTable = (results: readonly CaseResult[]): string =>
  columns([
    ['target', 'against', 'wanted', 'measured', 'relaxed', ''],
    ...targetsOf(results).map((target) => [
      target.name,
      target.against,
      `${target.wanted}×`,
      measuredText(target),
      relaxedText(target),
      verdict(target),
    ]),
  ]);

export function environmentText({ cpu, cores, node, date, others, versions }: Environment): string {
  const notMeasured = ['protobufjs'];
  const list = Object.entries(versions).filter(([name]) => !notMeasured.includes(name));
  return [
    `${cpu}, ${cores} cores · Node ${node.slice(1)} · ${date}`,
    list.map(([name, version]) => `${name} ${version}`).join(' · '),
    `Other processes used ${percent(others.median)} of the cores (median; at most ${percent(others.max)}).${
      others.max > BUSY
        ? ' That interrupts long calls more often than short ones and empties their caches, so that ratios come out too high: for figures to rely on, run it on a machine that does nothing else.'
        : ''
    }`,
  ].join('\n');
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
