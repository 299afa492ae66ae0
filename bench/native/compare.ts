// One case on wasm and in C, in turn.
import { setTimeout } from 'node:timers/promises';
import type { FloatDType } from 'simdloss';
import { checkGradient, checkValue } from '../agreement.ts';
import { type Case, idOf } from '../cases.ts';
import { now } from '../clock.ts';
import { median, quantile } from '../statistics.ts';
import type { Operands } from './operands.ts';
import type { Twin } from './twin.ts';

export interface Effort {
  /** ms of each side before anything counts; V8 has its optimised code by then. */
  readonly warmup: number;
  /** ms of each side in each round. */
  readonly round: number;
  readonly rounds: number;
}

export interface Comparison {
  /** ns per call, medians. */
  readonly c: number;
  readonly wasm: number;
  /** c / wasm, round by round: above 1 wasm is faster. */
  readonly ratio: number;
  readonly p10: number;
  readonly p90: number;
}

export interface Step {
  (): unknown;
  readonly value: number | undefined;
}

export async function compare(
  which: Case<string>,
  step: Step,
  twin: Twin,
  operands: Operands,
  effort: Effort,
): Promise<Comparison> {
  await twin.use(which.operation);
  await check(which, step, twin, operands);
  const wasm = (times: number): number => {
    const start = now();
    for (let i = times; i > 0; i--) step();
    return (now() - start) * 1e6;
  };
  const c = async (times: number): Promise<number> => (await twin.run(times)).ns;

  await repeat(wasm, effort.warmup);
  // compilers work in threads of their own, which a busy machine keeps waiting
  await setTimeout(3 * effort.warmup);
  await repeat(wasm, effort.warmup);
  await repeat(c, effort.warmup);
  const wasmTimes = await repeat(wasm, effort.round);
  const cTimes = await repeat(c, effort.round);
  const times: { wasm: number[]; c: number[] } = { wasm: [], c: [] };
  for (let round = 0; round < effort.rounds; round++) {
    // the order is swapped each time, so that neither always follows the other
    if (round % 2 === 0) times.wasm.push(wasm(wasmTimes) / wasmTimes);
    times.c.push((await c(cTimes)) / cTimes);
    if (round % 2 === 1) times.wasm.push(wasm(wasmTimes) / wasmTimes);
  }
  const ratios = times.wasm.map((time, round) => times.c[round] / time);
  return {
    c: median(times.c),
    wasm: median(times.wasm),
    ratio: median(ratios),
    p10: quantile(ratios, 0.1),
    p90: quantile(ratios, 0.9),
  };
}

/** Runs for so many ms; returns how many times take so long. */
async function repeat(run: (times: number) => number | Promise<number>, ms: number): Promise<number> {
  for (let times = 1; ; times *= 2) {
    const time = (await run(times)) / 1e6;
    if (time >= ms / 2) return Math.max(1, Math.round((times * ms) / time));
  }
}

/** Wrong results are not worth timing. */
async function check(
  which: Case<string>,
  step: Step,
  twin: Twin,
  { inputs: [{ dtype }], grads }: Operands,
): Promise<void> {
  const id = `${idOf(which)}, C for js`;
  const own = Object.entries(grads);
  for (const [, { data }] of own) data.fill(Number.NaN);
  step();
  const { value } = await twin.run(1);
  if (which.operation !== 'grad') checkValue(id, dtype as FloatDType, step.value as number, value);
  if (which.operation === 'value') return;
  const theirs = await twin.gradients(own.map(([, { data }]) => data));
  own.forEach(
    ([name, { data }], i) => void checkGradient(`${id}, ${name}`, dtype as FloatDType, data, theirs[i]),
  );
}
