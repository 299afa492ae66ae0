import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const urlOf = (path: string): URL => new URL(path, root);

/** Folders of which every file is generated here. */
const whole = ['assembly/generated', 'src/js/generated', 'src/parts/generated'];

/** What lies in them, perhaps from earlier sources. */
const present = (): string[] =>
  whole
    .filter((folder) => existsSync(urlOf(folder)))
    .flatMap((folder) =>
      readdirSync(urlOf(folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => `${folder}/${name.replaceAll('\\', '/')}`),
    );

/** Which files are not as they should be, or should not be. */
export function stale(files: Record<string, string>): string[] {
  const isRight = (path: string) =>
    existsSync(urlOf(path)) && readFileSync(urlOf(path), 'utf8') === files[path];
  return [...new Set([...Object.keys(files), ...present()])].filter((path) => !isRight(path));
}

/** Writes or removes those. */
export function write(files: Record<string, string>): void {
  for (const path of stale(files)) {
    if (path in files) {
      mkdirSync(new URL('./', urlOf(path)), { recursive: true });
      writeFileSync(urlOf(path), files[path]);
    } else rmSync(urlOf(path));
    console.log(`${path in files ? 'wrote' : 'removed'} ${path}`);
  }
}
