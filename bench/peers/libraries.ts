// Makes the peers that are there.
import type { PeerName, ThreadedName } from './cases.ts';
import { handTuned } from './libraries/handTuned.ts';
import { PyTorch } from './libraries/pytorch.ts';
import { simdloss } from './libraries/simdloss.ts';
import type { Peer, Problem } from './peer.ts';

export class Libraries {
  readonly #one: PyTorch | undefined;
  readonly #two: PyTorch | undefined;

  private constructor(one: PyTorch | undefined, two: PyTorch | undefined) {
    this.#one = one;
    this.#two = two;
  }

  static async start(folder: string): Promise<Libraries> {
    return new Libraries(...(await Promise.all([PyTorch.start(1, folder), PyTorch.start(2, folder)])));
  }

  /** In the order of the names; those that are not installed or not supported are left out. */
  async make(names: readonly PeerName[], problem: Problem): Promise<Map<PeerName, Peer>> {
    const peers = new Map<PeerName, Peer>();
    for (const name of names) {
      const peer = await this.#make(name, problem).catch((error: Error) => {
        if (name.startsWith('simdloss')) throw error;
        console.log(`${name} is left out: ${error}`);
      });
      if (peer !== undefined) peers.set(name, peer);
    }
    return peers;
  }

  // imported where they are needed: each of them takes a while and brings globals of its own
  async #make(name: PeerName, problem: Problem): Promise<Peer | undefined> {
    switch (name) {
      case 'simdloss':
        return simdloss(problem, {});
      case 'simdloss relaxed':
        return simdloss(problem, { math: 'relaxed' });
      case 'simdloss js':
        return simdloss(problem, { backend: 'js' });
      case 'hand-tuned JS':
        return handTuned(problem);
      case 'PyTorch':
        return this.#one?.load(problem);
      case 'TensorFlow.js cpu':
        return (await import('./libraries/tfjs.ts')).tfjs('cpu', problem);
      case 'TensorFlow.js wasm':
        return (await import('./libraries/tfjs.ts')).tfjs('wasm', problem);
      case 'jax-js wasm':
        return (await import('./libraries/jax.ts')).jax(problem);
      case 'ONNX Runtime Web':
        return (await import('./libraries/onnx.ts')).onnx('web', problem);
      case 'ONNX Runtime Node':
        return (await import('./libraries/onnx.ts')).onnx('node', problem);
      case 'ml-matrix':
        return (await import('./libraries/mlMatrix.ts')).mlMatrix(problem);
    }
  }

  async makeThreaded(problem: Problem): Promise<Map<ThreadedName, Peer>> {
    const all: [ThreadedName, Peer | undefined][] = [
      ['simdloss, 2 threads', await simdloss(problem, { threads: 2 })],
      ['simdloss', await simdloss(problem, {})],
      ['PyTorch, 2 threads', await this.#two?.load(problem)],
    ];
    return new Map(all.filter((entry): entry is [ThreadedName, Peer] => entry[1] !== undefined));
  }

  /** PyTorch's, where there is one. */
  get version(): string | undefined {
    return this.#one?.version;
  }

  stop(): void {
    this.#one?.stop();
    this.#two?.stop();
  }
}
