#!/usr/bin/env node
import type { Command } from './commands/command.ts';
import { cutCommand } from './commands/cut.ts';
import { evalCommand } from './commands/eval.ts';
import { lossesCommand } from './commands/losses.ts';
import { mergeCommand } from './commands/merge.ts';
import { DataError, EXIT, textOf, UsageError } from './failure.ts';

const commands: readonly Command[] = [evalCommand, mergeCommand, lossesCommand, cutCommand];

const USAGE = `usage: simdloss COMMAND …

${commands.map(({ name, summary }) => `  ${name.padEnd(8)}${summary}`).join('\n')}

  $ simdloss eval --help`;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  const wantsHelp = args.some((arg) => arg === '--help' || arg === '-h');
  const command = commands.find((one) => one.name === name);
  if (command === undefined) {
    if (wantsHelp) console.log(USAGE);
    else
      console.error(`${name === undefined ? 'which command?' : `there is no command ${name}`}\n\n${USAGE}`);
    return wantsHelp ? 0 : EXIT.usage;
  }
  if (wantsHelp) {
    console.log(command.usage());
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}\n\nsimdloss ${command.name} --help says how it is called`);
      return EXIT.usage;
    }
    // files and modules that cannot be read or written
    const isKnown = error instanceof DataError || typeof (error as { code?: unknown })?.code === 'string';
    if (!isKnown) throw error;
    console.error(textOf(error));
    return EXIT.data;
  }
}

process.exitCode = await main(process.argv.slice(2));
