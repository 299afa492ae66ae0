// The JS backend's loops over all elementwise losses, its kernel tables and its f64 half.
//
// The point formulas of src/js/points are spliced into the loops as text: calls of imported functions made the cheap
// losses 1.5 times slower, and V8's budget for inlining ends within one unrolled loop.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KernelSpec } from '../../src/losses/descriptor.ts';
import { kernels } from '../../src/losses/registry.ts';

const root = new URL('../../', import.meta.url);

/** What a formula may ask for by the name of a parameter, and how a loop gets it. */
const given: Record<string, string> = {
  x: 'input[i]',
  t: 'target[i]',
  q: 'extra === null ? 1 : extra[i - extraFrom]',
  aux: '',
};
const params = ['p0', 'p1', 'p2', 'p3', 'p4'];

/** One function of src/js/points: the names of its parameters, and its body as a statement that sets a variable. */
interface Formula {
  readonly names: readonly string[];
  readonly assignTo: (variable: string) => string;
}
type Formulas = Record<string, Formula>;

/** Reads `export const name = (a: number, b: number) => …;` with an expression, or a block that returns at its end. */
function formulasOf(file: string): Formulas {
  const source = readFileSync(new URL(`src/js/points/${file}.ts`, root), 'utf8');
  const found: Formulas = {};
  for (const [, name, list, body] of source.matchAll(
    /^export const (\w+) = \((.*?)\) =>\s(.*?);$(?=\n\n|\n*$(?!\n))/gms,
  )) {
    const fail = (what: string): never => {
      throw new Error(`src/js/points/${file}.ts: ${name} ${what}`);
    };
    const names = [...list.matchAll(/(\w+): number/g)].map(([, parameter]) => parameter);
    for (const parameter of names) {
      if (!(parameter in given) && !params.includes(parameter)) fail(`has an unknown parameter ${parameter}`);
    }
    const isBlock = body.startsWith('{');
    if (isBlock && body.split(/\breturn\b/).length !== 2) fail('must return once, at its end');
    const assignTo = (variable: string) =>
      isBlock
        ? `let ${variable}: number; ${body.replace(/\breturn\b/, `${variable} =`)}`
        : `const ${variable} = ${body};`;
    found[name] = { names, assignTo };
  }
  if (!found.value || !found.grad) throw new Error(`src/js/points/${file}.ts: value or grad not found`);
  return found;
}

const formulas = new Map(kernels.filter((k) => k.loops.includes('any')).map((k) => [k, formulasOf(k.file)]));

/** The values that these formulas ask for, aux and its own included. */
function needs(all: Formulas, wanted: readonly string[]): Set<string> {
  const names = new Set(wanted.flatMap((name) => all[name]?.names ?? []));
  if (names.has('aux')) for (const name of all.aux.names) names.add(name);
  return names;
}

/** Statements that give the formulas what they ask for. */
function operands(all: Formulas, names: Set<string>, one: boolean): string {
  const lines = Object.entries(given)
    .filter(([name, source]) => names.has(name) && source !== '')
    .map(([name, source]) => `const ${name} = ${one && name === 'q' ? 1 : source};`);
  if (names.has('aux')) lines.push(all.aux.assignTo('aux'));
  return lines.join('\n');
}

const hoisted = (names: Set<string>): string => {
  const used = params.filter((name) => names.has(name));
  return used.length > 0 ? `const { ${used.join(', ')} } = call;` : '';
};

const array = (name: string, field: string, nullable = true) =>
  `const ${name} = call.${field} as Float32Array${nullable ? ' | null' : ''};`;

/** A loop without weights. */
function plainLoop(name: string, all: Formulas, value: boolean, grad: boolean): string {
  const wanted = [...(value ? ['value'] : []), ...(grad ? ['grad'] : [])];
  const names = needs(all, wanted);
  return `
function ${name}(call: KernelCall, from: number, to: number): number {
  ${names.has('x') ? array('input', 'input', false) : ''}
  ${names.has('t') ? array('target', 'target', false) : ''}
  ${grad ? `${array('grad', 'grad', false)} const scale = gradScale(call);` : ''}
  ${hoisted(names)}
  ${value ? 'let sum = 0;' : ''}
  for (let i = from; i < to; i++) {
    ${operands(all, names, true)}
    ${value ? `${all.value.assignTo('value')} sum += value;` : ''}
    ${grad ? `${all.grad.assignTo('slope')} grad[i] = slope * scale;` : ''}
  }
  return ${value ? 'sum' : '0'};
}`;
}

/** The loop for everything. */
function anyLoop(name: string, all: Formulas): string {
  const names = needs(all, ['value', 'grad', 'gradTarget']);
  const hasTarget = 'gradTarget' in all;
  return `
function ${name}(call: KernelCall, from: number, to: number): number {
  ${array('input', 'input', false)}
  ${names.has('t') ? array('target', 'target', false) : ''}
  ${array('grad', 'grad')}
  ${hasTarget ? array('gradTarget', 'gradTarget') : ''}
  ${array('values', 'value')}
  ${array('sampleWeight', 'sampleWeight')}
  ${array('gradOutput', 'gradOutput')}
  const weight = weightOf(call, from, to);
  const weightFrom = call.weightShape === null ? 0 : from;
  ${names.has('q') ? 'const extra = extraOf(call, from, to); const extraFrom = call.extraShape === null ? 0 : from;' : ''}
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  ${hoisted(names)}
  let sum = 0;
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      ${hasTarget ? 'if (gradTarget !== null) gradTarget[i] = 0;' : ''}
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    ${operands(all, names, false)}
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    if (isValue) {
      ${all.value.assignTo('value')}
      if (values === null) sum += value * factor;
      else values[i] = value * factor;
    }
    if (grad !== null) {
      ${all.grad.assignTo('slope')}
      grad[i] = slope * up;
    }
    ${hasTarget ? `if (gradTarget !== null) { ${all.gradTarget.assignTo('slope')} gradTarget[i] = slope * up; }` : ''}
  }
  return sum;
}`;
}

function pointwiseSource(): string {
  const losses = [...formulas].map(
    ([{ name }, all]) => `${plainLoop(`${name}Sum`, all, true, false)}
${plainLoop(`${name}Grad`, all, false, true)}
${plainLoop(`${name}SumGrad`, all, true, true)}
${anyLoop(`${name}Any`, all)}
export const ${name} = pointwise({ sum: ${name}Sum, grad: ${name}Grad, sumGrad: ${name}SumGrad, any: ${name}Any });`,
  );
  return `// Generated from src/js/points by \`npm run generate\`; do not edit.
import { FLAGS } from '../../abi.ts';
import type { KernelCall } from '../../call.ts';
import { pointwise } from '../pointwise.ts';
import { gradScale } from '../reduce.ts';
import { extraOf, weightOf } from './broadcast.ts';
${losses.join('\n')}
`;
}

/** The kernel of each name. */
function kernelsSource(): string {
  const imports = new Map<string, Set<string>>();
  const use = (file: string, name: string) => {
    imports.set(file, (imports.get(file) ?? new Set()).add(name));
    return name;
  };
  const kernelOf = ({ name, file, column }: KernelSpec, loop: string): string => {
    if (loop === 'rows' || column === 'SoftmaxColumn') return use('./softmax.ts', 'softmax');
    if (loop === 'pick')
      return `${use('./classes.ts', 'pick')}(${use(`../points/${file}.ts`, `* as ${file}`).slice(5)})`;
    if (column === 'ClassColumn')
      return `${use('./classes.ts', 'column')}(${use(`../points/${file}.ts`, `* as ${file}`).slice(5)})`;
    if (loop === 'lanes') return use(`./${file}.ts`, name);
    return use('./pointwise.ts', name);
  };
  const lines = kernels.flatMap((kernel) =>
    kernel.loops.map((loop) => `${kernel.name}_${loop}: ${kernelOf(kernel, loop)},`),
  );
  use('./prepass.ts', 'prepass');
  use('../reduce.ts', 'type Kernels');
  const header = [...imports]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, names]) => {
      const list = [...names].sort().join(', ');
      return `import ${list.startsWith('*') ? list : `{ ${list} }`} from '${file}';`.replace(
        'import { type',
        'import type {',
      );
    });
  return `// Generated from the registry by \`npm run generate\`; do not edit.
${header.join('\n')}

export const kernels: Kernels = {
${lines.join('\n')}
prepass,
};
`;
}

const biome = fileURLToPath(new URL('node_modules/@biomejs/biome/bin/biome', root));

/** As `npm run format` would leave it. */
const formatted = (path: string, source: string): string =>
  execFileSync(process.execPath, [biome, 'format', `--stdin-file-path=${path}`], {
    cwd: fileURLToPath(root),
    input: source.replaceAll(/\n\s*\n(?!function)/g, '\n'), // what an empty part of a template leaves behind
    encoding: 'utf8',
  });

const generatedHeader = /^\/\/ Generated .*\n/;

/** V8 keeps one type feedback per source location, so f64 has a text of its own. */
const toF64 = (file: string, source: string): string =>
  (generatedHeader.test(source)
    ? ''
    : `// Generated from src/js/f32/${file} by \`npm run generate\`; do not edit.\n`) +
  source.replaceAll('Float32Array', 'Float64Array');

/** Path and text of every generated file of the JS backend. */
export function jsSources(): Record<string, string> {
  const f32: Record<string, string> = {
    'kernels.ts': formatted('src/js/f32/kernels.ts', kernelsSource()),
    'pointwise.ts': formatted('src/js/f32/pointwise.ts', pointwiseSource()),
  };
  const files: Record<string, string> = {};
  for (const [file, source] of Object.entries(f32)) files[`src/js/f32/${file}`] = source;
  const folder = new URL('src/js/f32/', root);
  for (const file of readdirSync(folder).sort()) f32[file] ??= readFileSync(new URL(file, folder), 'utf8');
  for (const [file, source] of Object.entries(f32)) files[`src/js/f64/${file}`] = toF64(file, source);
  return files;
}
