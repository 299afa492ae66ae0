// The kernels of the JS backend: the same names, fields and semantics as the wasm kernels', on ordinary arrays.

// first: see scripts/generate/js/sources.ts
import './generated/order.ts';
import { unbroadcast as unbroadcastF32 } from './f32/unbroadcast.ts';
import { kernels as f32 } from './generated/f32/kernels.ts';
import { kernels as f64 } from './generated/f64/kernels.ts';
import { unbroadcast as unbroadcastF64 } from './generated/f64/unbroadcast.ts';
import type { Kernels } from './reduce.ts';

export const jsKernels: Record<'f32' | 'f64', Kernels> = { f32, f64 };

export const jsUnbroadcast = { f32: unbroadcastF32, f64: unbroadcastF64 };
