// How much of a product is in memory at once.
import { BLOCK, LINE, PANEL, PANEL_ROWS } from '../abi.ts';
import type { KernelCall } from '../call.ts';
import { bytesOf } from '../dtypes.ts';
import { expected, show } from '../errors.ts';
import type { OptionSpec } from '../options/specs.ts';

const MOST_ROWS = 1024;
const CHUNK_ROWS = `'auto' or an integer from 1 to ${MOST_ROWS}`;

export const chunkRowsOption: OptionSpec<'auto' | number> = {
  fallback: 'auto',
  values: CHUNK_ROWS,
  parse: (value, name) =>
    value === 'auto' ||
    (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_ROWS)
      ? value
      : expected('ERR_OPTION', name, CHUNK_ROWS, show(value)),
};

/** Bytes that the logits and what goes with them may take, unless so few rows do not fit. */
const CHUNK_BYTES = 2 ** 23;
const LEAST_ROWS = 48;

const upTo = (multiple: number, n: number): number => multiple * Math.ceil(n / multiple);

/** From one row of logits to the next: an odd number of lines, so that rows do not share the places of a cache. */
const logitBytes = (size: number, classes: number): number => LINE * (Math.ceil((size * classes) / LINE) | 1);

/** Bytes that a row of a chunk takes: its number, its features twice, their gradient as f64, its logits. */
const chunkRowBytes = (size: number, classes: number, features: number): number =>
  logitBytes(size, classes) + (2 * size + 8) * upTo(PANEL / size, features) + 4;

/** So many as a call's option says. */
export const rowsAtOnce = ({ dtype, outer, classes, features }: KernelCall, most: 'auto' | number): number =>
  most === 'auto' ? rowsOfChunk(bytesOf(dtype), outer, classes, features) : Math.min(most, outer);

/** Rows whose logits are there at once: whole panels. */
function rowsOfChunk(size: number, rows: number, classes: number, features: number): number {
  const fit = Math.round(CHUNK_BYTES / chunkRowBytes(size, classes, features) / PANEL_ROWS) * PANEL_ROWS;
  return Math.min(Math.max(fit, LEAST_ROWS), BLOCK, rows);
}

/**
 * Bytes of the working space of a projection: the chunk's number of rows, a line; its rows of so many bytes, as many as are whole
 * panels; the values of all rows, with room for padding.
 */
export const projectionBytes = (
  size: number,
  rows: number,
  classes: number,
  features: number,
  chunk: number,
): number => upTo(PANEL_ROWS, chunk) * chunkRowBytes(size, classes, features) + size * rows + 8 * LINE;

/** Arrays of 8 bytes a row that losses of all pairs have beside their chunk. */
const PAIR_ARRAYS = 14;

/**
 * Bytes of the working space of a loss of all pairs of `rows` and `others`: that of a product; those arrays; scaled copies of both, and
 * with `hasShared` the gradient of the latter. As assembly/loops/pairRows.ts cuts it up.
 */
export const pairsBytes = (
  size: number,
  rows: number,
  others: number,
  features: number,
  chunk: number,
  hasShared: boolean,
): number =>
  projectionBytes(size, rows, others, features, chunk) +
  PAIR_ARRAYS * (upTo(LINE, 8 * others) + LINE) +
  4 * LINE +
  size * features * (rows + others + (hasShared ? others : 0));
