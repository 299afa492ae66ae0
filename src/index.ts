/**
 * simdloss: loss functions and their gradients as SIMD WebAssembly kernels.
 *
 * @example
 * import { load } from 'simdloss';
 * const F = await load();
 * F.mse(Float32Array.of(1, 2), Float32Array.of(1, 4)); // 2
 */
export * from './load/complete.ts';
