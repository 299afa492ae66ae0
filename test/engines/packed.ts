// The package as it is published: packed, unpacked into a folder of its own and run from there.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Packs dist/ as `npm publish` would; the tarball's path. */
export function pack(folder: string): string {
  const stdout = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return join(folder, JSON.parse(stdout)[0].filename);
}

export interface Installed {
  readonly folder: string;
  /** Where the package lies. */
  readonly package: string;
  /** Writes a file beside node_modules; its path. */
  write(name: string, source: string | Uint8Array): string;
  remove(): void;
}

/** A project that depends on the packed package, with the suite as ./suite.mjs. */
export function install(): Installed {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-engines-'));
  const modules = join(folder, 'node_modules');
  const at = join(modules, 'simdloss');
  mkdirSync(at, { recursive: true });
  execFileSync('tar', ['-xzf', pack(folder), '--strip-components=1', '-C', at]);
  cpSync(join(root, 'node_modules/@assemblyscript/loader'), join(modules, '@assemblyscript/loader'), {
    recursive: true,
  });
  const { bin } = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
  mkdirSync(join(modules, '.bin'));
  for (const [name, path] of Object.entries<string>(bin)) {
    chmodSync(join(at, path), 0o755);
    symlinkSync(join(at, path), join(modules, '.bin', name));
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "dependencies": { "simdloss": "*" } }');
  buildSync({
    entryPoints: [join(root, 'test/engines/suite.ts')],
    outfile: join(folder, 'suite.mjs'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
  });
  return {
    folder,
    package: at,
    write(name, source) {
      writeFileSync(join(folder, name), source);
      return join(folder, name);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
