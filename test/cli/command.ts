// The command of the packed package, and files for it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { install } from '../engines/packed.ts';

const installed = install();
const { bin } = JSON.parse(readFileSync(join(installed.package, 'package.json'), 'utf8'));

export const { folder, remove } = installed;
const program = join(installed.package, bin.simdloss);
export const write = (name: string, contents: string | Uint8Array): string => installed.write(name, contents);

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function simdloss(...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/** A call that takes its time; `node`: how Node is called for it. */
export function running(args: readonly string[], node: readonly string[] = []): Running {
  const child = spawn(process.execPath, [...node, program, ...args], { cwd: folder });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended };
}

/** The JSON of a call that goes well. */
export function results(...args: string[]): any {
  const { status, stdout, stderr } = simdloss(...args, '--json');
  if (status !== 0) throw new Error(`${status}: ${stderr}`);
  return JSON.parse(stdout);
}

const DESCR: Readonly<Record<string, string>> = {
  Float32Array: '<f4',
  Float64Array: '<f8',
  Int32Array: '<i4',
  BigInt64Array: '<i8',
  Uint8Array: '|u1',
};

export type Numbers = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** What begins a .npy of such elements. */
export function npyHeader(descr: string, shape: readonly number[]): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10);
  header.write('\x93NUMPY\x01\x00', 'latin1');
  header.writeUInt16LE(length, 8);
  return Buffer.concat([header, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1')]);
}

export function npy(name: string, data: Numbers, shape: readonly number[] = [data.length]): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return write(name, Buffer.concat([npyHeader(DESCR[data.constructor.name], shape), bytes]));
}

export interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export function safetensors(name: string, tensors: Readonly<Record<string, Tensor>>): string {
  let at = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [key, { dtype, shape, data }] of Object.entries(tensors)) {
    header[key] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return write(name, Buffer.concat([length, text, ...Object.values(tensors).map(({ data }) => data)]));
}

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
