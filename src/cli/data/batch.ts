// A batch out of what the columns of a table have.
import type { FloatArray } from '../../dtypes.ts';
import { wrong } from '../failure.ts';
import {
  type Batch,
  type Key,
  type Keys,
  type Layout,
  likeFirst,
  type NumbersOfRows,
  type Places,
} from './source.ts';

/** Numbers of rows; `width` is 0 where each has one that is no list. */
export interface Numbers {
  readonly data: FloatArray;
  readonly width: number;
}

/** What was read of so many rows: by the loss's inputs, then the weights and the keys where there are any. */
export interface Read {
  readonly rows: number;
  readonly inputs: readonly Numbers[];
  readonly weight: Numbers | undefined;
  readonly keys: Keys | undefined;
  /** What they are the places of. */
  readonly names?: readonly Key[] | undefined;
  /** Where a row is. */
  readonly where: (row: number) => string;
}

export function batchOf(read: Read, places: Places, { descriptor }: Layout): Batch {
  const { rows, weight, keys, where } = read;
  const [{ data: first, width }] = read.inputs;
  const isOfRows = descriptor.family.name !== 'elementwise';
  const whereOf = (place: string, row: number): string => `${where(row)}, column ${place}`;
  const inputs = read.inputs.map(({ data, width }, i): NumbersOfRows => {
    const { holds } = descriptor.inputs[i];
    const perRow = Math.max(width, 1);
    const shape = width === 0 && !(isOfRows && i === 0) ? [rows] : [rows, perRow];
    if (holds === 'indices' || (holds === 'either' && width === 0)) {
      const at = (k: number): string => whereOf(places.inputs[i], Math.floor(k / perRow));
      return { data: classIndices(data, at), shape };
    }
    return { data: likeFirst(data, first, false), shape };
  });
  const perRow = isOfRows ? 1 : Math.max(width, 1);
  const times = weight !== undefined && weight.width > 1 ? 1 : perRow;
  const weights =
    weight && (times === 1 ? weight.data : Float64Array.from(repeated([...weight.data], times)));
  return {
    inputs,
    sampleWeight: weights && {
      data: likeFirst(weights, first, false),
      shape: isOfRows ? [rows] : inputs[0].shape,
    },
    group: keys && (perRow === 1 ? keys : repeated(Array.from<Key>(keys), perRow)),
    names: read.names,
    rows,
    where: (input, term) => whereOf(places.inputs[input], Math.floor(term / perRow)),
  };
}

/** Each so many times: what belongs to a row, for all of its terms. */
export const repeated = <T>(list: readonly T[], times: number): readonly T[] =>
  times === 1 ? list : list.flatMap((one) => Array<T>(times).fill(one));

/** Numbers that are class indices; `where` says where one is that is none. */
function classIndices(numbers: ArrayLike<number>, where: (i: number) => string): Int32Array {
  const isIndex = (x: number): boolean => Number.isInteger(x) && Math.abs(x) <= 2 ** 31;
  return Int32Array.from(numbers, (x, i) => (isIndex(x) ? x : wrong(`${where(i)}: ${x} is no class index`)));
}
