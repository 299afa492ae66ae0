import { bare, read } from '../given.ts';
import type { Descriptor } from '../losses/descriptor.ts';
import { OptionSet, type Owners } from '../options/read.ts';
import type { OptionTable } from '../options/specs.ts';
import { check } from './check.ts';
import { Dispatch } from './dispatch.ts';
import { optionTables } from './options.ts';
import { Plan } from './plan.ts';
import { operandOf, scalarOperand } from './read.ts';
import { type Host, prepareStep } from './step.ts';
import type { Compute } from './wanted.ts';

type Call = (...args: unknown[]) => unknown;
type Run = (
  plan: () => Plan,
  compute: Compute,
  options: unknown,
  a: unknown,
  b?: unknown,
  c?: unknown,
  d?: unknown,
) => unknown;

/** The names of the options of all losses of an instance, so that their records have one hidden class. */
export const optionNames = (all: readonly Descriptor[]): Owners =>
  new Map(
    all
      .flatMap((d): [string, string][] => [
        ...Object.values(optionTables(bare(d))).flatMap((table) =>
          Object.keys(table).map((name): [string, string] => [name, name in d.options ? d.name : '']),
        ),
        ...Object.entries((read(d, 'elsewhere') ?? {}) as Record<string, string>),
      ])
      .reverse(), // of several the first has the last word
  );

/** Makes F.<name>: a frozen function with .grad, .valueAndGrad, .prepare and its metadata. */
export function createLoss(given: Descriptor, names: Owners, host: Host): unknown {
  const { arena, backend } = host;
  // what it leaves out, Object.prototype may have
  const descriptor = bare(given);
  const { inputs, hessian } = descriptor;
  const arity = inputs.length;
  const tables = optionTables(descriptor);
  const dispatch = new Dispatch(descriptor);
  /** A record for one call after another, made for the first: few programs call every loss in every way. */
  const planOf = (table: OptionTable): (() => Plan) => {
    let plan: Plan | undefined;
    return () => {
      plan ??= new Plan(descriptor, new OptionSet(table, names), dispatch);
      return plan;
    };
  };

  const more = (p: Plan, i: number, value: unknown): void => {
    const { name, shape } = inputs[i];
    if (typeof value === 'number' && shape === 'broadcast') scalarOperand(name, value, p.inputs[i]);
    else operandOf(value, name, arena, p.inputs[i]);
  };
  const lookAt = (p: Plan, a: unknown, b: unknown, c: unknown, d: unknown): void => {
    operandOf(a, inputs[0].name, arena, p.inputs[0]);
    if (arity > 1) operandOf(b, inputs[1].name, arena, p.inputs[1]);
    if (arity > 2) more(p, 2, c);
    if (arity > 3) more(p, 3, d);
  };

  /** Runs once; returns what `compute` says. */
  const once: Run = (plan, compute, raw, a, b, c, d) => {
    // a getter of the caller's may call the same loss during a call: that call has a record of its own
    const usual = plan();
    const p = usual.busy ? usual.another() : usual;
    p.busy = true;
    try {
      arena.check();
      p.options.read(raw);
      const isAgain = p.isAgain(compute, a, b, c, d);
      if (!isAgain) {
        lookAt(p, a, b, c, d);
        check(p, arena, compute);
      }
      const number = backend.run(p.call);
      if (!isAgain) p.keep(compute);
      if (compute === 'grad') return p.gradient;
      if (compute === 'gradAndHess') return { grad: p.gradient, hess: p.hess.source };
      const value = p.value.given ? p.value.source : number;
      return compute === 'value' ? value : { value, grad: p.gradient };
    } catch (error) {
      p.discardResults();
      throw error;
    } finally {
      p.end();
    }
  };
  const prepare: Run = (plan, _, raw, a, b, c, d) => {
    const p = plan().another();
    try {
      arena.check();
      p.options.read(raw);
      const compute = p.options.values.compute as Compute;
      if (compute === 'gradAndHess') p.options.assume('reduction', 'sum');
      lookAt(p, a, b, c, d);
      check(p, arena, compute);
      return prepareStep(p, host);
    } catch (error) {
      p.discardResults();
      throw error;
    }
  };

  const spare = planOf(tables.plain);
  const loss = ofInputs(arity, descriptor.name, once, spare, 'value');
  const members = {
    grad: ofInputs(arity, 'grad', once, spare, 'grad'),
    valueAndGrad: ofInputs(arity, 'valueAndGrad', once, spare, 'valueAndGrad'),
    ...(hessian !== undefined && {
      gradAndHess: ofInputs(arity, 'gradAndHess', once, planOf(tables.second), 'gradAndHess'),
    }),
    prepare: ofInputs(arity, 'prepare', prepare, planOf(tables.prepared), 'value'),
    like: descriptor.like,
    formula: descriptor.formula,
    family: descriptor.family.name,
    inputs: Object.freeze(inputs.map(({ name }) => name)),
    options: Object.freeze(Object.keys(tables.plain)),
  };
  for (const [name, value] of Object.entries(members)) {
    if (typeof value === 'function') Object.freeze(value);
    Object.defineProperty(loss, name, bare({ value, enumerable: true }));
  }
  return Object.freeze(loss);
}

/**
 * A function of so many inputs and the options after them. A property's function has its name; naming it afterwards would make all
 * reads of its own properties slow.
 */
function ofInputs(arity: number, name: string, run: Run, plan: () => Plan, compute: Compute): Call {
  const forms: Record<string, (...args: never[]) => unknown>[] = [
    { [name]: (a: unknown, o: unknown) => run(plan, compute, o, a) },
    { [name]: (a: unknown, b: unknown, o: unknown) => run(plan, compute, o, a, b) },
    { [name]: (a: unknown, b: unknown, c: unknown, o: unknown) => run(plan, compute, o, a, b, c) },
    {
      [name]: (a: unknown, b: unknown, c: unknown, d: unknown, o: unknown) =>
        run(plan, compute, o, a, b, c, d),
    },
  ];
  return forms[arity - 1][name] as Call;
}
