import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Copies what git knows, or would know, of the repository at `root` to `folder`, with what is installed: a fresh clone. */
export function copySources(root: string, folder: string): void {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  // a link to installed packages is a file to git
  for (const file of list.split('\0').filter((name) => name !== '' && name !== 'node_modules'))
    copy(root, folder, file);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

/** The same with what is generated and built. */
export function copyRepository(root: string, folder: string): void {
  copySources(root, folder);
  const generated = ['assembly', 'src/js', 'src/parts', 'src/wasm', 'src/clickhouse', 'src/evaluate'].map(
    (parent) => `${parent}/generated`,
  );
  const modules = ['simdloss', 'simdloss.relaxed', 'simdloss.clickhouse'].map((name) => `build/${name}.wasm`);
  for (const built of [...generated, ...modules]) copy(root, folder, built);
}

function copy(root: string, folder: string, path: string): void {
  if (!existsSync(join(root, path))) return;
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  cpSync(join(root, path), join(folder, path), { recursive: true });
}
