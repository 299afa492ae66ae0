// The block at the end of `npm test`: what was skipped and why, by the command that installs what it needs.
import type { UserConsoleLog } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import { type Missing, NOTICE } from './missing.ts';

/** Printed where they are told they would stand between the results of other files. */
export const isNotice = (log: string): boolean => log.startsWith(NOTICE);

export function skippedText(notices: readonly Missing[], tests: number): string {
  const byCommand = new Map<string, Map<string, Set<string>>>();
  for (const { what, why, install } of notices) {
    const reasons = byCommand.get(install) ?? new Map<string, Set<string>>();
    byCommand.set(install, reasons.set(why, (reasons.get(why) ?? new Set()).add(what)));
  }
  const lines = [`Not tested here (${tests} tests were skipped):`];
  for (const [install, reasons] of byCommand) {
    for (const [why, whats] of reasons) lines.push(`  ${[...whats].sort().join(', ')}: ${why}`);
    lines.push(`      ${install}`);
  }
  if ([...byCommand.keys()].some((install) => install.startsWith('npm ci --prefix'))) {
    lines.push('  npm run setup:all installs all that comes from npm.');
  }
  return lines.join('\n');
}

export default class Skipped implements Reporter {
  readonly #notices: Missing[] = [];

  onUserConsoleLog({ content }: UserConsoleLog): void {
    for (const line of content.split('\n')) {
      if (isNotice(line)) this.#notices.push(JSON.parse(line.slice(NOTICE.length)) as Missing);
    }
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#notices.length === 0) return;
    const tests = modules.flatMap((module) => [...module.children.allTests('skipped')]).length;
    console.log(`\n${skippedText(this.#notices, tests)}\n`);
  }
}
