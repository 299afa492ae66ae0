// src/js/generated: the loops over all elementwise losses, the kernel tables, and the f64 half of src/js/f32.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kernelsSource } from './kernels.ts';
import { pointwiseSource } from './pointwise.ts';
import { twin } from './twin.ts';

const root = new URL('../../../', import.meta.url);
const biome = fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root));

/** As `npm run format` would leave them; biome takes longer to start than to format all of them. */
function formatted(sources: readonly string[]): string[] {
  const end = '\n// end of a file\n';
  const input = sources.join(end).replaceAll(/\n\s*\n(?!function|export)/g, '\n'); // what an empty part of a template leaves behind
  const args = [biome, 'format', '--stdin-file-path=src/js/generated.ts'];
  return execFileSync(process.execPath, args, { cwd: fileURLToPath(root), input, encoding: 'utf8' })
    .split(end.trim())
    .map((source) => `${source.trim()}\n`);
}

/**
 * Imports for the order in which a bundle has them: each file beside its twin, as deflate finds what it has seen within 32 kB, which is
 * less than one half of them.
 */
const orderSource = (names: readonly string[]): string =>
  [
    '// Generated from the registry by `npm run generate`; do not edit.',
    ...names.flatMap((name) => [`import '../f32/${name}';`, `import './f64/${name}';`]),
  ].join('\n');

/** Path and text of every generated file of the JS backend. */
export function jsSources(): Record<string, string> {
  const folder = new URL('src/js/f32/', root);
  const names = readdirSync(folder).sort();
  const twins = names.map((name) => [`f64/${name}`, twin(name, readFileSync(new URL(name, folder), 'utf8'))]);
  const made = {
    'f32/kernels.ts': kernelsSource('f32'),
    'f64/kernels.ts': kernelsSource('f64'),
    'pointwise.ts': pointwiseSource(),
    'order.ts': orderSource(names),
  };
  const texts = formatted(Object.values(made));
  const files = [...Object.keys(made).map((name, i) => [name, texts[i]]), ...twins];
  return Object.fromEntries(files.map(([name, text]) => [`src/js/generated/${name}`, text]));
}
