// The functions of assembly/math as a WebAssembly module: each maps an array in memory, named as "log1p.unit.f32".
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import type { Dtype } from './bounds.ts';

const MATH = fileURLToPath(new URL('../../assembly/math/', import.meta.url));
const ENTRY = 'every.ts';
const OUTPUT = 'every.wasm';

export type Lanes = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Vectors are read at `x` and written at `y`, `bytes` of them. */
export type Mapping = (x: number, y: number, bytes: number) => void;

const className = (file: string) => file[0].toUpperCase() + file.slice(1);

function entry(names: readonly string[]): string {
  const files = new Set(names.map((name) => name.split('.')[0]));
  const imports = [...files].map((file) => `import { ${className(file)} } from './${file}';`);
  const maps = names.flatMap((name) =>
    ['f32', 'f64'].map((dtype) => {
      const [file, method] = name.split('.');
      return `function ${file}_${method}_${dtype}(x: usize, y: usize, bytes: usize): void {
        for (let i: usize = 0; i < bytes; i += 16) {
          v128.store(y + i, ${className(file)}.${method}<${dtype}>(v128.load(x + i)));
        }
      }
      export { ${file}_${method}_${dtype} };`;
    }),
  );
  return [...imports, ...maps].join('\n');
}

/** Compiles the functions of these names ("log1p.unit"); relaxed as the relaxed module has them. */
export async function compileMath(names: readonly string[], relaxed = false): Promise<WebAssembly.Module> {
  const sources = new Map([[ENTRY, entry(names)]]);
  let wasm: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(
    [
      ENTRY,
      ...[
        '--config',
        'none',
        '--outFile',
        OUTPUT,
        '-O3',
        '--noAssert',
        '--runtime',
        'stub',
        '--use',
        'abort=',
      ],
      ...['--enable', relaxed ? 'simd,relaxed-simd' : 'simd', '--importMemory', '--noExportMemory'],
    ],
    {
      readFile: (file) => {
        if (sources.has(file)) return sources.get(file)!;
        try {
          return readFileSync(`${MATH}${file}`, 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (file, contents) => {
        if (file === OUTPUT) wasm = contents as Uint8Array<ArrayBuffer>;
      },
      listFiles: () => [],
    },
  );
  if (error || !wasm) throw new Error(`the math does not compile: ${error?.message}\n${stderr.toString()}`);
  return WebAssembly.compile(wasm);
}

/** One function of the module, with the arrays that it reads and writes. */
export class Kernel {
  readonly x: Lanes;
  readonly y: Lanes;
  readonly #map: Mapping;

  constructor(
    module: WebAssembly.Module,
    readonly name: string,
    readonly dtype: Dtype,
    length: number,
  ) {
    const size = dtype === 'f32' ? 4 : 8;
    const start = 1024;
    const pages = Math.ceil((start + 2 * length * size) / 65536);
    const memory = new WebAssembly.Memory({ initial: pages });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const Floats = dtype === 'f32' ? Float32Array : Float64Array;
    this.x = new Floats(memory.buffer, start, length);
    this.y = new Floats(memory.buffer, start + length * size, length);
    this.#map = exports[`${name.replace('.', '_')}_${dtype}`] as Mapping;
  }

  /** x[i] by its bits: an assignment of a NaN need not keep its payload. */
  set(i: number, bits: bigint): void {
    const { buffer, byteOffset, length } = this.x;
    if (this.dtype === 'f32') new Uint32Array(buffer, byteOffset, length)[i] = Number(bits);
    else new BigUint64Array(buffer, byteOffset, length)[i] = bits;
  }

  /** y = f(x), whole vectors. */
  run(): void {
    this.#map(this.x.byteOffset, this.y.byteOffset, this.x.byteLength);
  }
}
