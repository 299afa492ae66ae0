// TypeScript in several versions, and the packed package in a project of its own beside the types of platforms.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Installed, install } from '../engines/packed.ts';
import { missing } from '../missing.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
export const modules = join(here, 'node_modules');
const { devDependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const names = Object.keys(devDependencies);

/** Whether the versions are there; says how to get them where they are not. */
export const isThere = names.every((name) => existsSync(join(modules, name)));
if (!isThere)
  missing({
    what: 'published types',
    why: 'TypeScript’s versions are not installed',
    install: 'npm ci --prefix test/types',
  });

/** A project with the packed package and the types of Node and Cloudflare's workers. */
export function project(): Installed {
  const made = install();
  for (const name of names.filter((name) => name.startsWith('@'))) {
    const there = join(made.folder, 'node_modules', name);
    mkdirSync(dirname(there), { recursive: true });
    symlinkSync(join(modules, name), there);
  }
  return made;
}

/** What the compiler says of the project's own files and of the package's; other packages' types are not ours to mend. */
export async function errorsOf(
  version: string,
  { folder, write }: Installed,
  name: string,
  files: readonly string[],
  options: object,
): Promise<string[]> {
  const config = write(
    `tsconfig.${name}.json`,
    JSON.stringify({
      compilerOptions: {
        ...{ strict: true, noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true },
        ...{ target: 'es2022', module: 'esnext', moduleResolution: 'bundler', types: [] },
        ...options,
      },
      files,
    }),
  );
  const compiler = join(modules, `typescript-${version}`, 'lib/tsc.js');
  const child = spawn(process.execPath, [compiler, '-p', config, '--pretty', 'false'], { cwd: folder });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      said += text;
    });
  }
  await new Promise((resolve) => child.on('close', resolve));
  return said
    .split('\n')
    .filter((line) => /\berror TS|Error:/.test(line))
    .filter((line) => !/^(\.\.\/)*[^(]*(@types|workers-types|undici-types|lib)\/[^(]*\(/.test(line));
}
