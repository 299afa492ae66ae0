// PyTorch in a process of its own, which runs on request, so that it is measured in turn with the others.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inputsOf, type Peer, type Problem, type Sample, wantedOf } from '../peer.ts';

const script = fileURLToPath(new URL('../pytorch.py', import.meta.url));
/** A Python of the user's choice, the one on the path, the system's. */
const pythons = [process.env.PYTHON, 'python3', '/usr/bin/python3'].filter((name) => name !== undefined);

/** A running PyTorch; it keeps one problem at a time. */
export class PyTorch {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;
  readonly version: string;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, folder: string, version: string) {
    this.#process = child;
    this.#lines = lines;
    this.#folder = folder;
    this.version = version;
  }

  /** undefined where no Python has torch. Files go to `folder`. */
  static async start(threads: number, folder: string): Promise<PyTorch | undefined> {
    for (const python of pythons) {
      const child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
      child.on('error', () => {}); // no such Python: stdout ends without a line
      child.stdin.on('error', () => {});
      const reader: Interface = createInterface({ input: child.stdout });
      const lines = reader[Symbol.asyncIterator]();
      const { value, done } = await lines.next();
      if (done) continue;
      const { version } = JSON.parse(value) as { version: string };
      return new PyTorch(child, lines, folder, version);
    }
    return undefined;
  }

  async load(problem: Problem): Promise<Peer> {
    const inputs = inputsOf(problem).map(({ data, shape }, i) => {
      const file = join(this.#folder, `input${i}`);
      writeFileSync(file, data);
      return { file, shape, indices: data instanceof Int32Array };
    });
    await this.#ask({ do: 'load', loss: problem.loss, inputs, wrt: wantedOf(problem) });
    for (const { file } of inputs) rmSync(file);
    return {
      run: (repetitions) => this.#ask<Sample>({ do: 'run', repetitions }),
      result: async () => {
        const file = join(this.#folder, 'grad');
        const { value } = await this.#ask<{ value: number }>({ do: 'result', grad: file });
        const bytes = readFileSync(file);
        rmSync(file);
        return { value, grad: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
      },
      dispose: () => {},
    };
  }

  async #ask<Answer>(request: object): Promise<Answer> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`PyTorch ended at ${JSON.stringify(request)}`);
    return JSON.parse(value) as Answer;
  }

  stop(): void {
    this.#process.stdin!.end();
  }
}
