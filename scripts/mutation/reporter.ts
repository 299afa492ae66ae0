// Tells the process that watches a run what has passed, line by line: a run that says nothing for long hangs.
import { writeSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const still = new Int32Array(new SharedArrayBuffer(4));

/** All of it, also into a pipe that is full for now because the machine is busy: it does not block. */
function say(line: string): void {
  let rest = Buffer.from(`${line.replaceAll('\n', ' ')}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(still, 0, 0, 5);
    }
  }
}

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
