// Bytes of a file, one after the other.
import { createReadStream, type ReadStream, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';
import { textOf, wrong } from '../failure.ts';

/** A part of a file that is read from its beginning on. */
export interface Bytes {
  /** Fills `into` with the bytes that come next; a DataError where there are fewer. */
  fill(into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** A file; that there is none is a DataError. */
export async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    return wrong(`${path}: ${textOf(error)}`);
  }
}

const endsEarly = (path: string): never => wrong(`${path} ends before its data do`);

/** Fills `into` with what is at this place of the file. */
export async function readAt(
  file: FileHandle,
  path: string,
  at: number,
  into: Uint8Array,
): Promise<Uint8Array> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, at + done);
    if (bytesRead === 0) endsEarly(path);
    done += bytesRead;
  }
  return into;
}

/** The bytes from here on; the file is closed with them. */
export function plainBytes(file: FileHandle, path: string, from: number): Bytes {
  let at = from;
  return {
    async fill(into) {
      await readAt(file, path, at, into);
      at += into.length;
    },
    close: () => file.close(),
  };
}

/** What `length` bytes from here on are the deflated form of. */
export function inflatedBytes(path: string, from: number, length: number): Bytes {
  const inflated = createInflateRaw();
  const stream: Readable = pipeline(
    createReadStream(path, { start: from, end: from + length - 1 }),
    inflated,
    () => {},
  );
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let left: Uint8Array = new Uint8Array(0);
  return {
    async fill(into) {
      for (let done = 0; done < into.length; ) {
        if (left.length === 0) {
          const next = await chunks.next().catch((error) => wrong(`${path}: ${textOf(error)}`));
          if (next.done) return endsEarly(path);
          left = next.value;
        }
        const some = left.subarray(0, into.length - done);
        into.set(some, done);
        done += some.length;
        left = left.subarray(some.length);
      }
    },
    async close() {
      stream.destroy();
    },
  };
}

/** A file that is read as it comes. */
export interface Streamed {
  readonly bytesRead: () => number;
  readonly size: number;
  readonly close: () => void;
}

export function streamed(path: string): Streamed & { readonly stream: ReadStream } {
  let size: number;
  try {
    ({ size } = statSync(path));
  } catch (error) {
    return wrong(`${path}: ${textOf(error)}`);
  }
  const stream = createReadStream(path);
  return { stream, size, bytesRead: () => stream.bytesRead, close: () => stream.destroy() };
}
