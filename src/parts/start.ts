// From parts to an instance that has just these.
import { named } from '../given.ts';
import { js, type Platform, start, startSync, threadsOf, withWasm, withWasmSync } from '../load/start.ts';
import type { Compilable } from '../wasm/instantiate.ts';
import { asked, type LoadParts, type LoadPartsSync, ofParts, type PartOptions } from './asked.ts';
import type { Part, PartModule } from './part.ts';

/** What an entry has beside parts. */
export interface PartPlatform extends Platform {
  /** What is compiled, of how a module stands in the code. */
  open(module: PartModule): Compilable;
}

export const loadPartsOf = (platform: PartPlatform): LoadParts =>
  named('load', async (options: PartOptions<readonly Part[]>) => {
    const { settings, modules, create } = asked(threadsOf(platform), options);
    if (settings.backend === 'js') return js(await platform.js.get(), create);
    return withWasm(platform, () => start(platform, opened(platform, modules), settings, create));
  }) as LoadParts;

export const loadPartsSyncOf = (platform: PartPlatform): LoadPartsSync =>
  named('loadSync', (options: PartOptions<readonly Part[]>) => {
    const { settings, modules, create } = asked(threadsOf(platform), options);
    if (settings.backend === 'js') return js(platform.js.getSync(), create);
    return withWasmSync(platform, () => startSync(platform, opened(platform, modules), settings, create));
  }) as LoadPartsSync;

const opened = ({ open }: PartPlatform, modules: readonly PartModule[]): Compilable[] =>
  ofParts(() => modules.map(open));
