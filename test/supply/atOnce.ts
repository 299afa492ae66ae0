// What is loaded at once of an entry that was bundled and minified; what is imported on demand is not among it.
import { dirname, extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const gzipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;

export interface AtOnce {
  readonly code: string;
  /** Of the code, each file gzipped. */
  readonly size: number;
  /** Files that it was made of, from the entry's folder. */
  readonly inputs: readonly string[];
  /** Names of modules that stay files. */
  readonly modules: readonly string[];
  /** Of code and modules. */
  readonly all: number;
}

export async function atOnce(entry: string, conditions: string[] = []): Promise<AtOnce> {
  const folder = dirname(entry);
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: folder,
    outdir: folder,
    write: false,
    bundle: true,
    splitting: true,
    metafile: true,
    minify: true,
    format: 'esm',
    conditions,
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
    external: ['@duckdb/*'],
  });
  const { outputs } = metafile;
  const names = Object.keys(outputs);
  const contentsOf = (name: string): Uint8Array => outputFiles[names.indexOf(name)].contents;
  const code = new Set(
    names.filter((name) => outputs[name].entryPoint && entry.endsWith(outputs[name].entryPoint)),
  );
  if (code.size !== 1) throw new Error(`${entry} was bundled as ${[...code]}`);
  for (const name of code) {
    for (const { path, kind } of outputs[name].imports) {
      if (kind === 'import-statement' && extname(path) === '.js' && path in outputs) code.add(path);
    }
  }
  const modules = names.filter((name) => extname(name) === '.wasm');
  const sizeOf = (files: Iterable<string>): number =>
    [...files].reduce((sum, name) => sum + gzipped(contentsOf(name)), 0);
  return {
    code: [...code].map((name) => new TextDecoder().decode(contentsOf(name))).join('\n'),
    size: sizeOf(code),
    inputs: [...code].flatMap((name) => Object.keys(outputs[name].inputs)),
    modules: modules.sort(),
    all: sizeOf(code) + sizeOf(modules),
  };
}
