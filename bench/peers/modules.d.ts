// What is used of the peers, so that types can be checked where they are not installed.

declare module 'ml-matrix' {
  export class Matrix {
    static from1DArray(rows: number, columns: number, data: ArrayLike<number>): Matrix;
    clone(): Matrix;
    max(by: 'row'): number[];
    sum(by: 'row'): number[];
    subColumnVector(vector: ArrayLike<number>): this;
    divColumnVector(vector: ArrayLike<number>): this;
    div(value: number): this;
    exp(): this;
    get(row: number, column: number): number;
    set(row: number, column: number, value: number): this;
    to1DArray(): number[];
  }
}

declare module '@tensorflow/tfjs' {
  export interface Tensor {
    dataSync(): Float32Array;
    dispose(): void;
  }
  export function tensor(data: Float32Array, shape: number[], dtype: 'float32'): Tensor;
  export function tensor1d(data: ArrayLike<number>, dtype: 'int32'): Tensor;
  export function oneHot(indices: Tensor, depth: number): Tensor;
  export function cast(x: Tensor, dtype: 'float32'): Tensor;
  export function tidy<R>(fn: () => R): R;
  export function valueAndGrad(f: (x: Tensor) => Tensor): (x: Tensor) => { value: Tensor; grad: Tensor };
  export function setBackend(name: string): Promise<boolean>;
  export function enableProdMode(): void;
  export function env(): { set(flag: string, value: boolean): void };
  export const losses: { softmaxCrossEntropy(onehotLabels: Tensor, logits: Tensor): Tensor };
}
declare module '@tensorflow/tfjs-backend-wasm';

declare module '@jax-js/jax' {
  /** The package calls it Array. */
  export interface JaxArray {
    readonly ref: JaxArray;
    reshape(shape: number[]): JaxArray;
    mul(other: JaxArray | number): JaxArray;
    sub(other: JaxArray): JaxArray;
    dataSync(): Float32Array;
    dispose(): void;
  }
  type Fn = (...args: JaxArray[]) => JaxArray;
  type Both = (...args: JaxArray[]) => [JaxArray, JaxArray];
  export function init(device: 'wasm'): Promise<unknown>;
  export function defaultDevice(device: 'wasm'): void;
  export function valueAndGrad(fn: Fn): Both;
  export function jit(fn: Both): Both;
  export function blockUntilReady<T>(arrays: T): Promise<T>;
  export const nn: {
    oneHot(indices: JaxArray, classes: number): JaxArray;
    logsumexp(x: JaxArray, axis: number): JaxArray;
  };
  export const numpy: {
    readonly int32: unknown;
    array(data: ArrayLike<number>, options?: { dtype: unknown }): JaxArray;
    sum(x: JaxArray): JaxArray;
  };
}

declare module 'onnxruntime-web' {
  export interface OrtTensor {
    readonly data: Float32Array;
    readonly dims: readonly number[];
  }
  export class Tensor {
    constructor(type: string, data: Float32Array | BigInt64Array, dims: readonly number[]);
  }
  interface Session {
    run(feeds: Record<string, Tensor>): Promise<Record<string, OrtTensor>>;
  }
  export const InferenceSession: { create(model: Uint8Array | string, options?: object): Promise<Session> };
  export const env: { logLevel: string; wasm: { numThreads: number } };
}
declare module 'onnxruntime-node' {
  export * from 'onnxruntime-web';
}

declare module 'protobufjs' {
  interface Type {
    fromObject(object: object): object;
    encode(message: object): { finish(): Uint8Array };
  }
  const protobuf: {
    parse(source: string, options: { keepCase: boolean }): { root: { lookupType(name: string): Type } };
  };
  export default protobuf;
}
