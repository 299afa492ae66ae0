// Engines installed by `npm ci --prefix test/engines`. CI must have them; elsewhere their tests are skipped, loudly.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));

/** The engine's executable; undefined where it is not installed, which CI does not allow. */
export function engine(name: string, path: string): string | undefined {
  if (existsSync(at(path))) return at(path);
  if (process.env.CI === 'true') throw new Error(`${name} is missing: npm ci --prefix test/engines`);
  console.warn(`\n*** SKIPPED: ${name} is not installed (npm ci --prefix test/engines) ***\n`);
  return undefined;
}
