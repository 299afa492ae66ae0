import { fileURLToPath } from 'node:url';

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The compiler and what it is told for a target, as arguments of Node. asc finds no transform that a config names by a path. */
export const ascArguments = (config: string, target: string): string[] => [
  pathOf('../node_modules/assemblyscript/bin/asc.js'),
  ...['--config', config, '--target', target],
  ...(config === 'asconfig.json' ? ['--transform', pathOf('inlining.js')] : []),
];
