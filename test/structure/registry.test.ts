// A loss is one kernel file, one descriptor, one test row; nothing of it may be missing.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isOfItself } from '../../src/families/family.ts';
import { load } from '../../src/index.ts';
import { dtypesOf } from '../../src/losses/descriptor.ts';
import { descriptors, kernels, registry } from '../../src/losses/registry.ts';
import { rows } from '../rows/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

describe.each(descriptors)('$name', (descriptor) => {
  it('is registered under its name', () => {
    expect((registry as Record<string, unknown>)[descriptor.name]).toBe(descriptor);
  });

  it('has a kernel file with its op, and the exports of its loops', () => {
    const exports = read('assembly/generated/exports.ts');
    for (const kernel of descriptor.kernels) {
      const { apart } = kernel;
      if (apart) expect(read(`assembly/loops/${apart}.ts`)).toContain(`function ${apart.toUpperCase()}<`);
      else expect(read(`assembly/kernels/${kernel.file}.ts`)).toContain(`export class ${kernel.op}<`);
      for (const loop of kernel.loops) {
        for (const dtype of dtypesOf(loop))
          expect(exports).toContain(`function ${kernel.name}_${loop}_${dtype}(`);
      }
    }
  });

  it('has the formulas of the JS backend', () => {
    for (const { file, column, loops, template, apart, name } of descriptor.kernels) {
      const isOwn =
        (template && template !== 'ternary') ||
        loops.some((loop) => ['sequences', 'allPairs', 'overlaps'].includes(loop)) ||
        apart;
      const own = isOwn ? `f32/${name}` : `points/${file}`;
      const isProjection = loops.includes('project');
      const isSoftmax = column === 'SoftmaxColumn' || template === 'curved';
      const path = isProjection ? 'f32/projection' : isSoftmax ? 'f32/softmax' : own;
      expect(existsSync(`${root}src/js/${path}.ts`), path).toBe(true);
    }
  });

  it('has a test row with a plain call first, and of sequences, pairs and sets a test of its own', () => {
    if (!isOfItself(descriptor.family))
      expect(existsSync(`${root}test/losses/${descriptor.name}.test.ts`)).toBe(true);
    const row = rows[descriptor.name as keyof typeof rows];
    expect(row.loss).toBe(descriptor.name);
    expect(row.variants[0].title).toBe('plain');
  });

  it('has a docstring with an example that is true', async () => {
    const source = read(`src/losses/${descriptor.name}.ts`);
    const doc =
      new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*${descriptor.name}<I extends`).exec(source)?.[1] ?? '';
    const torch = descriptor.like.torch === undefined ? [] : ['PyTorch: nn.functional.'];
    for (const part of ['value', 'gradient', ...torch, '@example']) expect(doc).toContain(part);
    const example = /@example (.*) \/\/ (.*)/.exec(doc);
    expect(example).not.toBeNull();
    const F = await load();
    const result = new Function('F', `return ${example![1]}`)(F);
    expect(String(result)).toBe(example![2].trim());
  });

  it('stands in the README’s table', () => {
    expect(read('README.md')).toContain(`| \`${descriptor.name}\` |`);
  });

  it('has its options documented', () => {
    const sources = ['src/losses', 'src/families']
      .flatMap((folder) => readdirSync(`${root}${folder}`).map((f) => read(`${folder}/${f}`)))
      .join('\n');
    for (const option of Object.keys(descriptor.options)) {
      expect(sources).toMatch(new RegExp(`\\*/\\s*${option}\\?:`));
    }
  });

  it('is a frozen callable with its metadata', async () => {
    for (const backend of ['wasm', 'js'] as const) {
      const F = (await load({ backend })) as unknown as Record<string, Record<string, unknown>>;
      const loss = F[descriptor.name];
      expect(Object.isFrozen(loss)).toBe(true);
      expect(loss.name).toBe(descriptor.name);
      expect(loss.like).toBe(descriptor.like);
      expect(loss.inputs).toEqual(descriptor.inputs.map((input) => input.name));
      for (const member of ['grad', 'valueAndGrad', 'prepare']) expect(typeof loss[member]).toBe('function');
      for (const option of Object.keys(descriptor.options)) expect(loss.options).toContain(option);
    }
  });
});

describe('generated files', () => {
  it('are what the registry says', () => {
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/generate.ts', '--check'], { cwd: root });
  }, 60_000);

  it('hold every kernel of every loss', () => {
    expect(new Set(kernels.map((k) => k.name)).size).toBe(kernels.length);
    for (const { file, apart } of kernels)
      expect(existsSync(`${root}assembly/${apart ? 'loops' : 'kernels'}/${file}.ts`)).toBe(true);
  });

  it('no kernel file is left out of the registry', () => {
    const files = readdirSync(`${root}assembly/kernels`).map((f) => f.replace('.ts', ''));
    expect(files.filter((f) => !kernels.some((k) => k.file === f))).toEqual([]);
  });
});
