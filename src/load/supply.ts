// Code that not every user needs: an entry has it at hand, or brings it when it is asked for.
import { fail } from '../errors.ts';
import { messageOf } from '../wasm/instantiate.ts';

export interface Supply<T> {
  get(): T | PromiseLike<T>;
  /** At once, or an error that says why not. */
  getSync(): T;
}

export const atHand = <T>(it: T): Supply<T> => ({ get: () => it, getSync: () => it });

/** No import() brings code to a service worker or a worklet, nor to a page whose server has newer files by now. */
export const onDemand = <T>(
  what: string,
  bring: () => Promise<T>,
  /** Throws where what did not come would be of no use. */
  requires = () => {},
  way = 'simdloss/complete has it at hand',
): Supply<T> => {
  const missing = (why: string, cause?: unknown): never => {
    requires();
    return fail('ERR_UNSUPPORTED', `${what} comes on demand here, and ${why}: ${way}`, cause);
  };
  return {
    async get() {
      try {
        return await bring();
      } catch (cause) {
        return missing(`did not come (${messageOf(cause)})`, cause);
      }
    },
    getSync: () => missing('is not there at once'),
  };
};
