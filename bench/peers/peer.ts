// What every library is wrapped as: value and mean-reduced gradient of one loss on one set of inputs.
import type { LossName } from '../cases.ts';

export interface Problem {
  readonly loss: LossName;
  readonly shape: readonly number[];
  readonly input: Float32Array;
  /** Class indices for crossEntropy, else of the input's shape. */
  readonly target: Float32Array | Int32Array;
  /** The inputs after the second. */
  readonly more?: readonly Given[];
  /** By input, which gradients are computed; the first alone if not said. */
  readonly wrt?: readonly boolean[];
}

export interface Given {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** All inputs, in their order. */
export function inputsOf({ loss, shape, input, target, more = [] }: Problem): Given[] {
  const targets = loss === 'crossEntropy' ? [shape[0], ...shape.slice(2)] : shape;
  return [{ data: input, shape }, { data: target, shape: targets }, ...more];
}

/** The places of the inputs whose gradients are computed. */
export const wantedOf = ({ wrt = [true] }: Problem): number[] => wrt.flatMap((is, i) => (is ? [i] : []));

/** Seconds for all repetitions together. */
export interface Sample {
  /** Of the process that computed. */
  readonly cpu: number;
  readonly wall: number;
}

export interface Result {
  readonly value: number;
  /** One after the other where there are several. */
  readonly grad: Float32Array;
}

export interface Peer {
  run(repetitions: number): Promise<Sample>;
  result(): Promise<Result>;
  dispose(): void;
}

/** A peer inside this process. `step` makes value and gradient, and frees what it made. */
export function inProcess(
  step: () => unknown,
  result: () => Result | Promise<Result>,
  dispose: () => void = () => {},
): Peer {
  return {
    async run(repetitions) {
      const { user, system } = process.cpuUsage();
      const start = performance.now();
      for (let i = 0; i < repetitions; i++) {
        const pending = step();
        if (pending instanceof Promise) await pending;
      }
      const wall = (performance.now() - start) / 1e3;
      const end = process.cpuUsage();
      return { cpu: (end.user + end.system - user - system) / 1e6, wall };
    },
    result: async () => result(),
    dispose,
  };
}

/** [outer, classes, inner] of a class loss. */
export function layoutOf([outer, classes, ...rest]: readonly number[]): [number, number, number] {
  return [outer, classes, rest.reduce((n, size) => n * size, 1)];
}
