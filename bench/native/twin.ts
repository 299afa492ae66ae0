// The C twins' process (main.c says what it understands).
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Operation } from '../cases.ts';
import type { Operands } from './operands.ts';

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
  async set(loss: string, shape: readonly number[], { inputs, grads, terms }: Operands): Promise<void> {
    const inner = (from: number) => shape.slice(from).reduce((n, size) => n * size, 1);
    const sizes = shape.length > 1 ? [shape[0], shape[1], inner(2)] : [1, 1, shape[0]];
    const all = [...inputs, ...Object.values(grads)];
    const end = Math.max(...all.map(({ byteOffset, data }) => byteOffset + data.byteLength));
    const counts = [inputs.length, all.length - inputs.length];
    const placed = all.flatMap(({ byteOffset, data }) => [byteOffset, data.byteLength]);
    const numbers = [...sizes, terms, end, ...counts, ...placed];
    await this.#write(`set ${[loss, inputs[0].dtype, ...numbers].join(' ')}\n`);
    for (const { data } of inputs)
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

  /** Its gradients, of the types and lengths of these. */
  async gradients(like: readonly (Float32Array | Float64Array)[]): Promise<(Float32Array | Float64Array)[]> {
    await this.#write('show\n');
    const gradients: (Float32Array | Float64Array)[] = [];
    for (const { byteLength, BYTES_PER_ELEMENT } of like) {
      const { buffer } = Uint8Array.from(await this.#read(byteLength));
      gradients.push(BYTES_PER_ELEMENT === 4 ? new Float32Array(buffer) : new Float64Array(buffer));
    }
    return gradients;
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
