import type { Inputs, Options } from './options.ts';

/** Reads the label of a row: a class index, or undefined where it is ignored. */
export function labelReader({ target }: Inputs, classes: number, { ignoreIndex = -100 }: Options) {
  return (row: number): number | undefined => {
    const label = Number(target.data[row]);
    if (label === ignoreIndex) return undefined;
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new RangeError(`label ${label} of row ${row} is not in [0, ${classes})`);
    return label;
  };
}
