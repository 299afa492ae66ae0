import type { Instance } from '../functions.ts';
import { type AnyLoss, Prepared } from './prepared.ts';
import type { Layout } from './shapes.ts';

/** At most so many sets of shapes are prepared at a time: those of batches, of last batches, of validation. */
const MOST_SHAPES = 8;

/** What is prepared of a loss, by the shapes of its inputs. */
export class Cache {
  readonly #F: Pick<Instance, 'zeros'>;
  readonly #loss: AnyLoss;
  readonly #options: object;
  /** The last is the one that was used last. */
  readonly #prepared = new Map<string, Prepared>();

  constructor(F: Pick<Instance, 'zeros'>, loss: AnyLoss, options: object) {
    this.#F = F;
    this.#loss = loss;
    this.#options = options;
  }

  get({ places, terms }: Layout): Prepared {
    const all = this.#prepared;
    const key = places.map(({ shape, dtype }) => `${dtype} ${shape}`).join();
    const prepared = all.get(key) ?? new Prepared(this.#F, this.#loss, this.#options, places, terms);
    all.delete(key);
    all.set(key, prepared);
    if (all.size > MOST_SHAPES) {
      const [[oldest, unused]] = all;
      all.delete(oldest);
      unused.dispose();
    }
    return prepared;
  }

  clear(): void {
    for (const prepared of this.#prepared.values()) prepared.dispose();
    this.#prepared.clear();
  }
}
