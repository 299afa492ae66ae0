// Tells the process that watches a run what has passed, line by line: a run that says nothing for long hangs.
import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const say = (line: string) => writeSync(1, `${line.replaceAll('\n', ' ')}\n`);

export default class implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state === 'failed') say(`FAILED ${test.module.moduleId} > ${test.fullName}`);
    else say(`passed ${test.fullName}`);
  }

  onTestModuleEnd(module: TestModule): void {
    const [error] = module.errors();
    if (error) say(`FAILED ${module.moduleId} > ${error.message}`);
    else if (module.ok()) say(`passed ${module.moduleId} in ${Math.round(module.diagnostic().duration)}`);
    else say(`FAILED ${module.moduleId}`);
  }

  onTestRunEnd(_: unknown, errors: readonly { message: string }[]): void {
    if (errors.length) say(`FAILED outside a test > ${errors[0].message}`);
  }
}
