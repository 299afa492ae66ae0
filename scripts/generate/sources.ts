// Sources that follow from the registry, src/abi.ts and src/js. They lie in folders named `generated`, which git ignores.
import { abiSource } from './abi.ts';
import { adapterSource, tableSource } from './clickhouse/functions.ts';
import { exportsSource, exportTypesSource } from './exports.ts';
import { jsSources } from './js/sources.ts';
import { kindsSource } from './kinds.ts';
import { partSources } from './parts.ts';
import { versionSource } from './version.ts';

/** Path and text of each. */
export const sources = (): Record<string, string> => ({
  'assembly/generated/abi.ts': abiSource(),
  'assembly/generated/exports.ts': exportsSource(),
  'assembly/generated/clickhouse.ts': adapterSource(),
  'src/clickhouse/generated/functions.ts': tableSource(),
  'src/wasm/generated/exports.ts': exportTypesSource(),
  'src/evaluate/generated/kinds.ts': kindsSource(),
  'src/evaluate/generated/version.ts': versionSource(),
  ...jsSources(),
  ...partSources(),
});
