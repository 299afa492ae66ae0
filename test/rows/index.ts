import { registry } from '../../src/losses/registry.ts';
import type { LossName, Row } from './row.ts';

/** One row a loss of the registry, each in the file of its name. */
export const rows = Object.fromEntries(
  await Promise.all(
    Object.keys(registry).map(async (name) => [name, (await import(`../rows/${name}.ts`))[name]] as const),
  ),
) as Record<LossName, Row>;
