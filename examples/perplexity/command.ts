// The same by the command line, from files.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Windows } from './evaluate.ts';
import type { Logits } from './runtimes/runtimes.ts';

/** What `npx simdloss` runs. */
const command = fileURLToPath(new URL('../../dist/bin/simdloss.js', import.meta.url));

/** As NumPy saves arrays: how the elements are stored, the shape, then these themselves. */
function npy(data: Float32Array | Int32Array, shape: readonly number[]): Uint8Array {
  const descr = data instanceof Float32Array ? '<f4' : '<i4';
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}), }`;
  const header = dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11);
  const size = Buffer.alloc(2);
  size.writeUInt16LE(header.length + 1);
  const magic = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
  return Buffer.concat([
    magic,
    size,
    Buffer.from(`${header}\n`),
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  ]);
}

const ARGS =
  'eval --loss crossEntropy --pred logits.npy --target labels.npy --shift 1 --figures perplexity,accuracy';

/** The line, and what it prints. */
export function byCommand({ data, dims }: Logits, { labels, shape }: Windows, ...more: string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), 'simdloss-perplexity-'));
  try {
    writeFileSync(join(cwd, 'logits.npy'), npy(data, dims));
    writeFileSync(join(cwd, 'labels.npy'), npy(labels, shape));
    const args = [...ARGS.split(' '), ...more];
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      cwd,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

export const line = `npx simdloss ${ARGS}`;
