// Every part: as its entry has it, in f32 alone and with f64; of a loss of which something is apart, with that.
import { apartOf } from '../../src/cut/exports.ts';
import type { Members } from '../../src/functions.ts';
import type { Helpers, MathFunctions } from '../../src/helpers/helpers.ts';
import { argmax, helpers, rowFigures, topK } from '../../src/helpers/specs.ts';
import { registry } from '../../src/losses/registry.ts';
import type { Part } from '../../src/parts/part.ts';

export const lossNames = Object.keys(registry) as (keyof typeof registry)[];
export const helperNames = helpers.map(({ name }) => name) as (keyof Helpers | keyof MathFunctions)[];
export const names: readonly (keyof Members)[] = [...lossNames, ...helperNames, rowFigures.name];
/** Those that are of all dtypes. */
export const ofAll = [argmax.name, topK.name] as const;

async function partOf(name: keyof Members, file: string): Promise<Part> {
  const entry = await import(`../../src/parts/generated/${file}.ts`);
  return entry[name];
}
const fileOf = (name: keyof Members): string =>
  name in registry ? [name, ...apartOf(registry[name as keyof typeof registry])].join('.') : name;
const every = async (ending: string): Promise<Record<keyof Members, Part>> =>
  Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await partOf(name, fileOf(name) + ending)])),
  );

export const f32 = await every('');
export const both = await every('.f64');
