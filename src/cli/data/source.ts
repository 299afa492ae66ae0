// What is evaluated, batch after batch.
import type { DType, FloatArray, TypedArray } from '../../dtypes.ts';
import type { Instance } from '../../functions.ts';
import type { Descriptor } from '../../losses/descriptor.ts';

/** Of a group. */
export type Key = string | number;
/** One for each row or term; integers have room for no others. */
export type Keys = readonly Key[] | Int32Array;

export interface Batch {
  /** In the order of the loss's inputs. */
  readonly inputs: readonly NumbersOfRows[];
  readonly sampleWeight: NumbersOfRows | undefined;
  /** One for each term. */
  readonly group: Keys | undefined;
  /** What the keys are the places of, where they are not themselves. */
  readonly names?: readonly Key[] | undefined;
  readonly rows: number;
  /** Where the input's term is, as people look for it. */
  readonly where: (input: number, term: number) => string;
}

export interface NumbersOfRows {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  /** Where the data are bits of numbers of 16. */
  readonly dtype?: DType;
}

/** How far it has been read; `total` where it is known. */
export interface Progress {
  readonly unit: 'rows' | 'bytes';
  readonly done: number;
  readonly total: number | undefined;
}

export interface Source {
  /** Whether rows come as they lie: if not, nobody can say where a row is. */
  readonly isInOrder: boolean;
  batches(): AsyncIterable<Batch>;
  readonly progress: Progress;
  close(): Promise<void>;
}

/** What is read where: a file or a column for each input, the weights and the groups. */
export interface Places {
  /** By the loss's inputs. */
  readonly inputs: readonly string[];
  readonly weight: string | undefined;
  readonly by: string | undefined;
}

/** How the loss is asked for, as far as it says what the data are. */
export interface Layout {
  readonly descriptor: Descriptor;
  /** The class axis where one is asked for. */
  readonly axis: number | undefined;
  readonly shift: number;
  /** Whose memory numbers may be read into. */
  readonly functions: Pick<Instance, 'memory' | 'zeros' | 'attach'>;
  /** How many may read; what they read may come in any order. */
  readonly threads: number;
}

/** Lets signals be heard between batches, where reading may never wait. */
export const pause = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** What a batch takes of memory, but for one row. */
const BATCH_BYTES = 4 * 2 ** 20;

export const rowsOfBatch = (bytesPerRow: number): number =>
  Math.max(1, Math.floor(BATCH_BYTES / Math.max(bytesPerRow, 1)));

/** Numbers of the type that the first input has; integers that may be labels are left. */
export function likeFirst(data: TypedArray, first: FloatArray, mayBeLabels: boolean): TypedArray {
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  if (data.constructor === first.constructor || (!isFloat && mayBeLabels)) return data;
  return first instanceof Float32Array ? Float32Array.from(data, Number) : Float64Array.from(data, Number);
}

/** Floats as they are, all else as f64. */
export const floats = (data: TypedArray): FloatArray =>
  data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data, Number);
