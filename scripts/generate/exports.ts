import { dtypesOf, type KernelSpec, type Template } from '../../src/losses/descriptor.ts';
import { kernels } from '../../src/losses/registry.ts';
import type { Loop } from '../../src/wasm/loops.ts';
import { abiNumber } from './abi.ts';
import { Imports } from './imports.ts';

const template: Record<Loop, { file: string; call: string }> = {
  any: { file: 'pointwise', call: 'POINTWISE' },
  sum: { file: 'pointwise', call: 'POINTWISE_SUM' },
  grad: { file: 'pointwise', call: 'POINTWISE_GRAD' },
  sumgrad: { file: 'pointwise', call: 'POINTWISE_SUMGRAD' },
  terms: { file: 'terms', call: 'TERMS' },
  softplus: { file: 'softplus', call: 'SOFTPLUS' },
  product: { file: 'product', call: 'PRODUCT' },
  few: { file: 'few', call: 'FEW' },
  rows: { file: 'rowwise', call: 'ROWWISE' },
  lanes: { file: 'lanewise', call: 'LANEWISE' },
  map: { file: 'map', call: 'MAP' },
  pick: { file: 'classes', call: 'PICK' },
  sequences: { file: 'sequences', call: 'SEQUENCES' },
  project: { file: 'projection', call: 'PROJECT' },
  allPairs: { file: 'allPairs', call: 'ALL_PAIRS' },
  overlaps: { file: 'overlaps', call: 'OVERLAPS' },
};
/** The loops of a template that are its own; the others are those above. */
const own: Record<Template, Partial<Record<Loop, { file: string; call: string }>>> = {
  ternary: { any: { file: 'ternary', call: 'TERNARY' } },
  features: {
    rows: { file: 'features', call: 'FEATURES_ROWS' },
    lanes: { file: 'features', call: 'FEATURES_LANES' },
  },
  rivals: { rows: { file: 'rivals', call: 'RIVALS' } },
  sets: { lanes: { file: 'labelSets', call: 'LABEL_SETS' } },
  means: { rows: { file: 'means', call: 'MEANS' } },
  curved: {
    rows: { file: 'curved', call: 'CURVED_ROWS' },
    lanes: { file: 'curved', call: 'CURVED_LANES' },
    few: { file: 'curved', call: 'CURVED_FEW' },
  },
  figures: { rows: { file: 'figures', call: 'FIGURES' }, lanes: { file: 'figures', call: 'FIGURES' } },
};
const templateOf = ({ template: of, apart }: KernelSpec, loop: Loop) =>
  apart ? { file: apart, call: apart.toUpperCase() } : ((of && own[of][loop]) ?? template[loop]);
const columnFile = {
  SoftmaxColumn: 'softmaxColumn',
  ClassColumn: 'classes',
  BackwardColumn: 'backward',
  RivalColumn: 'rivalColumn',
};

const dtypes = ['f32', 'f64'] as const;
/** Those that take formulas of finite terms too. */
const SUMMED: readonly Loop[] = ['sum', 'sumgrad', 'terms'];

function instance(kernel: KernelSpec, loop: Loop, dtype: string): string {
  if (kernel.apart) return `${templateOf(kernel, loop).call}<${dtype}>`;
  const op = `${kernel.op}<${dtype}>`;
  if (SUMMED.includes(loop)) {
    const finite = kernel.hasFinite ? `${kernel.op}Finite<${dtype}>` : op;
    return `${templateOf(kernel, loop).call}<${dtype}, ${finite}, ${op}>`;
  }
  const argument = loop === 'lanes' && kernel.column ? `${kernel.column}<${dtype}, ${op}>` : op;
  return `${templateOf(kernel, loop).call}<${dtype}, ${argument}>`;
}

/** assembly/generated/exports.ts: one line for each wasm export. */
export function exportsSource(): string {
  const imports = new Imports();
  const lines: string[] = [];
  for (const kernel of kernels) {
    if (!kernel.apart) imports.use(`../kernels/${kernel.file}`, kernel.op);
    if (kernel.hasFinite) imports.use(`../kernels/${kernel.file}`, `${kernel.op}Finite`);
    for (const loop of kernel.loops) {
      const { file, call } = templateOf(kernel, loop);
      imports.use(`../loops/${file}`, call);
      if (loop === 'lanes' && kernel.column)
        imports.use(`../loops/${columnFile[kernel.column]}`, kernel.column);
      for (const dtype of dtypesOf(loop)) {
        const name = `${kernel.name}_${loop}_${dtype}`;
        lines.push(
          `export function ${name}(call: usize): f64 {\n  return ${instance(kernel, loop, dtype)}(call);\n}`,
        );
      }
    }
  }
  imports.use('../loops/prepass', 'PREPASS');
  imports.use('../reduce/parts', 'ADD_BLOCKS');
  imports.use('../reduce/parts', 'ADD_ROWS');
  imports.use('../reduce/unbroadcast', 'UNBROADCAST');
  for (const dtype of dtypes) {
    lines.push(`export function prepass_${dtype}(call: usize): i32 {\n  return PREPASS<${dtype}>(call);\n}`);
    lines.push(`export function addBlocks_${dtype}(call: usize): f64 {\n  return ADD_BLOCKS(call);\n}`);
    lines.push(
      `export function unbroadcast_${dtype}(call: usize): f64 {\n  return UNBROADCAST<${dtype}>(call);\n}`,
    );
    lines.push(`export function addRows_${dtype}(call: usize): f64 {\n  return ADD_ROWS<${dtype}>(call);\n}`);
  }
  for (const half of ['F16', 'BF16']) {
    imports.use('../loops/half', half);
    for (const call of ['WIDEN', 'NARROW']) {
      imports.use('../loops/half', call);
      const name = `${call}_${half}`.toLowerCase();
      lines.push(
        `export function ${name}(from: usize, to: usize, n: usize): void {\n  ${call}<${half}>(from, to, n);\n}`,
      );
    }
  }
  imports.use('../simd/fma', 'FUSED');
  lines.push('export function fused(): i32 {\n  return FUSED();\n}');
  imports.use('./abi', 'ABI');
  lines.push('/** What the wrapper holds its own number against. */\nexport const abi: i32 = ABI;');
  return [
    '// Generated from the registry by `npm run generate`; do not edit.',
    `${imports.sorted()}`, // the module's bytes depend on it
    '',
    lines.join('\n\n'),
    '',
  ].join('\n');
}

/** src/wasm/generated/exports.ts: their types. */
export function exportTypesSource(): string {
  const namesOf = (has: (loop: Loop) => boolean) =>
    kernels.flatMap(({ name, loops }) => loops.filter(has).map((loop) => `${name}_${loop}`));
  const names = namesOf(() => true);
  const f32Only = namesOf((loop) => !dtypesOf(loop).includes('f64'));
  return `// Generated from the registry by \`npm run generate\`; do not edit.

/** Kernels by name, without dtype. */
export type KernelName =
${names.map((n) => `  | '${n}'`).join('\n')};

type F32Only = ${f32Only.map((n) => `'${n}'`).join(' | ')};
type F64Name = Exclude<KernelName, F32Only>;
type Dtyped<N extends string> = \`\${N}_f32\` | \`\${N}_f64\`;

/** Each takes the address of a call record. A kernel returns the reduced value. */
type CallExports = Record<
  Dtyped<F64Name | 'prepass' | 'addBlocks' | 'addRows' | 'unbroadcast'> | \`\${F32Only}_f32\`,
  (call: number) => number
>;

/** The number of the ABI that this wrapper has. */
export const ABI = ${abiNumber()};

/** The module's functions; fused() tells whether its multiply-add rounds once. */
export interface KernelExports extends CallExports {
  fused(): number;
  widen_f16(from: number, to: number, n: number): void;
  widen_bf16(from: number, to: number, n: number): void;
  narrow_f16(from: number, to: number, n: number): void;
  narrow_bf16(from: number, to: number, n: number): void;
}
`;
}
