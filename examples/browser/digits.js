// The data set: fetched, inflated by the browser, and split.

export const PIXELS = 64;
export const CLASSES = 10;
const HELD_OUT = 0.2;

/**
 * @typedef {object} Split
 * @property {number} rows
 * @property {Float32Array} pixels [rows, 64], from 0 to 1
 * @property {Int32Array} labels
 */

/** @param {string | URL} url @returns {Promise<{ training: Split, heldOut: Split }>} */
export async function fetchDigits(url) {
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`${url}: status ${response.status}`);
  const text = await new Response(response.body.pipeThrough(new DecompressionStream('gzip'))).text();
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  // the file is in the order in which people wrote: every fifth row is held out
  const every = Math.round(1 / HELD_OUT);
  return {
    training: split(lines.filter((_, row) => row % every !== 0)),
    heldOut: split(lines.filter((_, row) => row % every === 0)),
  };
}

/** The last column is the label; pixels have 17 levels. @param {number[][]} lines @returns {Split} */
function split(lines) {
  const pixels = new Float32Array(lines.length * PIXELS);
  lines.forEach((line, row) => {
    const levels = line.slice(0, PIXELS);
    pixels.set(
      levels.map((level) => level / 16),
      row * PIXELS,
    );
  });
  return { rows: lines.length, pixels, labels: Int32Array.from(lines, (line) => line[PIXELS]) };
}
