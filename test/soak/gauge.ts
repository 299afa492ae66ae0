// Measuring what stays behind.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the JS heap that are still referred to. */
export function heapAfterGc(): number {
  // weak references and finalisers need more than one round
  for (let i = 0; i < 3; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Bytes of JS heap that one call takes. The median of many short rounds, so that the odd collection within one does not
 * count; none is asked for in between, as it would throw optimised code away.
 */
export function bytesPerCall(call: () => unknown, calls: number, rounds: number): number {
  for (let i = 0; i < 20_000; i++) call();
  collect();
  for (let i = 0; i < 5000; i++) call();
  const bytes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < calls; i++) call();
    const more = process.memoryUsage().heapUsed - before;
    // it has shrunk where there was a collection
    if (more >= 0) bytes.push(more / calls);
  }
  // so many bytes that none of the rounds was without one
  if (2 * bytes.length < rounds) return bytesPerCall(call, Math.ceil(calls / 8), rounds);
  return bytes.sort((a, b) => a - b)[bytes.length >> 1];
}
