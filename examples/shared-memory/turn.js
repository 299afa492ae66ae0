// Who may touch the shared tensors: one word of the memory, handed back and forth.

export const MODEL = 0;
export const LOSS = 1;
export const DONE = 2;

/** Far more than a turn takes: the other side has gone. */
const LOST_MS = 30_000;

/**
 * Everything written before is seen by whoever waits for the word.
 * @param {Int32Array} turn
 * @param {number} to
 */
export function pass(turn, to) {
  Atomics.store(turn, 0, to);
  Atomics.notify(turn, 0);
}

/**
 * Sleeps while it is the other's turn; returns whose it is then.
 * @param {Int32Array} turn
 * @param {number} other
 */
export function wait(turn, other) {
  if (Atomics.wait(turn, 0, other, LOST_MS) === 'timed-out') throw new Error('the other thread has gone');
  return Atomics.load(turn, 0);
}
