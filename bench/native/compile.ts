// Compiles the C twins into build/native/.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type MathMode = 'deterministic' | 'relaxed';
/** What C is: a twin of our kernels, or the textbook's formulas as the compiler vectorises them without minding rounding. */
export type Against = 'twin' | 'plain';

const sources = fileURLToPath(new URL('./c/', import.meta.url));
const target = fileURLToPath(new URL('../../build/native/', import.meta.url));

/** What the wasm modules may use: 128 bits, with fused multiply-add only where that is relaxed. */
const flags: Record<MathMode, string[]> = {
  deterministic: ['-msse4.1', '-ffp-contract=off'],
  relaxed: ['-mfma', '-mprefer-vector-width=128', '-ffp-contract=fast'],
};

/** `gcc (…) 12.2.0`, or undefined where there is no gcc for this kind of processor. */
export function gccVersion(): string | undefined {
  if (process.arch !== 'x64') return undefined;
  const { status, stdout } = spawnSync('gcc', ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

export const hasFma = (): boolean => / fma /.test(readFileSync('/proc/cpuinfo', 'utf8'));

/** Returns the program's path. */
export function compile(math: MathMode, against: Against): string {
  mkdirSync(target, { recursive: true });
  const gcc = (...args: string[]) => execFileSync('gcc', args, { cwd: sources, stdio: 'inherit' });
  const common = ['-O3', '-std=gnu11', '-Wall', '-Wno-unused-function', ...flags[math]];
  const kernels =
    against === 'twin' ? [['kernels.c'], ['kernels.c', '-DDOUBLE']] : [['plain.c', '-ffast-math']];
  const objects = [['main.c'], ...kernels].map(([source, ...more], i) => {
    const object = `${target}${math}-${against}-${i}.o`;
    gcc(...common, ...more, '-c', source, '-o', object);
    return object;
  });
  const program = `${target}${math}-${against}`;
  gcc(...objects, '-o', program, '-lmvec', '-lm');
  return program;
}
