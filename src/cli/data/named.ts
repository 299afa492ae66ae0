// Groups by numbers that stand for their keys: what they are called is said at the end, and not for each row.
import type { Evaluation } from '../../evaluate/index.ts';
import type { Key } from './source.ts';

export class NamedGroups {
  readonly #total: Evaluation;
  readonly #start: () => Evaluation;
  #names: readonly Key[] | undefined;
  /** Of the groups that have these names; the total where they have none. */
  #present: Evaluation;

  /** `start` makes an evaluation. */
  constructor(start: () => Evaluation) {
    this.#start = start;
    this.#total = start();
    this.#present = this.#total;
  }

  /** What rows are to be added to whose groups have these names. */
  evaluation(names: readonly Key[] | undefined): Evaluation {
    if (names === this.#names) return this.#present;
    const total = this.total();
    this.#names = names;
    // of the same dtype and classes as those before
    if (names !== undefined) this.#present = this.#start().merge({ ...total.state(), groups: [] });
    return this.#present;
  }

  /** All that was added. */
  total(): Evaluation {
    const names = this.#names;
    if (names !== undefined) {
      const state = this.#present.state();
      const named = ({ key }: { readonly key?: Key }) => key !== undefined && { key: names[Number(key)] };
      this.#total.merge({ ...state, groups: state.groups.map((group) => ({ ...group, ...named(group) })) });
      this.#names = undefined;
      this.#present = this.#total;
    }
    return this.#total;
  }
}
