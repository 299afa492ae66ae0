import type { Instance, Members } from '../functions.ts';
import type { Losses } from '../losses/registry.ts';

/** What load() resolves to, with the loss that is evaluated, and what its figures take. */
export type Evaluable = Pick<Instance, 'backend' | 'math'> & Partial<Members>;

/** A loss, whatever its inputs. */
export type AnyLoss = ((...args: unknown[]) => unknown) & {
  readonly family: string;
  readonly inputs: readonly string[];
  readonly options: readonly string[];
};

export type AnyHelper = (...args: unknown[]) => unknown;

export type LossName = keyof Losses;
