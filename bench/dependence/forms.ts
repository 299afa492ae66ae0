// What is measured: every loss in each of its operations and through each of its loops, the helpers, the vector math.
import type { FloatDType, LossFunctions, Tensor } from 'simdloss';
import type { Descriptor } from '../../src/losses/descriptor.ts';
import { descriptors } from '../../src/losses/registry.ts';
import type { Interval } from '../../src/options/interval.ts';
import { fallbacksOf } from '../../src/options/specs.ts';
import { type LossName, lossNames, type Operation, operations, type TargetKind } from '../cases.ts';
import { fillDistributions, fillIndices, fillInput, fillSets, fillTarget, moreInputs } from '../data.ts';
import { type Domain, kindsOf, lay } from './kinds.ts';

type MathName = 'exp' | 'expm1' | 'log' | 'log1p' | 'tanh' | 'softplus' | 'sigmoid';
type Backward = 'softmax.grad' | 'logSoftmax.grad' | 'sigmoid.grad';

/** One way to call something. */
export interface Form {
  readonly what: LossName | MathName | 'softmax' | 'logSoftmax' | Backward;
  readonly loop: string;
  readonly shape: readonly number[];
  /** 'none': a map, of one tensor or (a backward) of two. */
  readonly target: TargetKind | 'none';
  readonly domain: Domain;
  readonly options?: object;
}

export interface Case extends Form {
  readonly operation: Operation | 'map';
  readonly kind: string;
}

// All fit into a cache, and none is so small that the call would count.
const ELEMENTS = [4096];
const MAP = [16384];
/** By loop. */
const classShapes = { rowwise: [16, 1024], lanewise: [1024, 10], 'lanewise, strided': [4, 21, 16, 16] };
const featureShapes = { rowwise: [16, 256], lanewise: [512, 8] };
const PAIR = { 'lanewise, pairs': [2048, 2] };

/** The kinds of data for what the first input is, and the second. */
function elementDomain(input: Interval, target: Interval): Domain {
  if (input.what === 'log-probabilities')
    return target.what === input.what ? 'a log-distribution' : 'a distribution';
  if (input.what === 'logits' || input.what === 'probabilities') return input.what;
  return Number.isFinite(input.low) ? 'positive numbers' : 'differences';
}
const classDomains: Record<string, Domain> = {
  logits: 'logits of classes',
  probabilities: 'probabilities of classes',
  'log-probabilities': 'log-probabilities of classes',
  scores: 'differences',
};

/** No options, and each that is a yes or no as it is not by itself. */
const turns = ({ options }: Descriptor): (object | undefined)[] => [
  undefined,
  ...Object.entries(options).flatMap(([name, { fallback }]) =>
    typeof fallback === 'boolean' ? [{ [name]: !fallback }] : [],
  ),
];

const domainsOf = ({ inputs, options }: Descriptor, given?: object): Interval[] =>
  inputs.map(({ domain }) => domain({ ...fallbacksOf(options), ...given }));

function elementForms(descriptor: Descriptor): Form[] {
  const what = descriptor.name as LossName;
  const [{ loops }] = descriptor.kernels;
  return turns(descriptor).flatMap((options): Form[] => {
    const [input, target] = domainsOf(descriptor, options);
    const form = { what, shape: ELEMENTS, target: 'elements', domain: elementDomain(input, target) } as const;
    if (options) return [{ ...form, loop: 'pointwise', options }];
    // those whose means have a loop of their own
    const own = loops.includes('softplus') ? 'softplus' : 'pointwise, unrolled';
    if (own !== 'softplus' && !loops.includes('sum')) return [{ ...form, loop: 'pointwise' }];
    return [
      { ...form, loop: own },
      { ...form, loop: 'pointwise', options: { reduction: 'none' } },
    ];
  });
}

const classForms = (form: Omit<Form, 'shape' | 'loop'>, shapes: Record<string, readonly number[]>): Form[] =>
  Object.entries(shapes).map(([loop, shape]) => ({ ...form, loop, shape }));

const map = (what: MathName, domain: Domain): Form => ({
  what,
  loop: 'map',
  shape: MAP,
  target: 'none',
  domain,
});

function lossForms(descriptor: Descriptor): Form[] {
  const { name, family, inputs } = descriptor;
  if (family.name === 'elementwise') return elementForms(descriptor);
  if (family.name === 'features' || family.name === 'multilabel')
    return turns(descriptor).flatMap((options) =>
      classForms(
        {
          what: name as LossName,
          target: inputs[1].holds === 'indices' ? 'sets' : 'elements',
          domain: 'differences',
          ...(options && { options }),
        },
        featureShapes,
      ),
    );
  // its rows are cross entropy's, and the products do not look at numbers
  if (family.name === 'projection') return [];
  const targets: TargetKind[] = inputs[1].holds === 'either' ? ['indices', 'probabilities'] : ['indices'];
  return turns(descriptor).flatMap((options) =>
    targets.flatMap((target) =>
      classForms(
        {
          what: name as LossName,
          target,
          domain: classDomains[domainsOf(descriptor, options)[0].what ?? 'scores'],
          ...(options && { options }),
        },
        classShapes,
      ),
    ),
  );
}

const isLoss = (what: string): what is LossName => (lossNames as string[]).includes(what);

export const forms: readonly Form[] = [
  ...descriptors.filter(({ name }) => isLoss(name)).flatMap(lossForms),
  ...classForms({ what: 'crossEntropy', target: 'indices', domain: 'logits of classes' }, PAIR),
  ...classForms(
    {
      what: 'crossEntropy',
      target: 'indices',
      domain: 'logits of classes',
      options: { labelSmoothing: 0.1 },
    },
    classShapes,
  ),
  ...classForms({ what: 'softmax', target: 'none', domain: 'logits of classes' }, classShapes),
  ...classForms({ what: 'logSoftmax', target: 'none', domain: 'logits of classes' }, classShapes),
  ...classForms({ what: 'softmax.grad', target: 'none', domain: 'probabilities of classes' }, classShapes),
  ...classForms({ what: 'logSoftmax.grad', target: 'none', domain: 'logs of softmax' }, classShapes),
  map('exp', 'any number'),
  map('expm1', 'any number'),
  map('log', 'positive numbers'),
  map('log1p', 'positive numbers'),
  map('tanh', 'any number'),
  map('softplus', 'any number'),
  map('sigmoid', 'any number'),
  { what: 'sigmoid.grad', loop: 'pointwise', shape: MAP, target: 'none', domain: 'probabilities' },
];

export const cases: readonly Case[] = forms.flatMap((form) =>
  (isLoss(form.what) ? operations : (['map'] as const)).flatMap((operation) =>
    kindsOf(form.domain).map((kind) => ({ ...form, operation, kind })),
  ),
);

/** `crossEntropy, indices, rowwise, labelSmoothing: 0.1 · valueAndGrad`: a row of the tables, a case without its kind. */
export function rowOf({ what, operation, target, loop, options }: Case): string {
  const kind = target === 'indices' || target === 'probabilities' ? `, ${target}` : '';
  const given = Object.entries(options ?? {}).map(([name, value]) => `, ${name}: ${value}`);
  return `${what}${kind}, ${loop}${given.join('')}${operation === 'map' ? '' : ` · ${operation}`}`;
}

export const idOf = (which: Case): string => `${rowOf(which)} | ${which.kind}`;

export interface Caller {
  readonly call: () => unknown;
  dispose(): void;
}

type Function = (...args: unknown[]) => unknown;
interface Loss {
  prepare(...inputsAndOptions: unknown[]): (() => unknown) & { dispose(): void };
}

/** The case on ordinary data, or on its own kind. */
export function callerOf(F: LossFunctions, which: Case, dtype: FloatDType, ordinary: boolean): Caller {
  const { what, shape, target, domain, options, operation } = which;
  const input = F.zeros(shape, dtype) as Tensor<FloatDType>;
  const labels = [shape[0], ...shape.slice(2)];
  const isInteger = target === 'indices' || target === 'sets';
  const second = F.zeros(target === 'indices' ? labels : shape, isInteger ? 'i32' : dtype);
  const out = F.zeros(shape, dtype);
  fillOrdinary(which, input.data as Float32Array, second.data as Float32Array);
  const operands = {
    input: input.data,
    // sets are none of numbers: what is laid in their place is not used
    target: target === 'none' ? undefined : ((target === 'sets' ? out : second).data as Float32Array),
    shape,
  };
  if (!ordinary) lay(domain, which.kind, operands, dtype);
  const tensors = [input, second, out];
  if (isLoss(what)) {
    const loss = F[what] as unknown as Loss;
    const wanted = operation === 'value' ? {} : { out };
    const more = moreInputs(F, what, shape, dtype);
    const step = loss.prepare(input, second, ...more, { ...options, compute: operation, ...wanted });
    return { call: step, dispose: () => disposeAll(step, ...more, ...tensors) };
  }
  const [name, backward] = what.split('.') as ['softmax', 'grad' | undefined];
  const forward = F[name] as unknown as Function;
  const grad = F[name].grad as unknown as Function;
  return {
    call: backward ? () => grad(input, second, { out }) : () => forward(input, { out }),
    dispose: () => disposeAll(...tensors),
  };
}

function disposeAll(...all: { dispose(): void }[]): void {
  for (const one of all) one.dispose();
}

function fillOrdinary(
  { what, target, domain, shape }: Case,
  input: Float32Array,
  second: Float32Array,
): void {
  if (domain === 'probabilities of classes') fillDistributions(input, shape);
  else if (domain === 'probabilities') fillInput('bce', input);
  else if (domain === 'logs of softmax') fillInput('nll', input);
  else fillInput(isLoss(what) ? what : 'crossEntropy', input);
  if (domain === 'positive numbers') for (let i = 0; i < input.length; i++) input[i] = Math.abs(input[i]);
  if (target === 'indices') fillIndices(second as unknown as Int32Array, shape[1]);
  else if (target === 'sets') fillSets(second as unknown as Int32Array, shape.at(-1)!);
  else if (target === 'probabilities') fillDistributions(second, shape);
  else if (domain === 'a log-distribution') {
    fillInput('klDiv', second);
    second.reverse(); // or each would be its own target
  } else fillTarget(isLoss(what) ? what : 'mse', second);
}
