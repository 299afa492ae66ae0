/** What is called of it: the package is installed by those who use it. */
declare module '@duckdb/node-api' {
  export interface DuckDBType {
    readonly typeId: number;
  }
  export const FLOAT: DuckDBType;
  export const DOUBLE: DuckDBType;
  export const INTEGER: DuckDBType;
  export function LIST(type: DuckDBType): DuckDBType;

  export interface Validity {
    itemValid(i: number): boolean;
  }
  export interface Vector {
    readonly items: Float32Array | Float64Array | Int32Array;
    readonly validity: Validity;
    readonly childVector: Vector;
    getEntryOffset(i: number): number;
    getEntryLength(i: number): number;
    setItem(i: number, value: unknown): void;
    flush(): void;
  }
  export interface Chunk {
    readonly rowCount: number;
    getColumnVector(i: number): Vector;
  }
  export interface DuckDBScalarFunction {
    readonly scalar_function: unknown;
  }
  export const DuckDBScalarFunction: {
    create(definition: {
      readonly name: string;
      readonly returnType: DuckDBType;
      readonly parameterTypes: readonly DuckDBType[];
      readonly mainFunction: (info: unknown, chunk: Chunk, out: Vector) => void;
    }): DuckDBScalarFunction;
  };
  export class DuckDBListValue {
    constructor(items: ArrayLike<number>);
  }
}
