// npx simdloss cut, from the packed package.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cut } from '../../src/cut/cut.ts';
import { cuttable, isInCut } from '../../src/cut/exports.ts';
import type { FloatDType } from '../../src/dtypes.ts';
import { install } from '../engines/packed.ts';

const installed = install();
afterAll(() => installed.remove());
const { bin } = JSON.parse(readFileSync(join(installed.package, 'package.json'), 'utf8'));

function simdloss(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(installed.package, bin.simdloss), ...args],
    { cwd: installed.folder, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}
const written = (file: string): Buffer => readFileSync(join(installed.folder, file));
const whole = (file: string): Buffer => readFileSync(new URL(`../../build/${file}`, import.meta.url));

describe('npx simdloss', () => {
  it('is for Node', () => {
    expect(readFileSync(join(installed.package, bin.simdloss), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it.each([
    { args: ['mse'], names: ['mse'], dtypes: ['f32', 'f64'], math: '' },
    {
      args: ['crossEntropy', 'softmax', '--dtype', 'f32', '--out', 'ours.wasm'],
      ...{ names: ['crossEntropy', 'softmax'], dtypes: ['f32'], math: '' },
    },
    {
      args: ['bce', '--dtype', 'f64', '--dtype=f32', '--math', 'relaxed'],
      ...{ names: ['bce'], dtypes: ['f32', 'f64'], math: '.relaxed' },
    },
  ] as const)('cut $args', ({ args, names, dtypes, math }) => {
    const module = cut(whole(`simdloss${math}.wasm`), isInCut(names, dtypes as readonly FloatDType[]));
    const file = (args as readonly string[]).includes('ours.wasm') ? 'ours.wasm' : 'losses.wasm';
    const { status, stdout, stderr } = simdloss('cut', ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^${file}: ${module.length} bytes, \\d+ gzipped\n$`));
    expect(written(file).equals(module)).toBe(true);
  });

  it('says what it takes', () => {
    const { status, stdout } = simdloss('cut', '--help');
    expect(status).toBe(0);
    for (const name of Object.keys(cuttable)) expect(stdout).toContain(name);
  });

  it.each([
    { args: [], says: 'which command?' },
    { args: ['cut'], says: 'cut expected at least one name' },
    { args: ['paste', 'mse'], says: 'there is no command paste' },
    { args: ['cut', 'mse', 'toString'], says: 'there is no toString' },
    { args: ['cut', 'mse', '--dtype', 'f16'], says: '--dtype expected f32 or f64, got f16' },
    { args: ['cut', 'mse', '--math', 'fast'], says: '--math expected deterministic or relaxed, got fast' },
    { args: ['cut', 'mse', '--output', 'x'], says: "Unknown option '--output'" },
  ])('refuses $args', ({ args, says }) => {
    const { status, stdout, stderr } = simdloss(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.startsWith(says), stderr).toBe(true);
    expect(stderr).toMatch(/simdloss (cut|eval) --help/);
  });

  it('says where it cannot write', () => {
    const { status, stderr } = simdloss('cut', 'mse', '--out', 'nowhere/at/all.wasm');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^ENOENT.*nowhere\/at\/all\.wasm'\n$/);
  });
});
