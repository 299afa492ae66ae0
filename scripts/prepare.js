// npm runs this after an install in a clone, not where the published package is installed. Without development dependencies
// (npm ci --omit=dev) there is nothing to generate sources with, nor to compile them.
import { createRequire } from 'node:module';

try {
  createRequire(import.meta.url).resolve('tsx/esm/api');
} catch {
  process.exit(0);
}
const { register } = await import('tsx/esm/api');
register();
const [{ sources }, { write }] = [await import('./generate/sources.ts'), await import('./generate/write.ts')];
write(sources());
