import { FLAGS } from '../abi.ts';
import type { Backend } from '../call.ts';
import { fail } from '../errors.ts';
import type { Arena } from '../memory/arena.ts';
import type { Tensor } from '../memory/tensor.ts';
import type { Descriptor } from './descriptor.ts';
import { fillNumbers } from './operands.ts';
import { fallbacksOf, type OptionTable, optionTable, readOptions } from './options.ts';
import { type Compute, type Plan, plan } from './plan.ts';

/** What a loss runs on. */
export interface Host {
  readonly arena: Arena;
  readonly backend: Backend;
}

interface Table {
  readonly table: OptionTable;
  readonly fallbacks: Record<string, unknown>;
}

/** Makes F.<name>: a frozen function with .grad, .valueAndGrad, .prepare and its metadata. */
export function createLoss(descriptor: Descriptor, host: Host): unknown {
  const tableOf = (prepared: boolean): Table => {
    const table = optionTable(descriptor.options, descriptor.batchmean === true, prepared);
    return { table, fallbacks: fallbacksOf(table) };
  };
  const plain = tableOf(false);
  const prepared = tableOf(true);

  const planned = (
    input: unknown,
    target: unknown,
    raw: unknown,
    { table, fallbacks }: Table,
    compute?: Compute,
  ): Plan => {
    host.arena.check();
    const options = readOptions(raw, table, fallbacks);
    return plan(descriptor, host.arena, input, target, options, compute ?? (options.compute as Compute));
  };
  const run = (
    input: unknown,
    target: unknown,
    raw: unknown,
    compute: Compute,
  ): { value: unknown; grad: unknown } => {
    const p = planned(input, target, raw, plain, compute);
    try {
      const value = host.backend.run(p.call);
      return { value: p.value === undefined ? value : p.value.result, grad: p.grad };
    } catch (error) {
      for (const tensor of p.created) tensor.dispose();
      throw error;
    }
  };

  const loss = (input: unknown, target: unknown, options?: unknown) =>
    run(input, target, options, 'value').value;
  const members = {
    grad: (input: unknown, target: unknown, options?: unknown) => run(input, target, options, 'grad').grad,
    valueAndGrad: (input: unknown, target: unknown, options?: unknown) =>
      run(input, target, options, 'valueAndGrad'),
    prepare: (input: unknown, target: unknown, options?: unknown) => {
      const p = planned(input, target, options, prepared);
      return prepareStep(p, host);
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

function prepareStep(p: Plan, host: Host): unknown {
  const { arena, backend } = host;
  let bound: ReturnType<Backend['bind']>;
  try {
    bound = backend.bind(p.call);
  } catch (error) {
    for (const tensor of p.created) tensor.dispose();
    throw error;
  }
  const { tensors, numbers } = p;
  const result = p.value?.result;
  const gradOnly = (p.call.flags & FLAGS.VALUE) === 0;
  let disposed = false;
  let last: number | undefined;

  const step = (): unknown => {
    if (disposed) fail('ERR_DISPOSED', 'this step was disposed');
    for (let i = 0; i < tensors.length; i++) {
      if (tensors[i].disposed) fail('ERR_DISPOSED', 'a tensor of this step was disposed');
    }
    for (let i = 0; i < numbers.length; i++) fillNumbers(numbers[i].to, numbers[i].from, numbers[i].name);
    last = bound.run();
    return gradOnly ? p.grad : result === undefined ? last : result;
  };
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    arena.forget(step as unknown as { dispose(): void });
    bound.dispose();
    for (const tensor of p.created as Tensor[]) tensor.dispose();
  };
  Object.defineProperties(step, {
    value: { get: () => (gradOnly ? undefined : result === undefined ? last : result), enumerable: true },
    grad: { value: p.grad, enumerable: true },
    dispose: { value: dispose },
  });
  if (typeof Symbol.dispose === 'symbol') Object.defineProperty(step, Symbol.dispose, { value: dispose });
  Object.freeze(step);
  arena.track(step as unknown as { dispose(): void });
  return step;
}
