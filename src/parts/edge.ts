// The same where modules are compiled when they are deployed: without the js backend, threads, and all that compiles.
import { expected, fail, show } from '../errors.ts';
import { arenaOf, merged, wasm } from '../load/instance.ts';
import { instantiate, isModule } from '../wasm/instantiate.ts';
import { asked, type LoadParts, type LoadPartsSync } from './asked.ts';

export * from '../load/public.ts';

const noThreads = () => 'workers are not available here';

export const loadSync: LoadPartsSync = (options) => {
  const { settings, modules, create } = asked(noThreads, options);
  if (settings.backend === 'js')
    fail('ERR_UNSUPPORTED', "backend 'js' is not in simdloss/losses here, but in simdloss");
  const arena = arenaOf(settings);
  const exports = modules.map((module) =>
    isModule(module)
      ? instantiate(module, arena.memory)
      : expected('ERR_TYPE', 'losses', 'parts whose modules are compiled', show(module)),
  );
  return wasm(merged(exports), arena, create) as never;
};
export const load: LoadParts = async (options) => loadSync(options);
