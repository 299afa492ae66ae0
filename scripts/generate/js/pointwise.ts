// The JS backend's loops over all elementwise losses.
import type { KernelSpec } from '../../../src/losses/descriptor.ts';
import { kernels } from '../../../src/losses/registry.ts';
import { Imports } from '../imports.ts';
import { type Formulas, type Points, pointsOf } from './points.ts';
import { DTYPES, type Dtype, pointwiseName, toF64 } from './twin.ts';

/** What the wanted functions are functions of, directly or not, in the order in which it can be computed. */
function needs(formulas: Formulas, wanted: readonly string[]): string[] {
  const names = new Set<string>();
  const visit = (name: string): void => {
    for (const parameter of formulas[name]?.of ?? []) {
      // what stands for an extra operand that is not given
      visit(parameter === 'q' ? 'absent' : parameter);
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
    .map((name) =>
      name in source ? `const ${name}: number = ${source[name]};` : formulas[name]?.assignTo(name),
    )
    .join('\n');
}

/** What q is where none is given. */
const absent = (formulas: Formulas): string =>
  formulas.absent === undefined ? '1' : (/= (.*);$/.exec(formulas.absent.assignTo('q'))?.[1] ?? '1');

/** An elementwise loss for one dtype. */
interface Loss extends Points {
  readonly name: string;
  readonly dtype: Dtype;
  /** The sum takes the time of the additions: four partial sums and four elements a turn. */
  readonly cheap: boolean;
  /** Whether calls without weights have loops of their own. */
  readonly hasPlainLoops: boolean;
  /** The value is linear + log(1 + e): factors 1 + e are multiplied up, one logarithm a block. */
  readonly softplus: boolean;
}

/** The partial sums of a block, and how they are put together. */
const sums = ({ cheap, softplus }: Loss): { declared: string; total: string } => ({
  declared: `let sum = 0; ${cheap ? 'let sum1 = 0; let sum2 = 0; let sum3 = 0;' : ''}
    ${softplus ? 'let product = 1; let product1 = 1;' : ''}`,
  total: `sum${cheap ? ' + sum1 + (sum2 + sum3)' : ''}${softplus ? ' + Math.log(product) + Math.log(product1)' : ''}`,
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
  const { name, formulas, cheap, softplus } = loss;
  const names = needs(formulas, [
    ...(value ? (softplus ? ['value', 'linear', 'e'] : ['value']) : []),
    ...(grad ? ['grad'] : []),
  ]);
  const body = (at: string, adding: string) => `
    ${compute(formulas, names, at, absent(formulas))}
    ${value && !softplus ? formulas.value.assignTo('value') : ''}
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
    ${body('i', softplus ? multiply : add(loss))}
  }
  return ${value ? sums(loss).total : '0'};
}`;
}

/** The second derivative of element i, of which `names` are computed already. */
function second({ formulas }: Loss, names: readonly string[]): string {
  const kinds = 'secant' in formulas ? ['hess', 'secant'] : ['hess'];
  const more = needs(formulas, kinds).filter((name) => !names.includes(name));
  return `${compute(formulas, more, 'i', '1')}
    ${kinds.map((kind) => formulas[kind].assignTo(`${kind}Of`)).join('\n')}
    const curvature = isOne ? 1 : ${'secant' in formulas ? 'isSecant ? secantOf :' : ''} hessOf;
    hess[i] = Math.max(curvature * call.hessianScale, call.minHessian) * up;`;
}

/** The loop for everything. */
function anyLoop(loss: Loss): string {
  const { name, formulas, softplus } = loss;
  const names = needs(formulas, ['value', 'grad', 'gradTarget', 'gradThird']);
  const hasTarget = 'gradTarget' in formulas;
  const hasThird = 'gradThird' in formulas;
  const hasHess = 'hess' in formulas;
  return `
function ${name}Any(call: KernelCall, from: number, to: number): number {
  ${array('input', 'IN0')}
  ${names.includes('t') ? array('target', 'IN1') : ''}
  ${optional('grad', 'GRAD0')}
  ${hasTarget ? optional('gradTarget', 'GRAD1') : ''}
  ${hasThird ? optional('gradThird', 'GRAD2') : ''}
  ${hasHess ? `${optional('hess', 'HESS')} const isOne = (call.flags & FLAGS.HESSIAN_ONE) !== 0;` : ''}
  ${'secant' in formulas ? 'const isSecant = (call.flags & FLAGS.HESSIAN_OTHER) !== 0;' : ''}
  ${optional('values', 'VALUE')}
  ${optional('sampleWeight', 'SAMPLE_WEIGHT')}
  ${optional('gradOutput', 'GRAD_OUTPUT')}
  const weight = ${pointwiseName('weightOf', loss.dtype)}(call, from, to);
  const weightFrom = call.shapes[WEIGHT] === null ? 0 : from;
  ${names.includes('q') ? `const extra = ${pointwiseName('extraOf', loss.dtype)}(call, from, to); const extraFrom = call.shapes[IN2] === null ? 0 : from;` : ''}
  const isValue = (call.flags & FLAGS.VALUE) !== 0;
  const scale = gradScale(call);
  ${parameters(names)}
  ${softplus ? `const isPlain = isValue && values === null && weight === null && ${names.includes('q') ? 'extra === null &&' : ''} sampleWeight === null;` : ''}
  ${sums(loss).declared}
  for (let i = from; i < to; i++) {
    let factor = sampleWeight === null ? 1 : sampleWeight[i];
    if (factor === 0) {
      if (values !== null) values[i] = 0;
      if (grad !== null) grad[i] = 0;
      ${hasTarget ? 'if (gradTarget !== null) gradTarget[i] = 0;' : ''}
      ${hasThird ? 'if (gradThird !== null) gradThird[i] = 0;' : ''}
      ${hasHess ? 'if (hess !== null) hess[i] = 0;' : ''}
      continue;
    }
    if (weight !== null) factor *= weight[i - weightFrom];
    ${compute(formulas, names, 'i', `extra === null ? ${absent(formulas)} : extra[i - extraFrom]`)}
    const up = factor * scale * (gradOutput === null ? 1 : gradOutput[i]);
    ${softplus ? `if (isPlain) { ${multiply} } else` : ''} if (isValue) {
      ${formulas.value.assignTo('point')}
      const value = point * factor;
      if (values === null) { ${add(loss)} } else values[i] = value;
    }
    if (grad !== null) {
      ${formulas.grad.assignTo('slope')}
      grad[i] = slope * up;
    }
    ${hasTarget ? `if (gradTarget !== null) { ${formulas.gradTarget.assignTo('slope')} gradTarget[i] = slope * up; }` : ''}
    ${hasThird ? `if (gradThird !== null) { ${formulas.gradThird.assignTo('slope')} gradThird[i] = slope * up; }` : ''}
    ${hasHess ? `if (hess !== null) { ${second(loss, names)} }` : ''}
  }
  return ${sums(loss).total};
}`;
}

/** A loss's loops, and the kernel that chooses among them. */
export function loops(loss: Loss): string {
  const { name, cheap } = loss;
  const any = anyLoop(loss);
  if (!loss.hasPlainLoops) return `${any}\nexport const ${name} = pointwise({ any: ${name}Any });`;
  return `${any}
${plainLoop('Sum', loss, true, false)}
${cheap ? '' : plainLoop('Grad', loss, false, true)}
${plainLoop('SumGrad', loss, true, true)}
export const ${name} = pointwise({
  any: ${name}Any, sum: ${name}Sum, grad: ${name}${cheap ? 'SumGrad' : 'Grad'}, sumGrad: ${name}SumGrad,
});`;
}

/** The loops of a kernel for one dtype. */
function loopsOf(kernel: KernelSpec, points: Points, dtype: Dtype): string {
  const text = loops({
    name: pointwiseName(kernel.name, dtype),
    dtype,
    ...points,
    cheap: kernel.loops.includes('sum'),
    // f64 would lose the digits of a confident sample to the rounding of 1 + e
    softplus: kernel.loops.includes('softplus') && dtype === 'f32',
    // as the modules have them
    hasPlainLoops: kernel.loops.length > 1,
  });
  return dtype === 'f32' ? text : toF64(text);
}

/** Both dtypes of a kernel stand side by side: what looks the same so is near enough for gzip, which looks back 32 kB. */
export function pointwiseSource(): string {
  const imports = new Imports();
  const slots = [
    'GRAD0',
    'GRAD1',
    'GRAD2',
    'GRAD_OUTPUT',
    'HESS',
    'IN0',
    'IN1',
    'IN2',
    'SAMPLE_WEIGHT',
    'VALUE',
    'WEIGHT',
  ];
  for (const name of ['FLAGS', ...slots]) imports.use('../../abi.ts', name);
  imports.use('../pointwise.ts', 'pointwise');
  imports.use('../reduce.ts', 'gradScale');
  for (const dtype of DTYPES)
    for (const name of ['extraOf', 'weightOf'])
      imports.use(
        `${dtype === 'f32' ? '../f32' : './f64'}/broadcast.ts`,
        `${name} as ${pointwiseName(name, dtype)}`,
      );
  const losses = kernels
    .filter((kernel) => kernel.loops.includes('any'))
    .flatMap((kernel) => {
      const points = pointsOf(kernel.file);
      if (!points.formulas.value || !points.formulas.grad)
        throw new Error(`src/js/points/${kernel.file}.ts: value or grad not found`);
      for (const [name, file] of Object.entries(points.calls)) imports.use(`../points/${file}.ts`, name);
      return DTYPES.map((dtype) => loopsOf(kernel, points, dtype));
    });
  return `// Generated from src/js/points by \`npm run generate\`; do not edit.
import type { KernelCall } from '../../call.ts';
${imports}
${losses.join('\n')}
`;
}
