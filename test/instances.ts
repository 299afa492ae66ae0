import type { FloatDType, LossFunctions } from '../src/index.ts';
import { load } from '../src/index.ts';

export const backends = ['wasm', 'js'] as const;
export const dtypes = ['f32', 'f64'] as const;

/** Every backend with every dtype: what most tests run over. */
export const matrix = backends.flatMap((backend) => dtypes.map((dtype) => ({ backend, dtype })));

export const arrayOf = { f32: Float32Array, f64: Float64Array };
/** Half the distance from 1 to the next number. */
export const roundoff = { f32: 2 ** -24, f64: 2 ** -53 };

/** The tests of accuracy hold for the relaxed module too: SIMDLOSS_MATH=relaxed, in an engine that fuses. */
export const relaxed = process.env.SIMDLOSS_MATH === 'relaxed';

export const loaded: Record<(typeof backends)[number], LossFunctions> = {
  wasm: await load({ math: relaxed ? 'relaxed' : 'deterministic' }),
  js: await load({ backend: 'js' }),
};

export const floats = (dtype: FloatDType, values: ArrayLike<number>): Float32Array | Float64Array =>
  arrayOf[dtype].from(values as ArrayLike<number>);

if (relaxed && loaded.wasm.math !== 'relaxed') throw new Error('this engine does not fuse multiply-add');
