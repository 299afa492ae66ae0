interface Platform {
  Buffer?: { from(text: string, encoding: 'base64'): Uint8Array };
  Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
}
const platform = globalThis as unknown as Platform;

/** The bytes that stand in a text. By the platform where it can: loops over text take a cold engine milliseconds. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const { Buffer, Uint8Array: Bytes } = platform;
  // copied: Node's may be part of a pool
  if (Buffer !== undefined) return Uint8Array.from(Buffer.from(text, 'base64'));
  if (Bytes.fromBase64 !== undefined) return Bytes.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
