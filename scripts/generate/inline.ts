/** src/wasm/inline….ts: a module as text, so that the package needs no file and no network to load it. */
export function inlineSource(name: string, wasm: Uint8Array): string {
  const base64 = Buffer.from(wasm).toString('base64');
  return `// Generated from assembly/ by \`npm run build\`; not committed.
const base64 =
  '${base64}';

let bytes: Uint8Array<ArrayBuffer> | undefined;

/** The bytes of ${name}. */
export function inlineModule(): Uint8Array<ArrayBuffer> {
  bytes ??= Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  return bytes;
}
`;
}
