// A tensor out of a .safetensors file.
import { wrong } from '../failure.ts';
import { opened, plainBytes, readAt } from './bytes.ts';
import { StoredArray, storedTypes } from './stored.ts';

/** As the format's own reader has it. */
const MOST_HEADER = 100_000_000;

interface Header {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly number[];
}

export async function safetensor(path: string, name: string | undefined): Promise<StoredArray> {
  const file = await opened(path);
  try {
    const { size } = await file.stat();
    if (size < 8) wrong(`${path} is no .safetensors file`);
    const start = await readAt(file, path, 0, new Uint8Array(8));
    const length = Number(new DataView(start.buffer).getBigUint64(0, true));
    if (length > Math.min(size - 8, MOST_HEADER)) wrong(`${path} is no .safetensors file`);
    const text = new TextDecoder().decode(await readAt(file, path, 8, new Uint8Array(length)));
    const tensors = tensorsOf(path, text);
    const names = Object.keys(tensors).filter((key) => key !== '__metadata__');
    const all = names.join(', ');
    if (name === undefined && names.length !== 1)
      wrong(`${path} has ${all}: say which, as ${path}:${names[0]}`);
    const own = name ?? names[0];
    if (!names.includes(own)) wrong(`${path} has no ${own}, but ${all}`);
    const { dtype, shape, data_offsets } = tensors[own];
    if (!Object.hasOwn(storedTypes, dtype))
      wrong(`${path}:${own} has elements of type ${dtype}; ${Object.keys(storedTypes).join(', ')} are read`);
    const called = name === undefined ? path : `${path}:${own}`;
    return new StoredArray(
      called,
      shape,
      storedTypes[dtype],
      plainBytes(file, path, 8 + length + data_offsets[0]),
    );
  } catch (error) {
    await file.close();
    throw error;
  }
}

function tensorsOf(path: string, text: string): Readonly<Record<string, Header>> {
  try {
    const header = JSON.parse(text);
    if (typeof header === 'object' && header !== null) return header;
  } catch {
    // said below
  }
  return wrong(`${path} has a header that is not understood`);
}
