// A project that depends on the packed package, in three forms: as published, bundled into one file, and a file per source.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Installed, install } from '../../test/engines/packed.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Form {
  readonly entry: 'simdloss' | 'simdloss/url' | 'simdloss/core';
  readonly form: 'as published' | 'one file' | 'a file per source';
  /** What a program imports. */
  readonly specifier: string;
}

export interface Project extends Installed {
  readonly forms: readonly Form[];
}

/** A platform's bundle of an entry. */
const bundles = { node: 'one-node', browser: 'one-browser' } as const;

export async function createProject(platform: keyof typeof bundles): Promise<Project> {
  const project = install();
  copyFileSync(fileURLToPath(new URL('timeline.js', import.meta.url)), join(project.folder, 'timeline.js'));
  await filePerSource(project);
  const one = bundles[platform];
  for (const name of ['index', 'core']) {
    const from = project.write(
      `${one}-${name}.in.mjs`,
      `export * from 'simdloss${name === 'index' ? '' : '/core'}';`,
    );
    await build({
      entryPoints: { [name]: from },
      outdir: join(project.folder, one),
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      platform,
    });
  }
  return {
    ...project,
    forms: [
      { entry: 'simdloss', form: 'as published', specifier: 'simdloss' },
      { entry: 'simdloss', form: 'one file', specifier: `./${one}/index.js` },
      { entry: 'simdloss', form: 'a file per source', specifier: 'simdloss-sources' },
      { entry: 'simdloss/url', form: 'as published', specifier: 'simdloss/url' },
      { entry: 'simdloss/url', form: 'a file per source', specifier: 'simdloss-sources/url' },
      { entry: 'simdloss/core', form: 'as published', specifier: 'simdloss/core' },
      { entry: 'simdloss/core', form: 'one file', specifier: `./${one}/core.js` },
      { entry: 'simdloss/core', form: 'a file per source', specifier: 'simdloss-sources/core' },
    ],
  };
}

/** What a build without a bundler would publish. */
async function filePerSource({ folder, package: published }: Installed): Promise<void> {
  const copy = join(folder, 'node_modules/simdloss-sources');
  const dist = join(copy, 'dist');
  cpSync(published, copy, { recursive: true });
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.js')) rmSync(join(dist, name));
  }
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace('package.json', 'lib/tsc.js');
  const emit = ['--emitDeclarationOnly', 'false', '--declaration', 'false', '--outDir', dist];
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...emit], { cwd: root });
}
