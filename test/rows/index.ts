import { lossNames, rowNames } from './names.ts';
import type { LossName, Row } from './row.ts';

/** One row a loss, each in the file of its name. */
export const rows = Object.fromEntries(
  await Promise.all(
    lossNames.map(async (name) => [name, (await import(`../rows/${name}.ts`))[name]] as const),
  ),
) as Record<LossName, Row>;

/** Of the losses whose terms are rows, or elements, for themselves. */
export const separateRows: readonly Row[] = rowNames.map((name) => rows[name]);

/** Of all. */
export const allRows: readonly Row[] = Object.values(rows);
