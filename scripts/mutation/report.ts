import { dirname } from 'node:path';
import { reasonOf } from './equivalent.ts';
import type { Outcome, Status } from './mutant.ts';

interface Tally {
  killed: number;
  equivalent: number;
  total: number;
}

const KILLED: readonly Status[] = ['killed', 'timeout', 'types'];

function tally(outcomes: readonly Outcome[], groupOf: (outcome: Outcome) => string): Map<string, Tally> {
  const groups = new Map<string, Tally>();
  for (const outcome of outcomes) {
    if (outcome.status === 'invalid') continue;
    const name = groupOf(outcome);
    const group = groups.get(name) ?? { killed: 0, equivalent: 0, total: 0 };
    groups.set(name, group);
    group.total++;
    if (KILLED.includes(outcome.status)) group.killed++;
    else if (reasonOf(outcome.mutant) !== undefined) group.equivalent++;
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const percent = ({ killed, equivalent, total }: Tally): string =>
  total === equivalent ? '–' : `${((100 * killed) / (total - equivalent)).toFixed(1)} %`;

function table(first: string, groups: Map<string, Tally>): string {
  const lines = [...groups].map(
    ([name, t]) => `| ${name} | ${t.killed} | ${t.equivalent} | ${t.total} | ${percent(t)} |`,
  );
  return [`| ${first} | killed | equivalent | all | share |`, '|---|--:|--:|--:|--:|', ...lines].join('\n');
}

/** Tables and survivors as Markdown. The share leaves equivalent mutants out. */
export function report(outcomes: readonly Outcome[]): string {
  const count = (status: Status) => outcomes.filter((outcome) => outcome.status === status).length;
  const survivors = outcomes
    .filter(({ status }) => status === 'survived')
    .sort((a, b) =>
      a.mutant.file < b.mutant.file ? -1 : a.mutant.file > b.mutant.file ? 1 : a.mutant.at - b.mutant.at,
    );
  const list = survivors.map(({ mutant }) => {
    const nth = mutant.nth > 1 ? ` (${mutant.nth})` : '';
    const reason = reasonOf(mutant);
    return `- ${mutant.file}:${mutant.line} \`${mutant.title}\`${nth} in \`${mutant.was}\`${reason ? `: equivalent, ${reason}` : ''}`;
  });
  return [
    table(
      'file',
      tally(outcomes, ({ mutant }) => mutant.file),
    ),
    '',
    table(
      'folder',
      tally(outcomes, ({ mutant }) => dirname(mutant.file)),
    ),
    '',
    table(
      'all',
      tally(outcomes, () => 'together'),
    ),
    '',
    `killed by a test ${count('killed')}, by not ending ${count('timeout')}, by the types alone ${count('types')};`,
    `survived ${count('survived')}; left out, since they do not compile: ${count('invalid')}`,
    '',
    ...list,
  ].join('\n');
}
