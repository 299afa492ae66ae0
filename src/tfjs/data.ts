// Numbers out of TensorFlow.js's tensors and into them. Its wasm backend has them in a memory of its own: read and written there they
// are copied once, where dataSync and an array for tf.tensor would copy them twice.
import { fail } from '../errors.ts';
import type { Place } from './prepared.ts';
import type { Core, TfTensor } from './types.ts';

/** What the wasm backend has beside what all have. */
interface Heap {
  typedArrayFromHeap(tensor: TfTensor): ArrayLike<number>;
  readonly dataIdMap: { has(id: unknown): boolean };
}

function heapOf(tf: Core): Heap | undefined {
  const backend = tf.backend() as Partial<Heap>;
  return backend.typedArrayFromHeap !== undefined && backend.dataIdMap !== undefined
    ? (backend as Heap)
    : undefined;
}

/** A tensor's numbers, to be read before anything else is done. Waits for a GPU. */
export function dataOf(
  tf: Core,
  tensor: TfTensor,
  name: string,
  { dtype }: Pick<Place, 'dtype'>,
): ArrayLike<number> {
  const heap = heapOf(tf);
  let data: ArrayLike<number>;
  try {
    data = heap?.dataIdMap.has(tensor.dataId)
      ? heap.typedArrayFromHeap(tensor)
      : (tensor.dataSync() as ArrayLike<number>);
  } catch (cause) {
    return fail(
      'ERR_UNSUPPORTED',
      `the backend that has "${name}" does not give its numbers at once, as dataSync does`,
      cause,
    );
  }
  if (dtype === 'i32' && tensor.dtype === 'float32') expectWhole(data, name);
  return data;
}

/** A tensor of numbers that may change afterwards. */
export const tensorOf = (tf: Core, data: Float32Array, shape: readonly number[]): TfTensor =>
  tf.tensor(heapOf(tf) === undefined ? data.slice() : data, [...shape], 'float32');

/** tfjs makes float32 of labels that it is not told the dtype of. */
function expectWhole(labels: ArrayLike<number>, name: string): void {
  for (let i = 0; i < labels.length; i++)
    if (!Number.isInteger(labels[i]))
      fail('ERR_LABEL', `"${name}" expected class indices, got ${labels[i]} at ${i}`);
}
