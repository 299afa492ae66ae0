// Engines installed by `npm ci --prefix test/engines`. CI must have them; elsewhere their tests are skipped.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missing } from '../missing.ts';

const at = (path: string) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));

/** The engine's executable; undefined where it is not installed, which CI does not allow. */
export function engine(name: string, path: string): string | undefined {
  if (existsSync(at(path))) return at(path);
  missing({ what: name, why: 'not installed', install: 'npm ci --prefix test/engines' });
  return undefined;
}
