import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Copies what git knows, or would know, of the repository at `root` to `folder`, with what is built and installed. */
export function copyRepository(root: string, folder: string): void {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  // a link to installed packages is a file to git
  const files = list.split('\0').filter((file) => file !== '' && file !== 'node_modules');
  for (const file of [...files, 'src/wasm/inline.ts', 'src/wasm/inlineRelaxed.ts', 'build/simdloss.wasm']) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
}
