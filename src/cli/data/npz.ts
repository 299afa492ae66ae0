// An array out of NumPy's .npz: a zip of .npy files, stored or deflated.
import { wrong } from '../failure.ts';
import { type Bytes, inflatedBytes, opened, plainBytes, readAt } from './bytes.ts';

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;

/** Of the end of the archive and the comment behind it. */
const MOST_END = 22 + 65535;
const BEYOND = 0xffff_ffff;

interface Entry {
  readonly method: number;
  readonly compressed: number;
  readonly at: number;
}

/** The bytes of `<name>.npy` in the archive; without a name of the only one. */
export async function npzBytes(path: string, name: string | undefined): Promise<Bytes> {
  const file = await opened(path);
  try {
    const { size } = await file.stat();
    const read = (at: number, length: number) =>
      readAt(file, path, at, new Uint8Array(length)).then(
        ({ buffer }) => new DataView(buffer as ArrayBuffer),
      );
    const entries = await entriesOf(path, size, read);
    const names = [...entries.keys()].map((key) => key.replace(/\.npy$/, ''));
    const all = names.join(', ');
    if (name === undefined && names.length !== 1)
      wrong(`${path} has ${all}: say which, as ${path}:${names[0]}`);
    const entry = entries.get(`${name ?? names[0]}.npy`);
    if (entry === undefined) return wrong(`${path} has no ${name}, but ${all}`);
    const local = await read(entry.at, 30);
    if (local.getUint32(0, true) !== LOCAL) wrong(`${path} is damaged`);
    const from = entry.at + 30 + local.getUint16(26, true) + local.getUint16(28, true);
    if (entry.method === 0) return plainBytes(file, path, from);
    if (entry.method !== 8) wrong(`${path} is compressed by method ${entry.method}; deflate is known`);
    const bytes = inflatedBytes(path, from, entry.compressed);
    await file.close();
    return bytes;
  } catch (error) {
    await file.close();
    throw error;
  }
}

type Read = (at: number, length: number) => Promise<DataView>;

/** What the archive has, by name. */
async function entriesOf(path: string, size: number, read: Read): Promise<ReadonlyMap<string, Entry>> {
  const length = Math.min(size, MOST_END);
  const tail = await read(size - length, length);
  let end = length - 22;
  while (end >= 0 && tail.getUint32(end, true) !== END) end--;
  if (end < 0) return wrong(`${path} is no .npz file`);
  let count = tail.getUint16(end + 10, true);
  let bytes = tail.getUint32(end + 12, true);
  let at = tail.getUint32(end + 16, true);
  if (end >= 20 && tail.getUint32(end - 20, true) === LOCATOR64) {
    const end64 = await read(Number(tail.getBigUint64(end - 20 + 8, true)), 56);
    if (end64.getUint32(0, true) !== END64) wrong(`${path} is damaged`);
    count = Number(end64.getBigUint64(32, true));
    bytes = Number(end64.getBigUint64(40, true));
    at = Number(end64.getBigUint64(48, true));
  }
  if (at + bytes > size) wrong(`${path} is damaged`);
  const directory = await read(at, bytes);
  try {
    return entriesIn(directory, count);
  } catch {
    // lengths that lead beyond its end
    return wrong(`${path} is damaged`);
  }
}

function entriesIn(directory: DataView, count: number): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  for (let i = 0, p = 0; i < count; i++) {
    if (directory.getUint32(p, true) !== ENTRY) throw new RangeError();
    const [name, extra, comment] = [28, 30, 32].map((offset) => directory.getUint16(p + offset, true));
    const text = new TextDecoder().decode(new Uint8Array(directory.buffer, p + 46, name));
    entries.set(text, entryOf(directory, p, p + 46 + name, extra));
    p += 46 + name + extra + comment;
  }
  return entries;
}

/** An entry; sizes and places that do not fit in 32 bits are in the field for them. */
function entryOf(directory: DataView, p: number, extraAt: number, extraBytes: number): Entry {
  const size = directory.getUint32(p + 24, true);
  let compressed = directory.getUint32(p + 20, true);
  let at = directory.getUint32(p + 42, true);
  for (let q = extraAt; q + 4 <= extraAt + extraBytes; q += 4 + directory.getUint16(q + 2, true)) {
    if (directory.getUint16(q, true) !== 1) continue;
    let r = q + 4;
    const next = (): number => {
      r += 8;
      return Number(directory.getBigUint64(r - 8, true));
    };
    if (size === BEYOND) next();
    if (compressed === BEYOND) compressed = next();
    if (at === BEYOND) at = next();
  }
  return { method: directory.getUint16(p + 10, true), compressed, at };
}
