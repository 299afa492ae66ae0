// NumPy's .npy (the format's versions 1 to 3).
import { DataError, wrong } from '../failure.ts';
import type { Bytes } from './bytes.ts';
import { type Stored, StoredArray, storedTypes, texts } from './stored.ts';

/** NumPy's letters and sizes. */
const types: Readonly<Record<string, Stored>> = {
  f8: storedTypes.F64,
  f4: storedTypes.F32,
  f2: storedTypes.F16,
  i8: storedTypes.I64,
  i4: storedTypes.I32,
  i2: storedTypes.I16,
  i1: storedTypes.I8,
  u8: storedTypes.U64,
  u4: storedTypes.U32,
  u2: storedTypes.U16,
  u1: storedTypes.U8,
  b1: storedTypes.BOOL,
};

const MAGIC = '\x93NUMPY';
/** Longer ones are of structured types. */
const MOST_HEADER = 2 ** 16;

const latin1 = new TextDecoder('latin1');

/** The array whose file these bytes are. */
export async function npy(name: string, bytes: Bytes): Promise<StoredArray> {
  const take = async (n: number): Promise<Uint8Array> => {
    const some = new Uint8Array(n);
    await bytes.fill(some);
    return some;
  };
  const start = await take(8).catch((error) => {
    // what is shorter is none either
    if (error instanceof DataError) return new Uint8Array(8);
    throw error;
  });
  if (latin1.decode(start.subarray(0, 6)) !== MAGIC) wrong(`${name} is no .npy file`);
  const major = start[6];
  if (major < 1 || major > 3) wrong(`${name} has version ${major} of .npy; 1 to 3 are known`);
  const size = await take(major === 1 ? 2 : 4);
  const length = size.reduceRight((all, byte) => 256 * all + byte, 0);
  if (length > MOST_HEADER) wrong(`${name} has a header of ${length} bytes`);
  const header = latin1.decode(await take(length));

  const descr = /'descr':\s*(?:'([^']*)'|(\[))/.exec(header);
  const fortran = /'fortran_order':\s*(True|False)/.exec(header);
  const sizes = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (descr === null || fortran === null || sizes === null)
    return wrong(`${name} has a header that is not understood: ${header.trim()}`);
  if (descr[2] !== undefined) wrong(`${name} has elements of a structured type`);
  const shape = sizes[1]
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(Number);
  const isTransposed = fortran[1] === 'True' && shape.filter((size) => size !== 1).length > 1;
  if (isTransposed) wrong(`${name} is in Fortran order: save numpy.ascontiguousarray of it`);
  const [, order, type] = /^([<>|=]?)(.*)$/.exec(descr[1])!;
  const letters = /^U(\d+)$/.exec(type);
  const stored = letters !== null ? texts(Number(letters[1])) : types[type];
  if (!stored || !Object.hasOwn(types, letters === null ? type : 'f4'))
    return wrong(
      `${name} has elements of type ${descr[1]}; f2, f4, f8, i1 to i8, u1 to u8, b1 and U are read`,
    );
  return new StoredArray(name, shape, stored, bytes, order === '>');
}
