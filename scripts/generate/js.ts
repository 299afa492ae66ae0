// The JS backend's loops over all elementwise losses, its kernel tables and its f64 half.
//
// The point formulas of src/js/points are spliced into the loops as text: calls of imported functions made the cheap
// losses 1.5 times slower, and V8's budget for inlining ends within one unrolled loop.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KernelSpec } from '../../src/losses/descriptor.ts';
import { kernels } from '../../src/losses/registry.ts';

type Dtype = 'f32' | 'f64';

const root = new URL('../../', import.meta.url);

/** One function of src/js/points: what it is a function of, and its body as a statement that sets a variable. */
interface Formula {
  readonly of: readonly string[];
  readonly assignTo: (variable: string) => string;
}

/**
 * The functions `export const name = (a: number, b: number) => …;` of a file, with an expression or a block that
 * returns at its end. Parameters go by their names: x, t, q (input, target, extra operand), p0 … p4, or another
 * function of the file, which is then computed first.
 */
type Formulas = Record<string, Formula>;

const declaration = /^export const (\w+) = \((.*?)\) =>\s(.*?);$(?=\n\n|\n*$(?!\n))/gms;

function formulasOf(file: string): Formulas {
  const source = readFileSync(new URL(`src/js/points/${file}.ts`, root), 'utf8');
  const found: Formulas = {};
  const fail = (what: string): never => {
    throw new Error(`src/js/points/${file}.ts: ${what}`);
  };
  for (const [, name, list, body] of source.matchAll(declaration)) {
    const isBlock = body.startsWith('{');
    if (isBlock && body.split(/\breturn\b/).length !== 2) fail(`${name} must return once, at its end`);
    const assignTo = (variable: string) =>
      isBlock
        ? `let ${variable}: number; ${body.replace(/\breturn\b/, `${variable} =`)}`
        : `const ${variable} = ${body};`;
    found[name] = { of: [...list.matchAll(/(\w+): number/g)].map(([, parameter]) => parameter), assignTo };
  }
  if (!found.value || !found.grad) fail('value or grad not found');
  for (const [name, { of }] of Object.entries(found)) {
    const unknown = of.find((parameter) => !/^([xtq]|p[0-4])$/.test(parameter) && !found[parameter]);
    if (unknown) fail(`${name} is a function of ${unknown}, which is unknown`);
  }
  return found;
}

/** What the wanted functions are functions of, directly or not, in the order in which it can be computed. */
function needs(formulas: Formulas, wanted: readonly string[]): string[] {
  const names = new Set<string>();
  const visit = (name: string): void => {
    for (const parameter of formulas[name]?.of ?? []) {
      visit(parameter);
      names.add(parameter);
    }
  };
  for (const name of wanted) visit(name);
  return [...names];
}

const parameters = (names: readonly string[]): string => {
  const used = names.filter((name) => /^p\d$/.test(name)).sort();
  return used.length > 0 ? `const { ${used.join(', ')} } = call;` : '';
};

const array = (name: string, slot: string): string => `const ${name} = call.arrays[${slot}] as Float32Array;`;
const optional = (name: string, slot: string): string =>
  `const ${name} = call.arrays[${slot}] as Float32Array | null;`;

/** Statements that compute `names` at index `at`. */
function compute(formulas: Formulas, names: readonly string[], at: string, q: string): string {
  const source: Record<string, string> = { x: `input[${at}]`, t: `target[${at}]`, q };
  return names
    .map((name) => (name in source ? `const ${name} = ${source[name]};` : formulas[name]?.assignTo(name)))
    .join('\n');
}

/** An elementwise loss for one dtype. */
interface Loss {
  readonly name: string;
  readonly formulas: Formulas;
  /** The sum takes the time of the additions: four partial sums and four elements a turn. */
  readonly cheap: boolean;
  /** The value is linear + log(1 + e): factors 1 + e are multiplied up, one logarithm a block. */
  readonly product: boolean;
}

/** The partial sums of a block, and how they are put together. */
const sums = ({ cheap, product }: Loss): { declared: string; total: string } => ({
  declared: `let sum = 0; ${cheap ? 'let sum1 = 0; let sum2 = 0; let sum3 = 0;' : ''}
    ${product ? 'let product = 1; let product1 = 1;' : ''}`,
  total: `sum${cheap ? ' + sum1 + (sum2 + sum3)' : ''}${product ? ' + Math.log(product) + Math.log(product1)' : ''}`,
});

/** Adds value to the sums in turn: element i goes to sum i mod 4, as in the unrolled loops. */
const add = ({ cheap }: Loss): string =>
  cheap ? 'const next = sum + value; sum = sum1; sum1 = sum2; sum2 = sum3; sum3 = next;' : 'sum += value;';

/** Adds linear + log(1 + e). Two products of 512 factors up to 2 cannot overflow; log(1 + e) is e where they lose it. */
const multiply = `sum += linear;
  if (e < 2 ** -25) sum += e;
  else { const next = product * (1 + e); product = product1; product1 = next; }`;

/** A loop without weights. */
function plainLoop(loop: string, loss: Loss, value: boolean, grad: boolean): string {
  const { name, formulas, cheap, product } = loss;
  const names = needs(formulas, [
    ...(value ? (product ? ['value', 'linear', 'e'] : ['value']) : []),
    ...(grad ? ['grad'] : []),
  ]);
  const body = (at: string, adding: string) => `
    ${compute(formulas, names, at, '1')}
    ${value && !product ? formulas.value.assignTo('value') : ''}
    ${value ? adding : ''}
    ${grad ? `${formulas.grad.assignTo('slope')} grad[${at}] = slope * scale;` : ''}`;
  const unrolled = [0, 1, 2, 3].map((k) => `{ ${body(k ? `i + ${k}` : 'i', `sum${k || ''} += value;`)} }`);
  return `
function ${name}${loop}(call: KernelCall, from: number, to: number): number {
  ${names.includes('x') ? array('input', 'IN0') : ''}
  ${names.includes('t') ? array('target', 'IN1') : ''}
  ${grad ? `${array('grad', 'GRAD0')} const scale = gradScale(call);` : ''}
  ${parameters(names)}
  ${value ? sums(loss).declared : ''}
  let i = from;
  ${cheap ? `for (; i + 3 < to; i += 4) { ${unrolled.join('\n')} }` : ''}
  for (; i < to; i++) {
    ${body('i', product ? multiply : add(loss))}
  }
  return ${value ? sums(loss).total : '0'};
}`;
}

/** The loop for everything. */
function anyLoop(loss: Loss): string {
  const { name, formulas, product } = loss;
  const names = needs(formulas, ['value', 'grad', 'gradTarget']);
  const hasTarget = 'gradTarget' in formulas;
  return `
function ${name}Any(call: KernelCall, from: number, to: number): number {
  ${array('input', 'IN0')}
  ${names.includes('t') ? array('target', 'IN1') : ''}
  ${optional('grad', 'GRAD0')}
  ${hasTarget ? optional('gradTarget', 'GRAD1') : ''}
  ${optional('values', 'VALUE')}
  ${optional('sampleWeight', 'SAMPLE_WEIGHT')}
  ${optional('gradOutput', 'GRAD_OUTPUT')}
  const weight = weightOf(call, from, to);
  const weightFrom = call.shapes[WEIGHT] === null ? 0 : from;
  ${names.includes('q') ? 'const extra = extraOf(call, from, to); const extraFrom = call.shapes[IN2] === null ? 0 : from;' : ''}
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  ${parameters(names)}
  ${product ? 'const isPlain = isValue && values === null && weight === null && extra === null && sampleWeight === null;' : ''}
  ${sums(loss).declared}
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      ${hasTarget ? 'if (gradTarget !== null) gradTarget[i] = 0;' : ''}
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    ${compute(formulas, names, 'i', 'extra === null ? 1 : extra[i - extraFrom]')}
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    ${product ? `if (isPlain) { ${multiply} } else` : ''} if (isValue) {
      ${formulas.value.assignTo('point')}
      const value = point * factor;
      if (values === null) { ${add(loss)} } else values[i] = value;
    }
    if (grad !== null) {
      ${formulas.grad.assignTo('slope')}
      grad[i] = slope * up;
    }
    ${hasTarget ? `if (gradTarget !== null) { ${formulas.gradTarget.assignTo('slope')} gradTarget[i] = slope * up; }` : ''}
  }
  return ${sums(loss).total};
}`;
}

function pointwiseSource(dtype: Dtype): string {
  const losses = kernels
    .filter(({ loops }) => loops.includes('any'))
    .map(({ name, file, loops }) => {
      // f64 would lose the digits of a confident sample to the rounding of 1 + e
      const product = loops.includes('softplus') && dtype === 'f32';
      const loss = { name, formulas: formulasOf(file), cheap: loops.includes('sum'), product };
      const any = anyLoop(loss);
      // a map has no reduced value
      if (!loss.formulas.gradTarget) return `${any}\nexport const ${name} = pointwise({ any: ${name}Any });`;
      return `${any}
${plainLoop('Sum', loss, true, false)}
${loss.cheap ? '' : plainLoop('Grad', loss, false, true)}
${plainLoop('SumGrad', loss, true, true)}
export const ${name} = pointwise({
  any: ${name}Any, sum: ${name}Sum, grad: ${name}${loss.cheap ? 'SumGrad' : 'Grad'}, sumGrad: ${name}SumGrad,
});`;
    });
  return `// Generated from src/js/points by \`npm run generate\`; do not edit.
import { FLAGS, GRAD0, GRAD1, GRAD_OUTPUT, IN0, IN1, IN2, SAMPLE_WEIGHT, VALUE, WEIGHT } from '../../abi.ts';
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
  const useAll = (file: string) => use(`../points/${file}.ts`, `* as ${file}`) && file;
  const kernelOf = ({ name, file, column }: KernelSpec, loop: string): string => {
    if (loop === 'map') return use('./maps.ts', name);
    if (loop === 'pick') return `${use('./classes.ts', 'pick')}(${useAll(file)})`;
    if (loop === 'rows' || column === 'SoftmaxColumn') return use('./softmax.ts', 'softmax');
    if (column === 'ClassColumn') return `${use('./classes.ts', 'column')}(${useAll(file)})`;
    return loop === 'lanes' ? use(`./${file}.ts`, name) : use('./pointwise.ts', name);
  };
  const lines = kernels.flatMap((kernel) =>
    kernel.loops.map((loop) => `${kernel.name}_${loop}: ${kernelOf(kernel, loop)},`),
  );
  use('./prepass.ts', 'prepass');
  const header = [...imports]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, names]) => {
      const list = [...names].sort().join(', ');
      return `import ${list.startsWith('*') ? list : `{ ${list} }`} from '${file}';`;
    });
  return `// Generated from the registry by \`npm run generate\`; do not edit.
${header.join('\n')}

export const kernels = {
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
    input: source.replaceAll(/\n\s*\n(?!function|export)/g, '\n'), // what an empty part of a template leaves behind
    encoding: 'utf8',
  });

/** V8 keeps one type feedback per source location, so f64 has a text of its own. */
const toF64 = (source: string): string => source.replaceAll('Float32Array', 'Float64Array');

/** Path and text of every generated file of the JS backend. */
export function jsSources(): Record<string, string> {
  const file = (path: string, source: string) => [path, formatted(path, source)];
  const folder = new URL('src/js/f32/', root);
  const copies = readdirSync(folder)
    .sort()
    .map((name) => ({ name, source: readFileSync(new URL(name, folder), 'utf8') }))
    .filter(({ source }) => !source.startsWith('// Generated'))
    .map(({ name, source }) => [
      `src/js/f64/${name}`,
      `// Generated from src/js/f32/${name} by \`npm run generate\`; do not edit.\n${toF64(source)}`,
    ]);
  return Object.fromEntries([
    file('src/js/f32/kernels.ts', kernelsSource()),
    file('src/js/f32/pointwise.ts', pointwiseSource('f32')),
    file('src/js/f64/kernels.ts', kernelsSource()),
    file('src/js/f64/pointwise.ts', toF64(pointwiseSource('f64'))),
    ...copies,
  ]);
}
