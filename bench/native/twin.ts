// The C twins' process (main.c says what it understands).
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { FloatDType, Tensor } from 'simdloss';
import type { LossName, Operation } from '../cases.ts';

export interface Inputs {
  readonly input: Tensor<FloatDType>;
  readonly target: Tensor;
  readonly grad: Tensor<FloatDType>;
  /** A third input, where there is one. */
  readonly more?: Tensor<FloatDType>;
}

export class Twin {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  #received: Buffer[] = [];
  #wake: () => void = () => {};

  constructor(program: string) {
    this.#process = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdout.on('data', (bytes: Buffer) => {
      this.#received.push(bytes);
      this.#wake();
    });
    this.#process.on('exit', (code) => {
      if (code !== 0) throw new Error(`the C twin ended with ${code}`);
    });
  }

  /** The same numbers at the same addresses, counted from the memory's start. */
  async set(
    loss: LossName,
    shape: readonly number[],
    terms: number,
    { input, target, grad, more }: Inputs,
  ): Promise<void> {
    const inner = (from: number) => shape.slice(from).reduce((n, size) => n * size, 1);
    const sizes = shape.length > 1 ? [shape[0], shape[1], inner(2)] : [1, 1, shape[0]];
    const all = [input, target, grad, ...(more === undefined ? [] : [more])];
    const end = Math.max(...all.map(({ byteOffset, data }) => byteOffset + data.byteLength));
    const placed = (of: Tensor | undefined) => [of?.byteOffset ?? 0, of?.data.byteLength ?? 0];
    const numbers = [
      ...sizes,
      terms,
      input.byteOffset,
      grad.byteOffset,
      end,
      ...placed(target),
      ...placed(more),
    ];
    await this.#write(`set ${[loss, input.dtype, ...numbers].join(' ')}\n`);
    for (const { data } of [input, target, ...(more === undefined ? [] : [more])])
      await this.#write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  use(operation: Operation): Promise<void> {
    return this.#write(`use ${operation}\n`);
  }

  async run(times: number): Promise<{ ns: number; value: number }> {
    await this.#write(`run ${times}\n`);
    const line = (await this.#read()).toString();
    const [ns, value] = line.split(' ').map(Number);
    return { ns, value };
  }

  async gradient(dtype: FloatDType, length: number): Promise<Float32Array | Float64Array> {
    await this.#write('show\n');
    const size = length * (dtype === 'f32' ? 4 : 8);
    const bytes = Uint8Array.from(await this.#read(size));
    return dtype === 'f32' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
  }

  end(): void {
    this.#process.stdin.end();
  }

  #write(what: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#process.stdin.write(what, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Takes the first line, or the first `size` bytes, of what comes. */
  async #read(size?: number): Promise<Buffer> {
    while (!this.#complete(size)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = Buffer.concat(this.#received);
    const wanted = size ?? bytes.indexOf('\n') + 1;
    this.#received = wanted < bytes.length ? [bytes.subarray(wanted)] : [];
    return bytes.subarray(0, wanted);
  }

  #complete(size?: number): boolean {
    if (size === undefined) return this.#received.some((bytes) => bytes.includes('\n'));
    return this.#received.reduce((sum, { length }) => sum + length, 0) >= size;
  }
}
