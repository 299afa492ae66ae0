// What the generators make: an excerpt of each, since their files are not in git.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inlineSource, plainSource } from '../../scripts/generate/inline.ts';
import { pointsOf } from '../../scripts/generate/js/points.ts';
import { loops } from '../../scripts/generate/js/pointwise.ts';
import { sources } from '../../scripts/generate/sources.ts';
import { kernels } from '../../src/losses/registry.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const made = sources();

/** Lines of a file, in their order; between them there may be others. */
const excerpts: Record<string, string> = {
  'assembly/generated/clickhouse.ts': `// Generated from the registry by \`npm run generate\`; do not edit.
function huber(handle: usize, n: u32, isGrad: bool, more: bool): usize {
  begin(handle, n, isGrad);
  let delta: f64 = 1.0;
    delta = option(2, 'delta');
  store<f64>(CALL, min<f64>(delta, 3.4028234663852886e+38), CALL_P1);
  const out = elements(2);
      huber_grad_f32(CALL);
      huber_any_f32(CALL);
  return out;
export function crossEntropy_grad_or_nan_with(handle: usize, n: u32): usize {
  return crossEntropy(handle, n, true, true, true);
}`,

  'assembly/generated/abi.ts': `// Generated from src/abi.ts by \`npm run generate\`; do not edit.
export const CALL_SCALE: usize = 0;
export const CALL_DIVISOR: usize = 8;
export const FLAG_VALUE: u32 = 1;
export const BLOCK: usize = 1024;`,

  'assembly/generated/exports.ts': `// Generated from the registry by \`npm run generate\`; do not edit.
import { CrossEntropy } from '../kernels/crossEntropy';
import { LANEWISE } from '../loops/lanewise';
import { SoftmaxColumn } from '../loops/softmaxColumn';
export function l1_any_f32(call: usize): f64 {
  return POINTWISE<f32, L1<f32>>(call);
}
export function crossEntropy_lanes_f64(call: usize): f64 {
  return LANEWISE<f64, SoftmaxColumn<f64, CrossEntropy<f64>>>(call);
}
export function prepass_f32(call: usize): i32 {
  return PREPASS<f32>(call);
}`,

  'src/wasm/generated/exports.ts': `// Generated from the registry by \`npm run generate\`; do not edit.
export type KernelName =
  | 'l1_any'
  | 'logSoftmaxBackward_lanes'
  | 'rowFigures_rows'
  | 'rowFigures_lanes';
type F32Only = 'bce_product' | 'sigmoidFocal_terms' | 'klDiv_terms' | 'jsd_terms' | 'poissonNll_terms' | 'logCosh_terms' | 'msle_terms' | 'halfTweedie_terms';
  Dtyped<F64Name | 'prepass' | 'addBlocks' | 'addRows' | 'unbroadcast'> | \`\${F32Only}_f32\`,`,

  'src/js/generated/f32/kernels.ts': `// Generated from the registry by \`npm run generate\`; do not edit.
import { column, pick } from '../../f32/classes.ts';
import * as nll from '../../points/nll.ts';
export const kernels = {
  l1_any: l1F32,
  nll_pick: pick(nll),
  crossEntropy_rows: softmax,
  prepass,
};`,

  'src/js/generated/f64/kernels.ts': `import { column, pick } from './classes.ts';
import * as nll from '../../points/nll.ts';`,

  'src/js/generated/pointwise.ts': `// Generated from src/js/points by \`npm run generate\`; do not edit.
import { extraOf as extraOfF32, weightOf as weightOfF32 } from '../f32/broadcast.ts';
import { extraOf as extraOfF64, weightOf as weightOfF64 } from './f64/broadcast.ts';
function mseF32SumGrad(call: KernelCall, from: number, to: number): number {
  const input = call.arrays[IN0] as Float32Array;
  const target = call.arrays[IN1] as Float32Array;
  const grad = call.arrays[GRAD0] as Float32Array;
  const scale = gradScale(call);
  for (; i + 3 < to; i += 4) {
    {
      const x: number = input[i + 3];
      const t: number = target[i + 3];
      const d = x - t;
      const value = d * d;
      sum3 += value;
      const slope = 2 * d;
      grad[i + 3] = slope * scale;
    }
  }
  return sum + sum1 + (sum2 + sum3);
}
export const mseF32 = pointwise({
  grad: mseF32SumGrad,
function bceWithLogitsF32Sum(call: KernelCall, from: number, to: number): number {
  let product = 1;
      const next = product * (1 + e);
  return sum + Math.log(product) + Math.log(product1);
function bceWithLogitsF64Sum(call: KernelCall, from: number, to: number): number {
  const input = call.arrays[IN0] as Float64Array;
    const value = linear + (q * yes + no) * Math.log1p(e);
    sum += value;`,

  'src/js/generated/f64/broadcast.ts': `// Generated from src/js/f32/broadcast.ts by \`npm run generate\`; do not edit.
import { BLOCK, IN2, WEIGHT } from '../../../abi.ts';
const weightBlock = /* @__PURE__ */ new Float64Array(BLOCK);`,
};

describe.each(Object.entries(excerpts))('%s', (path, excerpt) => {
  it('has these lines', () => {
    let rest = made[path];
    for (const line of excerpt.split('\n')) {
      const at = rest.indexOf(line);
      expect(at, `${line}\nis not in its place`).toBeGreaterThanOrEqual(0);
      rest = rest.slice(at + line.length);
    }
  });
});

it.each([
  {
    source: inlineSource('sample.wasm', Uint8Array.of(0, 97, 115, 109)),
    has: 'inflate(bytesOfBase64(base64), 4)',
  },
  {
    source: plainSource('sample.wasm', Uint8Array.of(0, 97, 115, 109)),
    has: "const base64 =\n  'AGFzbQ==';",
  },
])('a module as text has $has', ({ source, has }) => {
  expect(source).toContain(has);
  expect(source).toContain('/** The bytes of sample.wasm. */\nexport function inlineModule(): ');
});

describe('formulas of the JS backend', () => {
  const files: Record<string, string> = {
    loss: `import { bounded } from './shared.ts';
export { d } from './shared.ts';

export const value = (d: number) => bounded(d) ** 2;

export const grad = (d: number, p0: number) => {
  const twice = 2 * d;
  return p0 * twice;
};
`,
    shared: `export const d = (x: number, t: number) => x - t;

export const bounded = (d: number) => Math.min(d, 1);
`,
    stray: "export { e } from './shared.ts';\n",
    unknown: 'export const value = (y: number) => y;\n',
    early: 'export const value = (x: number) => {\n  if (x > 0) return x;\n  return -x;\n};\n',
  };
  const read = (file: string) => files[file];

  it('are spliced into the loops; those of other files too, and what they import is called', () => {
    const points = pointsOf('loss', read);
    expect(points.calls).toEqual({ bounded: 'shared' });
    const sample = { name: 'sample', dtype: 'f32', ...points, cheap: false, softplus: false } as const;
    const text = loops({ ...sample, hasPlainLoops: false }).replaceAll(/\s+/g, ' ');
    expect(text).toContain('const t: number = target[i]; const d = x - t;');
    expect(text).toContain('const point = bounded(d) ** 2;');
    expect(text).toContain('let slope: number; { const twice = 2 * d; slope = p0 * twice; }');
  });

  it('have loops for calls without weights where the modules have', () => {
    const plain = [...made['src/js/generated/pointwise.ts'].matchAll(/^function (\w+)SumGrad\(/gm)];
    const wanted = kernels
      .filter(({ loops: all }) => all.includes('any') && all.length > 1)
      .flatMap(({ name }) => [`${name}F32`, `${name}F64`]);
    expect(plain.map(([, name]) => name)).toEqual(wanted);
  });

  it.each([
    { file: 'stray', message: 'src/js/points/stray.ts: shared has no e' },
    { file: 'unknown', message: 'src/js/points/unknown.ts: value is a function of y, which is unknown' },
    { file: 'early', message: 'src/js/points/early.ts: value must return once, at its end' },
  ])('what cannot be spliced is an error ($file)', ({ file, message }) => {
    expect(() => pointsOf(file, read)).toThrow(message);
  });
});

describe('generated sources', () => {
  const sourcesBelow = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[jt]s$/.test(name))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);

  it('lie in folders of that name, and nothing else does', () => {
    for (const path of ['src', 'assembly'].flatMap(sourcesBelow)) {
      const isGenerated = readFileSync(join(root, path), 'utf8').startsWith('// Generated');
      expect({ path, isGenerated }).toEqual({ path, isGenerated: path.includes('/generated/') });
    }
  });
});
