import type { KernelCall } from '../call.ts';
import type { FloatDType, Shape } from '../dtypes.ts';
import type { Operand } from '../memory/operand.ts';
import type { Interval } from '../options/interval.ts';
import type { KernelName } from '../wasm/generated/exports.ts';
import type { Loop } from '../wasm/loops.ts';
import type { Layout } from './layout.ts';

/** A positional input of a loss. */
export interface Input<O = any> {
  readonly name: string;
  /** What its elements are: numbers of the loss's dtype, class indices, either of them, told by the shape, or lengths. */
  readonly holds: 'numbers' | 'indices' | 'either' | 'lengths';
  /**
   * What its shape has to be: the first input's, one that broadcasts to it (where one of an axis less lacks the last; or a number),
   * (indices, and what belongs to a row) that of the terms, or [classes, features]; 'own': the family says, as it does of lengths.
   */
  readonly shape: 'first' | 'broadcast' | 'terms' | 'weights' | 'own';
  /** Its place in the call, where that is another than among the arguments: labels are in IN1. */
  readonly slot?: number;
  /** Whether there is a gradient with respect to it (never to indices). */
  readonly gradient: boolean;
  /** The values for which the loss is defined. */
  readonly domain: (options: O) => Interval;
}

/** Full names of one kernel's exports. */
export type Loops = Readonly<Record<Loop, KernelName | undefined>>;

/** What a descriptor makes of options, dtype and class count. */
export interface Choice {
  readonly loops: Loops;
  /** P0, P1 … of the kernel. */
  readonly params: readonly number[];
  /** Whether every class has a target probability even with index targets. */
  readonly soft: boolean;
}

/** A call that is being fitted together. */
export interface Fitting {
  readonly call: KernelCall;
  readonly inputs: readonly Operand[];
  /** Everything that the call reads. */
  readonly reads: readonly Operand[];
  readonly layout: Layout;
  readonly options: { readonly values: FamilyOptions };
  /** The loss's own choices for a dtype and a number of classes. */
  choose(dtype: FloatDType, classes: number): Choice;
}

/** The options that families look at. */
export interface FamilyOptions {
  readonly reduction: 'mean' | 'sum' | 'none' | 'batchmean';
  readonly axis?: number;
  readonly ignoreIndex?: number;
  readonly blank?: number;
  readonly chunkRows?: 'auto' | number;
  readonly symmetric?: boolean;
  readonly ignoreBackground?: boolean;
}

export type FamilyName =
  | 'elementwise'
  | 'classes'
  | 'features'
  | 'sequence'
  | 'multilabel'
  | 'projection'
  | 'pairs'
  | 'sets';

/** Whether an element, or a row, has a term of its own, which others are no part of. */
export const isOfItself = ({ name }: { readonly name: FamilyName }): boolean =>
  name !== 'sequence' && name !== 'pairs' && name !== 'sets';

/** What all losses that go through their data in one way have in common. */
export interface Family {
  readonly name: FamilyName;
  /** Which results may be written over an input; 'first': the first input's gradient, over that input alone. */
  readonly inPlace: { readonly value: boolean; readonly grad: boolean | 'first'; readonly hess: boolean };
  /** Checks that the inputs fit, sets dtype, sizes and flags of the call and chooses; returns the terms' shape. */
  fit(fitting: Fitting, inputs: readonly Input[]): Shape;
  /** The kernel of a call that is fitted. `isPlain`: it reads nothing but its inputs. */
  loop(loops: Loops, call: KernelCall, isPlain: boolean): KernelName;
}

/** The values that an input's may be: always, or depending on the options. */
export type Domain<O> = Interval | ((options: O) => Interval);

export const domainOf = <O>(domain: Domain<O>): ((options: O) => Interval) =>
  typeof domain === 'function' ? domain : () => domain;
