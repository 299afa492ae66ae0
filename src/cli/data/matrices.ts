// Predictions and targets in files of arrays, a row after the other.
import { existsSync } from 'node:fs';
import type { TypedArray } from '../../dtypes.ts';
import { unusable, wrong } from '../failure.ts';
import { repeated } from './batch.ts';
import { opened, plainBytes } from './bytes.ts';
import { npy } from './npy.ts';
import { npzBytes } from './npz.ts';
import { safetensor } from './safetensors.ts';
import {
  type Batch,
  floats,
  type Key,
  type Layout,
  likeFirst,
  type NumbersOfRows,
  type Places,
  pause,
  rowsOfBatch,
  type Source,
} from './source.ts';
import type { StoredArray } from './stored.ts';

const ENDING = /\.(npy|npz|safetensors)(?::([^/\\]*))?$/;

/** Whether it names a file of arrays: `logits.npy`, `all.npz:logits`. */
export const isMatrix = (place: string): boolean => ENDING.test(place);

async function openArray(place: string): Promise<StoredArray> {
  const match = ENDING.exec(place);
  if (match === null)
    return unusable(
      `${place} is no .npy, .npz or .safetensors: those go together, tables are given by themselves`,
    );
  const [, kind, name] = match;
  const path = name === undefined || existsSync(place) ? place : place.slice(0, -(name.length + 1));
  if (kind === 'safetensors') return safetensor(path, name);
  if (kind === 'npz') return npy(place, await npzBytes(path, name));
  if (name !== undefined) unusable(`${path} has one array, without a name`);
  const file = await opened(path);
  return npy(place, plainBytes(file, path, 0)).catch(async (error) => {
    await file.close();
    throw error;
  });
}

/** Terms of a row of the first input: one, but where there is more in it than classes or features. */
function termsOf(shape: readonly number[], { descriptor, axis, shift }: Layout): number {
  const perRow = shape.slice(1).reduce((a, b) => a * b, 1);
  if (descriptor.family.name === 'elementwise') return perRow;
  // the last where the loss has no such option; what has no number is the second
  const usual = (descriptor.options.axis?.fallback ?? -1) as number;
  const at = axis ?? (shift > 0 ? -1 : Number.isNaN(usual) ? 1 : usual);
  const along = at < 0 ? at + shape.length : at;
  if (shape.length < 2)
    unusable(`${descriptor.name} is of rows: an array of one row has shape [1, ${shape}]`);
  if (along === 0) unusable('axis 0 has the rows: files are read along it');
  return shape[along] === 0 ? 0 : perRow / shape[along];
}

export async function matrices(places: Places, layout: Layout): Promise<Source> {
  const open: StoredArray[] = [];
  const openOne = async (place: string): Promise<StoredArray> => {
    const array = await openArray(place);
    open.push(array);
    return array;
  };
  const close = async (): Promise<void> => {
    await Promise.all(open.map((array) => array.close()));
  };
  try {
    const inputs: StoredArray[] = [];
    for (const place of places.inputs) inputs.push(await openOne(place));
    const weight = places.weight === undefined ? undefined : await openOne(places.weight);
    const by = places.by === undefined ? undefined : await openOne(places.by);
    for (const { name, rows } of open)
      if (rows !== inputs[0].rows) wrong(`${name} has ${rows} rows, ${inputs[0].name} has ${inputs[0].rows}`);
    return sourceOf(inputs, weight, by, layout, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function sourceOf(
  inputs: readonly StoredArray[],
  weight: StoredArray | undefined,
  by: StoredArray | undefined,
  layout: Layout,
  close: () => Promise<void>,
): Source {
  const { rows } = inputs[0];
  const perRow = termsOf(inputs[0].shape, layout);
  const { inputs: specs } = layout.descriptor;
  if (by !== undefined && by.perRow !== 1 && by.perRow !== perRow)
    wrong(`${by.name} has ${by.perRow} keys a row, where 1 or ${perRow} are expected`);
  const most = rowsOfBatch(inputs.reduce((bytes, array) => bytes + array.bytesPerRow, 0));
  let done = 0;

  async function next(n: number): Promise<Batch> {
    const shapeOf = ({ shape }: StoredArray): number[] => [n, ...shape.slice(1)];
    const [{ half }] = inputs;
    const read = await numbers(inputs[0], n);
    // the loss takes 16 bits as they are, and computes them in f32
    const first = half === undefined ? floats(read) : new Float32Array();
    const all: NumbersOfRows[] = [
      { data: half === undefined ? first : read, shape: shapeOf(inputs[0]), ...(half && { dtype: half }) },
    ];
    for (let i = 1; i < inputs.length; i++) {
      const data = likeFirst(await widened(inputs[i], n), first, specs[i].holds !== 'numbers');
      all.push({ data, shape: shapeOf(inputs[i]) });
    }
    const from = done;
    return {
      inputs: all,
      sampleWeight: weight && {
        data: likeFirst(await widened(weight, n), first, true),
        shape: shapeOf(weight),
      },
      group: by && repeated(keysOf(await by.read(n)), by.perRow === perRow ? 1 : perRow),
      rows: n,
      where: (input, term) => {
        const row = from + Math.floor(term / perRow);
        return `${inputs[input].name}, row ${row}${perRow === 1 ? '' : `, place ${term % perRow}`}`;
      },
    };
  }

  return {
    isInOrder: true,
    async *batches() {
      while (done < rows) {
        const n = Math.min(most, rows - done);
        yield await next(n);
        done += n;
        await pause();
      }
    },
    get progress() {
      return { unit: 'rows' as const, done, total: rows };
    },
    close,
  };
}

const numbers = async (array: StoredArray, n: number): Promise<TypedArray> =>
  numeric(array, await array.readAsTheyAre(n));
const widened = async (array: StoredArray, n: number): Promise<TypedArray> =>
  numeric(array, await array.read(n));

function numeric(array: StoredArray, data: TypedArray | readonly string[]): TypedArray {
  return Array.isArray(data)
    ? wrong(`${array.name} has texts, where numbers are expected`)
    : (data as TypedArray);
}

const keysOf = (data: TypedArray | readonly string[]): Key[] =>
  Array.from(data as ArrayLike<bigint | Key>, (key) => (typeof key === 'bigint' ? Number(key) : key));
