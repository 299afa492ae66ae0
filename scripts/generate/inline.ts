import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { inflate } from '../../src/wasm/inflate.ts';

const file = (name: string, text: string, imports: string, bytes: string): string =>
  `// Generated from assembly/ by \`npm run build\`; not committed.
${imports}
const base64 =
  '${text}';

let bytes: Uint8Array<ArrayBuffer> | undefined;

/** The bytes of ${name}. */
export function inlineModule(): Uint8Array<ArrayBuffer> {
  bytes ??= ${bytes};
  return bytes;
}
`;

/** A module, deflated, in base64. */
export function deflated(name: string, wasm: Uint8Array): string {
  const bytes = deflateRawSync(wasm, { level: 9 });
  if (!Buffer.from(wasm).equals(inflate(bytes, wasm.length)))
    throw new Error(`${name} is not inflated to itself`);
  return bytes.toString('base64');
}

const BASE64 = "import { bytesOfBase64 } from '../base64.ts';\n";
/** The same of what lies in another folder. */
const FAR_BASE64 = BASE64.replace('..', '../../wasm');

/**
 * src/wasm/generated/inline….ts: a module as text, so that the package needs no file and no network to load it. Deflated first: 24
 * kB gzipped instead of 37. Inflating takes a cold engine 6 ms more than plain base64 does, which 13 kB of transfer make up
 * for below 17 Mbit/s. A stream (DecompressionStream) took 42 ms, and is no use to loadSync.
 */
export function inlineSource(name: string, wasm: Uint8Array): string {
  return file(
    name,
    deflated(name, wasm),
    `${BASE64}import { inflate } from '../inflate.ts';\n`,
    `inflate(bytesOfBase64(base64), ${wasm.length})`,
  );
}

/** src/wasm/generated/inlinePlain.ts: the same for Node, Bun and Deno, where nothing is transferred. */
export const plainSource = (name: string, wasm: Uint8Array): string =>
  file(name, Buffer.from(wasm).toString('base64'), BASE64, 'bytesOfBase64(base64)');

/** src/clickhouse/generated/module.ts: the same with its digest. */
export const hashedSource = (name: string, wasm: Uint8Array): string => {
  const imports = `${FAR_BASE64}import { inflate } from '../../wasm/inflate.ts';\n`;
  return `${file(name, deflated(name, wasm), imports, `inflate(bytesOfBase64(base64), ${wasm.length})`)}
export const sha256 = '${createHash('sha256').update(wasm).digest('hex')}';
`;
};

/**
 * src/evaluate/generated/exactSums.ts: a module of 4 kB in hexadecimal digits. What looks at bytes finds repetitions in them that base64
 * hides: gzipped they are three quarters as long, and nothing is needed to inflate them.
 */
export const smallSource = (name: string, wasm: Uint8Array): string =>
  `// Generated from assembly/ by \`npm run build\`; not committed.
const digits =
  '${Buffer.from(wasm).toString('hex')}';

/** The bytes of ${name}. */
export function inlineModule(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g)!, (two) => Number.parseInt(two, 16));
}
`;
