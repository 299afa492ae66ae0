// Several peers on one problem.
import { elementsOf } from '../cases.ts';
import { rounded } from '../statistics.ts';
import { agree, differenceOf } from './agreement.ts';
import type { PeerName, ThreadedName } from './cases.ts';
import type { Peer, Result, Sample } from './peer.ts';
import type { Disagreement, PeerResult } from './results.ts';
import { type Effort, inTurn } from './rounds.ts';

/** Checks that all agree with the first, then measures those that do. */
export async function compare<Name extends PeerName | ThreadedName>(
  peers: ReadonlyMap<Name, Peer>,
  clock: keyof Sample,
  shape: readonly number[],
  effort: Effort,
): Promise<Partial<Record<Name, PeerResult | Disagreement>>> {
  const elements = elementsOf(shape);
  const [[, first]] = peers;
  const reference = await first.result();
  const results: Partial<Record<Name, PeerResult | Disagreement>> = {};
  const sound = new Map<Name, Peer>();
  for (const [name, peer] of peers) {
    const result = await resultOf(name, peer);
    if (result === undefined) continue;
    const difference = differenceOf(result, reference);
    const { value, grad } = difference;
    results[name] = { difference: { value: rounded(value), grad: rounded(grad) } };
    if (agree(difference)) sound.set(name, peer);
  }
  for (const [name, timing] of await inTurn(sound, clock, effort)) {
    const { ratio, p10, p90, rounds } = timing;
    results[name] = {
      time: rounded(timing.time / elements),
      ratio: rounded(ratio),
      p10: rounded(p10),
      p90: rounded(p90),
      rounds,
      difference: results[name]!.difference,
    };
  }
  return results;
}

/** undefined where a library fails: the others are measured all the same. simdloss must not fail. */
async function resultOf(name: string, peer: Peer): Promise<Result | undefined> {
  try {
    return await peer.result();
  } catch (error) {
    if (name.startsWith('simdloss')) throw error;
    console.log(`${name} is left out: ${error}`);
    return undefined;
  }
}
