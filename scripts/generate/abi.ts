import { createHash } from 'node:crypto';
import * as abi from '../../src/abi.ts';

const constant = (name: string) => name.replace(/([A-Z])/g, '_$1').toUpperCase();

/** What a module and its wrapper have to agree on, as a number: of 27 bits, which a module has in four bytes. */
export function abiNumber(agreed: Readonly<Record<string, unknown>> = abi): number {
  const names = Object.keys(agreed).filter((name) => typeof agreed[name] !== 'function');
  const text = JSON.stringify(names.sort().map((name) => [name, agreed[name]]));
  return createHash('sha256').update(text).digest().readUInt32LE() >>> 5;
}

/** assembly/generated/abi.ts: the offsets and constants that both sides share. */
export function abiSource(): string {
  const lines = ['// Generated from src/abi.ts by `npm run generate`; do not edit.', ''];
  for (const [name, at] of Object.entries(abi.offsetOf)) {
    lines.push(`export const CALL_${constant(name)}: usize = ${at};`);
  }
  lines.push('');
  for (const [name, bit] of Object.entries(abi.FLAGS)) lines.push(`export const FLAG_${name}: u32 = ${bit};`);
  for (const [name, step] of Object.entries(abi.STEPS))
    lines.push(`export const STEP_${name}: u32 = ${step};`);
  lines.push('', `export const ABI: i32 = ${abiNumber()};`);
  lines.push('', `export const BLOCK: usize = ${abi.BLOCK};`);
  for (const [name, at] of Object.entries(abi.SCRATCH))
    lines.push(`export const SCRATCH_${name}: usize = ${at};`);
  const { CALL_BYTES, SCRATCH_BYTES, TILES, TILE_WIDTH, OVERLAP_BYTES, LINE, PANEL, PANEL_ROWS } = abi;
  const sizes = { CALL_BYTES, SCRATCH_BYTES, TILES, TILE_WIDTH, OVERLAP_BYTES, LINE, PANEL, PANEL_ROWS };
  for (const [name, bytes] of Object.entries(sizes)) lines.push(`export const ${name}: usize = ${bytes};`);
  lines.push('');
  return lines.join('\n');
}
