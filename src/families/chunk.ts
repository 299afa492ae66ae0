// How much of a projection is in memory at once.
import { BLOCK, LINE, PANEL, PANEL_ROWS } from '../abi.ts';

/** Bytes that the logits and what goes with them may take, unless so few rows do not fit. */
const CHUNK_BYTES = 2 ** 23;
const LEAST_ROWS = 48;

const upTo = (multiple: number, n: number): number => multiple * Math.ceil(n / multiple);

/** From one row of logits to the next: an odd number of lines, so that rows do not share the places of a cache. */
const logitBytes = (size: number, classes: number): number => LINE * (Math.ceil((size * classes) / LINE) | 1);

/** Bytes that a row of a chunk takes: its number, its features twice, their gradient as f64, its logits. */
const chunkRowBytes = (size: number, classes: number, features: number): number =>
  logitBytes(size, classes) + (2 * size + 8) * upTo(PANEL / size, features) + 4;

/** Rows whose logits are there at once: whole panels. */
export function rowsOfChunk(size: number, rows: number, classes: number, features: number): number {
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
