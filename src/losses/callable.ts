import { FLAGS } from '../abi.ts';
import type { Backend } from '../call.ts';
import { fail } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import type { Descriptor } from './descriptor.ts';
import { currentArray, fillNumbers, type Operand } from './operands.ts';
import { fallbacksOf, type OptionTable, optionTable, readOptions } from './options.ts';
import {
  type CallOptions,
  type Compute,
  discardResults,
  gradientOf,
  lossPlan,
  type Plan,
  plan,
} from './plan.ts';

/** What a loss runs on. */
export interface Host {
  readonly arena: Arena;
  readonly backend: Backend;
}

interface Table {
  readonly table: OptionTable;
  readonly fallbacks: Readonly<Record<string, unknown>>;
}

/** Makes F.<name>: a frozen function with .grad, .valueAndGrad, .prepare and its metadata. */
export function createLoss(descriptor: Descriptor, all: readonly Descriptor[], host: Host): unknown {
  const { arena, backend } = host;
  const tableOf = (prepared: boolean): Table => {
    const table = optionTable(descriptor.options, descriptor.batchmean === true, prepared);
    return { table, fallbacks: fallbacksOf(table) };
  };
  const plain = tableOf(false);
  const prepared = tableOf(true);
  const about = lossPlan(descriptor, all);

  const planned = (input: unknown, target: unknown, raw: unknown, compute: Compute): Plan => {
    arena.check();
    const options = readOptions(raw, plain.table, plain.fallbacks) as unknown as CallOptions;
    return plan(about, arena, input, target, options, compute);
  };
  const run = (p: Plan): unknown => {
    try {
      const value = backend.run(p.call);
      return p.value === undefined ? value : p.value.result;
    } catch (error) {
      discardResults(p);
      throw error;
    }
  };

  const loss = (input: unknown, target: unknown, options?: unknown) =>
    run(planned(input, target, options, 'value'));
  const members = {
    grad: (input: unknown, target: unknown, options?: unknown) => {
      const p = planned(input, target, options, 'grad');
      run(p);
      return gradientOf(p);
    },
    valueAndGrad: (input: unknown, target: unknown, options?: unknown) => {
      const p = planned(input, target, options, 'valueAndGrad');
      return { value: run(p), grad: gradientOf(p) };
    },
    prepare: (input: unknown, target: unknown, raw?: unknown) => {
      arena.check();
      const options = readOptions(raw, prepared.table, prepared.fallbacks) as unknown as CallOptions;
      return prepareStep(plan(about, arena, input, target, options, options.compute!), host);
    },
    torch: descriptor.torch,
    formula: descriptor.formula,
    family: descriptor.family,
    inputs: descriptor.inputs,
    domain: descriptor.domain,
    options: Object.freeze(Object.keys(plain.table)),
  };
  Object.defineProperty(loss, 'name', { value: descriptor.name });
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === 'function') Object.freeze(value);
    Object.defineProperty(loss, name, { value, enumerable: true });
  }
  return Object.freeze(loss);
}

/** The fields of a call whose arrays may change between the runs of a step. */
type Field =
  | 'input'
  | 'target'
  | 'weight'
  | 'extra'
  | 'sampleWeight'
  | 'gradOutput'
  | 'value'
  | 'grad'
  | 'gradTarget';
const FIELDS: readonly Field[] = [
  'input',
  'target',
  'weight',
  'extra',
  'sampleWeight',
  'gradOutput',
  'value',
  'grad',
  'gradTarget',
];

/** An operand of a step, with where its elements go. */
interface Place {
  readonly operand: Operand;
  readonly field: Field;
  readonly length: number;
}

function placesOf(p: Plan): Place[] {
  const operands = [...p.reads, p.value?.operand, p.grad?.operand, p.gradTarget?.operand];
  return FIELDS.flatMap((field, i) => {
    const operand = operands[i];
    const array = p.call[field];
    return operand === undefined || array === null ? [] : [{ operand, field, length: array.length }];
  });
}

function prepareStep(p: Plan, { arena, backend }: Host): unknown {
  let bound: ReturnType<Backend['bind']>;
  try {
    bound = backend.bind(p.call);
  } catch (error) {
    discardResults(p);
    throw error;
  }
  const places = placesOf(p);
  const numbers = places.filter(
    ({ operand }) => operand.numbers !== undefined && typeof operand.source !== 'number',
  );
  const gradient = gradientOf(p);
  const result = p.value?.result;
  const gradOnly = (p.call.flags & FLAGS.VALUE) === 0;
  let disposed = false;
  let last: number | undefined;

  const check = (): void => {
    if (disposed) fail('ERR_DISPOSED', 'this step was disposed');
    for (let i = 0; i < places.length; i++) {
      const { operand, field, length } = places[i];
      if (operand.tensor?.disposed || operand.foreign?.disposed) {
        fail('ERR_DISPOSED', 'a tensor of this step was disposed');
      }
      if (operand.foreign !== undefined) p.call[field] = operand.foreign.data as never;
      else if (operand.at === 0) p.call[field] = currentArray(operand, arena) as never;
      else if (operand.at < 0 && operand.numbers === undefined && operand.array.length !== length) {
        fail('ERR_SHAPE', `"${operand.name}" was detached or resized`);
      }
    }
  };
  const step = (): unknown => {
    check();
    if (numbers.length > 0) {
      for (let i = 0; i < numbers.length; i++) {
        const { operand, field } = numbers[i];
        fillNumbers(p.call[field] as Float32Array, operand.numbers!, operand.name);
      }
      check(); // elements may be getters, and those may do anything
    }
    last = bound.run();
    return gradOnly ? gradient : result === undefined ? last : result;
  };
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    arena.forget(step as unknown as { dispose(): void });
    bound.dispose();
    discardResults(p);
  };
  Object.defineProperties(step, {
    value: { get: () => (gradOnly ? undefined : result === undefined ? last : result), enumerable: true },
    grad: { value: gradient, enumerable: true },
    dispose: { value: dispose },
  });
  if (typeof Symbol.dispose === 'symbol') Object.defineProperty(step, Symbol.dispose, { value: dispose });
  Object.freeze(step);
  arena.track(step as unknown as { dispose(): void });
  return step;
}
