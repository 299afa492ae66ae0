// The f64 half of src/js/f32: V8 keeps one type feedback per source location, so f64 has a text of its own.

export const DTYPES = ['f32', 'f64'] as const;
export type Dtype = (typeof DTYPES)[number];

/** What something of one dtype is called where both stand in one file. */
export const pointwiseName = (name: string, dtype: Dtype): string => name + dtype.toUpperCase();

/** Where the loops written by hand, or their twins, are seen from src/js/generated/<dtype>. */
export const handWritten = (dtype: Dtype): string => (dtype === 'f32' ? '../../f32' : '.');

export const toF64 = (source: string): string => source.replaceAll('Float32Array', 'Float64Array');

/** src/js/generated/f64/`name`: the twin of src/js/f32/`name`. */
export const twin = (name: string, source: string): string =>
  `// Generated from src/js/f32/${name} by \`npm run generate\`; do not edit.\n${toF64(source).replaceAll(" from '../", " from '../../")}`;
