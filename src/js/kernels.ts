// The kernels of the JS backend: the same names, fields and semantics as the wasm kernels', on ordinary arrays.
import { kernels as f32 } from './generated/f32/kernels.ts';
import { kernels as f64 } from './generated/f64/kernels.ts';
import type { Kernels } from './reduce.ts';

export const jsKernels: Record<'f32' | 'f64', Kernels> = { f32, f64 };
