import { FLAGS } from '../abi.ts';
import type { Backend } from '../call.ts';
import { fail } from '../errors.ts';
import { bare } from '../given.ts';
import type { Arena } from '../memory/arena.ts';
import { Tensor } from '../memory/tensor.ts';
import { type KernelTable, kernelTable, LossPlan } from './choice.ts';
import type { Descriptor } from './descriptor.ts';
import { currentArray, fillNumbers, type Operand } from './operands.ts';
import { OptionSet, optionTable } from './options.ts';
import { Plan, plan } from './plan.ts';
import type { Compute } from './wanted.ts';

/** What a loss runs on. */
export interface Host {
  readonly arena: Arena;
  readonly backend: Backend;
}

/** What all losses of an instance have in common. */
export interface Family {
  /** The options of all of them, so that their records have one hidden class. */
  readonly options: readonly string[];
  readonly kernels: KernelTable;
}

const tableOf = ({ options, batchmean }: Descriptor, prepared: boolean) =>
  optionTable(options, batchmean === true, prepared);

export const familyOf = (all: readonly Descriptor[]): Family => ({
  options: [...new Set(all.flatMap((d) => Object.keys(tableOf(d, true))))],
  kernels: kernelTable(all),
});

/** Makes F.<name>: a frozen function with .grad, .valueAndGrad, .prepare and its metadata. */
export function createLoss(descriptor: Descriptor, family: Family, host: Host): unknown {
  const { arena, backend } = host;
  const plain = new OptionSet(tableOf(descriptor, false), family.options);
  const prepared = new OptionSet(tableOf(descriptor, true), family.options);
  const about = new LossPlan(descriptor, family.kernels);

  const planOf = (options: OptionSet): Plan => {
    const p = new Plan(options);
    p.call.name = descriptor.name;
    return p;
  };
  const spare = planOf(plain);
  /** Runs once; returns what `compute` says. */
  const once = (input: unknown, target: unknown, raw: unknown, compute: Compute): unknown => {
    // a getter of the caller's may call the same loss during a call: that call has a record of its own
    const p = spare.busy ? planOf(plain) : spare;
    p.busy = true;
    try {
      arena.check();
      p.options.read(raw);
      plan(p, about, arena, input, target, compute);
      const number = backend.run(p.call);
      if (compute === 'grad') return p.gradient;
      const value = p.value.given ? p.value.result : number;
      return compute === 'value' ? value : { value, grad: p.gradient };
    } catch (error) {
      p.discardResults();
      throw error;
    } finally {
      p.clear();
      p.busy = false;
    }
  };

  // a property's function has its name; naming it afterwards would make all reads of .grad slow
  const loss = {
    [descriptor.name]: (input: unknown, target: unknown, options?: unknown) =>
      once(input, target, options, 'value'),
  }[descriptor.name];
  const members = {
    grad: (input: unknown, target: unknown, options?: unknown) => once(input, target, options, 'grad'),
    valueAndGrad: (input: unknown, target: unknown, options?: unknown) =>
      once(input, target, options, 'valueAndGrad'),
    prepare: (input: unknown, target: unknown, raw?: unknown) => {
      const p = planOf(prepared);
      try {
        arena.check();
        p.options.read(raw);
        plan(p, about, arena, input, target, p.options.values.compute!);
        return prepareStep(p, host);
      } catch (error) {
        p.discardResults();
        throw error;
      }
    },
    torch: descriptor.torch,
    formula: descriptor.formula,
    family: descriptor.family,
    inputs: descriptor.inputs,
    domain: descriptor.domain,
    options: Object.freeze([...plain.names]),
  };
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === 'function') Object.freeze(value);
    Object.defineProperty(loss, name, bare({ value, enumerable: true }));
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

/** An operand of a step, with where its elements go. */
interface Place {
  readonly operand: Operand;
  readonly field: Field;
  readonly length: number;
}

function placesOf(p: Plan): Place[] {
  const operands: Record<Field, Operand> = {
    input: p.input,
    target: p.target,
    weight: p.weight,
    extra: p.posWeight,
    sampleWeight: p.sampleWeight,
    gradOutput: p.gradOutput,
    value: p.value.operand,
    grad: p.grad.operand,
    gradTarget: p.gradTarget.operand,
  };
  return (Object.keys(operands) as Field[]).flatMap((field) => {
    const array = p.call[field];
    return array === null ? [] : [{ operand: operands[field], field, length: array.length }];
  });
}

function prepareStep(p: Plan, { arena, backend }: Host): unknown {
  const bound = backend.bind(p.call);
  const places = placesOf(p);
  const numbers = places.filter(
    ({ operand }) => operand.numbers !== undefined && typeof operand.source !== 'number',
  );
  const gradient = p.gradient;
  const result = p.value.given ? p.value.result : undefined;
  const gradOnly = (p.call.flags & FLAGS.VALUE) === 0;
  let disposed = false;
  let last: number | undefined;

  const tensors = places.flatMap(({ operand }) => operand.tensor ?? operand.foreign ?? []);
  // what lies in this memory stays where it is: nothing but its life is to be looked at
  const movable = places.filter(
    ({ operand }) =>
      operand.foreign !== undefined || operand.at === 0 || (operand.at < 0 && operand.numbers === undefined),
  );
  const check = (): void => {
    if (disposed) fail('ERR_DISPOSED', 'this step was disposed');
    for (let i = 0; i < tensors.length; i++) {
      if (tensors[i].disposed) fail('ERR_DISPOSED', 'a tensor of this step was disposed');
    }
    for (let i = 0; i < movable.length; i++) {
      const { operand, field, length } = movable[i];
      if (operand.foreign !== undefined) p.call[field] = Tensor.elements(operand.foreign) as never;
      else if (operand.at === 0) p.call[field] = currentArray(operand, arena) as never;
      else if (operand.array.length !== length) {
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
    p.discardResults();
  };
  Object.defineProperties(step, {
    value: bare({
      get: () => (gradOnly ? undefined : result === undefined ? last : result),
      enumerable: true,
    }),
    grad: bare({ value: gradient, enumerable: true }),
    dispose: bare({ value: dispose }),
  });
  if (typeof Symbol.dispose === 'symbol')
    Object.defineProperty(step, Symbol.dispose, bare({ value: dispose }));
  Object.freeze(step);
  arena.track(step as unknown as { dispose(): void });
  return step;
}
