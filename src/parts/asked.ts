// What is asked for of parts.
import { expected, fail, isList, isReadable, show } from '../errors.ts';
import { createInstance, type Instance, type Members } from '../functions.ts';
import { has, read } from '../given.ts';
import type { Create } from '../load/instance.ts';
import { type LoadOptions, OPTIONS, settingsOf } from '../load/options.ts';
import type { Descriptor } from '../losses/descriptor.ts';
import { lengthOf } from '../memory/shape.ts';
import { optionNames } from '../plan/callable.ts';
import type { Threads } from '../threads/platform.ts';
import { messageOf } from '../wasm/instantiate.ts';
import type { Part, PartModule } from './part.ts';

/** How an instance with some losses is loaded. */
export interface PartOptions<P extends readonly Part[]> extends Omit<LoadOptions, 'module' | 'math'> {
  /** What it is to have: imported from 'simdloss/losses' or its entries. */
  losses: P;
  /** The whole module has relaxed math, and what `npx simdloss cut` writes of it. */
  math?: 'deterministic';
}

/** What was given, and no more. */
export type PartFunctions<P extends readonly Part[]> = Pick<Members, Exclude<P[number]['name'], 'half'>> &
  Instance;

export type LoadParts = <const P extends readonly Part[]>(
  options: PartOptions<P>,
) => Promise<PartFunctions<P>>;
export type LoadPartsSync = <const P extends readonly Part[]>(options: PartOptions<P>) => PartFunctions<P>;

const NAMES = ['losses', ...OPTIONS.filter((name) => name !== 'module')];

/** What was asked for: `threadsHere` is what an entry has of them. */
export function asked(threadsHere: Threads, options: PartOptions<readonly Part[]>) {
  const settings = settingsOf(options as LoadOptions, threadsHere, undefined, NAMES);
  if (settings.math === 'relaxed') {
    fail(
      'ERR_UNSUPPORTED',
      'relaxed math comes with simdloss, or with what npx simdloss cut --math relaxed writes',
    );
  }
  const parts = partsOf(read(options ?? {}, 'losses'));
  const create: Create<Instance> = (host, about) =>
    ofParts(() => {
      const names = optionNames(parts.flatMap(({ of }) => (isLoss(of) ? of : [])));
      const members = parts
        .map(({ name, of, create }) => [name, create(of as never, names, host)])
        .filter(([, member]) => member !== undefined);
      return createInstance(host, about, Object.fromEntries(members));
    });
  return { settings, modules: modulesOf(parts), create };
}

const isLoss = (of: Part['of']): of is Descriptor => has(of, 'options');

const wanted = "an array of what 'simdloss/losses' exports";

/** Does what may meet something else that looks like a part. */
export function ofParts<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (read(Object(cause), 'code') !== undefined) throw cause;
    return fail('ERR_TYPE', `"losses" expected ${wanted}, got something else (${messageOf(cause)})`, cause);
  }
}

function partsOf(losses: unknown): readonly Part[] {
  if (!isList(losses)) return expected('ERR_TYPE', 'losses', wanted, show(losses));
  const length = lengthOf(losses, 'losses');
  if (length > MOST_PARTS) expected('ERR_TYPE', 'losses', wanted, `${length} of them`);
  return Array.from({ length }, (_, i) => {
    const part = losses[i] as Part;
    if (!isReadable(part) || typeof read(Object(part), 'create') !== 'function')
      expected('ERR_TYPE', 'losses', wanted, `one with ${show(part)}`);
    return part;
  });
}

/** More than there are, with each given twice: a list may say anything of its length. */
const MOST_PARTS = 1000;

/** Each once: a loss may have been given twice, also with and without f64, or what is apart. */
const modulesOf = (parts: readonly Part[]): PartModule[] =>
  ofParts(() => {
    const modules = new Set<PartModule>();
    for (const part of parts) {
      modules.add(part.f32);
      if (has(part, 'f64')) modules.add(part.f64!);
      const more = has(part, 'more') ? part.more! : [];
      // one for each dtype; of what only looks like a part they may be endless
      for (let i = 0; i < 2 && has(more, i); i++) modules.add(more[i]);
    }
    return [...modules];
  });
