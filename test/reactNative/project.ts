// An app of the packed package, bundled as React Native's template does, and Hermes.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { engine } from '../engines/installed.ts';
import { type Installed, install } from '../engines/packed.ts';
import { missing } from '../missing.ts';

const modules = fileURLToPath(new URL('node_modules', import.meta.url));

const node = engine('Node 24', 'node24/bin/node');

/** Whether Metro, its Node and Hermes are there; CI must have them, elsewhere their tests are skipped. */
export function haveMetro(): boolean {
  if (node === undefined) return false;
  if (existsSync(modules)) return true;
  missing({ what: 'Metro and Hermes', why: 'not installed', install: 'npm ci --prefix test/reactNative' });
  return false;
}

export const versionOf = (name: string): string =>
  JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')).version;

/** The template's, but for react-native itself, which starts before an app, and for where modules lie. */
const METRO_CONFIG = `const { getDefaultConfig, mergeConfig } = require('${modules}/@react-native/metro-config/dist/index.js');
module.exports = mergeConfig(getDefaultConfig(__dirname), {
  cacheStores: [],
  watchFolders: ['${modules}'],
  resolver: { nodeModulesPaths: ['${modules}'] },
  serializer: { getModulesRunBeforeMainModule: () => [] },
});
`;

/** For which engines React Native's Babel preset writes: Hermes of React Native 0.84 on, or any. */
export type Profile = 'hermes-stable' | 'default';

export class Project {
  readonly #installed: Installed = install();

  /** Where the package lies. */
  get package(): string {
    return this.#installed.package;
  }

  /** Writes the app: main.js with what app.ts has. */
  async writeApp(main: string): Promise<void> {
    this.#installed.write('main.js', main);
    this.#installed.write('metro.config.cjs', METRO_CONFIG);
    await build({
      entryPoints: [fileURLToPath(new URL('app.ts', import.meta.url))],
      outfile: join(this.#installed.folder, 'app.js'),
      bundle: true,
      format: 'esm',
      target: 'es2022',
    });
  }

  /** Bundles the app with Metro; the bundle's path. */
  async bundle(name: string, profile: Profile, ...args: string[]): Promise<string> {
    const preset = JSON.stringify([
      `${modules}/@react-native/babel-preset`,
      { unstable_transformProfile: profile },
    ]);
    this.#installed.write('babel.config.json', `{ "presets": [${preset}] }`);
    const { folder } = this.#installed;
    const options = ['--config', 'metro.config.cjs', '--platform', 'android', '--out', name];
    const { NODE_ENV, VITEST, NODE_OPTIONS, ...env } = process.env;
    const building = promisify(execFile)(
      node!,
      [`${modules}/metro/src/cli.js`, 'build', 'main.js', ...options, ...args],
      // what it keeps for the next time goes with the project
      { cwd: folder, env: { ...env, TMPDIR: folder }, timeout: 250_000 },
    );
    await building.catch(({ stdout, stderr }) => {
      // it shows whole lines of what is minified
      throw new Error(`Metro: ${(stderr + stdout).slice(0, 2000)}`);
    });
    return join(folder, `${name}.js`);
  }

  remove(): void {
    this.#installed.remove();
  }
}

/** Compiles a script to bytecode: its path. */
export function compile(hermesc: 'hermes-compiler/hermesc' | 'hermes-engine-cli', script: string): string {
  const out = script.replace(/js$/, 'hbc');
  const args = ['-O', '-w', '-emit-binary', '-out', out, script];
  execFileSync(`${modules}/${hermesc}/linux64-bin/hermesc`, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return out;
}

/** What Hermes has had since React Native 0.72 and the virtual machine of npm has not. */
const SINCE = `Object.defineProperty(Array.prototype, 'at', {
  value(index) { return this[index < 0 ? this.length + index : index]; },
});
`;

/** What a bundle prints in Hermes. */
export async function runInHermes(bundle: string): Promise<string> {
  writeFileSync(bundle, SINCE + readFileSync(bundle, 'utf8'));
  const hermes = `${modules}/hermes-engine-cli/linux64-bin/hermes`;
  const { stdout } = await promisify(execFile)(hermes, ['-b', compile('hermes-engine-cli', bundle)], {
    maxBuffer: 2 ** 26,
    timeout: 250_000,
  });
  return stdout;
}
