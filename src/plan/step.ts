// A prepared call: checked once, run again and again.
import { FLAGS } from '../abi.ts';
import type { Backend } from '../call.ts';
import { fail } from '../errors.ts';
import { bare } from '../given.ts';
import type { Arena } from '../memory/arena.ts';
import type { Operand } from '../memory/operand.ts';
import type { Plan } from './plan.ts';

/** What a loss runs on. */
export interface Host {
  readonly arena: Arena;
  readonly backend: Backend;
}

export function prepareStep(p: Plan, { arena, backend }: Host): unknown {
  const { call } = p;
  const bound = backend.bind(call);
  const operands = call.operands.slice(0, call.count);
  const gradient = p.gradient;
  const result = p.value.given ? p.value.source : undefined;
  const hess = p.hess.given ? p.hess.source : undefined;
  const both = hess === undefined ? undefined : Object.freeze({ grad: gradient, hess });
  const gradOnly = (call.flags & FLAGS.VALUE) === 0;
  let disposed = false;
  let last: number | undefined;

  const isList = ({ numbers, source }: Operand) => numbers !== undefined && typeof source !== 'number';
  const lists = operands.filter(isList);
  const owners = operands.flatMap(({ tensor, foreign, block }) => [
    ...(tensor !== undefined ? [tensor] : []),
    ...(foreign !== undefined ? [foreign] : []),
    // a view is good as long as a tensor has its bytes
    ...(block > 0 ? [arena.lifeOf(block)] : []),
  ]);
  // what lies in this memory stays where it is: nothing but its life is to be looked at
  const movable = operands.filter(
    ({ foreign, at, numbers }) => foreign !== undefined || at === 0 || (at < 0 && numbers === undefined),
  );
  const check = (): void => {
    if (disposed) fail('ERR_DISPOSED', 'this step was disposed');
    for (let i = 0; i < owners.length; i++) {
      if (owners[i].disposed) fail('ERR_DISPOSED', 'a tensor of this step was disposed');
    }
    for (let i = 0; i < movable.length; i++) {
      const o = movable[i];
      if (o.foreign !== undefined || o.at === 0) o.settle(call.dtype, arena);
      else if (o.array.length !== o.length) fail('ERR_SHAPE', `"${o.name}" was detached or resized`);
    }
  };
  const returned = (): unknown => (gradOnly ? (both ?? gradient) : result === undefined ? last : result);
  const step = (): unknown => {
    check();
    if (lists.length > 0) {
      for (let i = 0; i < lists.length; i++) lists[i].refill();
      check(); // elements may be getters, and those may do anything
    }
    last = bound.run();
    return returned();
  };
  const dispose = (): void => {
    if (disposed) return;
    disposed = true;
    arena.forget(step as unknown as { dispose(): void });
    bound.dispose();
    p.discardResults();
  };
  Object.defineProperties(step, {
    value: bare({ get: () => (gradOnly ? undefined : returned()), enumerable: true }),
    grad: bare({ value: gradient, enumerable: true }),
    dispose: bare({ value: dispose }),
    ...(hess !== undefined && { hess: bare({ value: hess, enumerable: true }) }),
  });
  if (typeof Symbol.dispose === 'symbol')
    Object.defineProperty(step, Symbol.dispose, bare({ value: dispose }));
  Object.freeze(step);
  arena.track(step as unknown as { dispose(): void });
  return step;
}
