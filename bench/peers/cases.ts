// What is measured against whom.
import type { LossName } from '../cases.ts';

/** One thread, CPU time; the first is what the others are compared with. */
export const peerNames = [
  'simdloss',
  'simdloss relaxed',
  'simdloss js',
  'hand-tuned JS',
  'PyTorch',
  'TensorFlow.js cpu',
  'TensorFlow.js wasm',
  'jax-js wasm',
  'ONNX Runtime Web',
  'ONNX Runtime Node',
  'ml-matrix',
] as const;
export type PeerName = (typeof peerNames)[number];

/** Wall time; simdloss on one thread to show what the second brings. */
export const threadedNames = ['simdloss, 2 threads', 'simdloss', 'PyTorch, 2 threads'] as const;
export type ThreadedName = (typeof threadedNames)[number];

const everywhere: readonly PeerName[] = ['simdloss', 'simdloss relaxed', 'simdloss js', 'PyTorch'];
const classPeers: readonly PeerName[] = [...everywhere, 'hand-tuned JS'];

export interface PeerCase {
  readonly loss: LossName;
  readonly shape: readonly number[];
  readonly peers: readonly PeerName[];
  /** How many times as fast as a peer simdloss is to be. */
  readonly targets: Partial<Record<PeerName, number>>;
}

const classes = (shape: readonly number[], pytorch: number, js: number): PeerCase => ({
  loss: 'crossEntropy',
  shape,
  peers: classPeers,
  targets: { PyTorch: pytorch, 'simdloss js': js },
});

const elements = (loss: LossName, size: number, pytorch: number, js?: number): PeerCase => ({
  loss,
  shape: [size],
  peers: everywhere,
  targets: { PyTorch: pytorch, ...(js !== undefined && { 'simdloss js': js }) },
});

const KI = 2 ** 10;
const MI = 2 ** 20;

/** Every library has this one. */
export const common: PeerCase = {
  loss: 'crossEntropy',
  shape: [1024, 1000],
  peers: peerNames,
  targets: { 'TensorFlow.js wasm': 13, 'jax-js wasm': 8, 'ONNX Runtime Web': 5.5 },
};

export const cases: readonly PeerCase[] = [
  classes([64, 1024], 1.75, 11),
  classes([1024, 1024], 1.75, 11),
  classes([8192, 10], 7, 10),
  classes([8192, 64], 1.6, 9),
  classes([65536, 2], 28, 10),
  classes([65536, 3], 20, 9),
  classes([1, 21, 512, 512], 2, 10),
  classes([256, 128_000], 6, 10),
  elements('bceWithLogits', 64 * KI, 3, 11),
  elements('bceWithLogits', 4 * MI, 4.5, 11),
  elements('bce', 64 * KI, 5, 15),
  elements('l1', 64 * KI, 8, 7.5),
  elements('l1', 16 * MI, 6),
  elements('mse', 64 * KI, 4.7, 8.5),
  elements('mse', 16 * MI, 6),
  elements('huber', 64 * KI, 3, 20),
  elements('huber', 16 * MI, 6),
  common,
];

/** Time over size: for the chart, with less effort. */
export interface Sweep {
  readonly loss: LossName;
  readonly shapes: readonly (readonly number[])[];
  /** Read once and written once: what memory has to move for an element. */
  readonly bytes: number;
}

const powers = (from: number, to: number): number[] => {
  const exponents = Array.from({ length: (to - from) / 2 + 1 }, (_, i) => from + 2 * i);
  return exponents.map((exponent) => 2 ** exponent);
};

export const sweeps: readonly Sweep[] = [
  { loss: 'mse', shapes: powers(4, 24).map((size) => [size]), bytes: 12 },
  { loss: 'bceWithLogits', shapes: powers(4, 24).map((size) => [size]), bytes: 12 },
  { loss: 'crossEntropy', shapes: powers(0, 14).map((rows) => [rows, 1024]), bytes: 8 },
];
export const sweepPeers: readonly PeerName[] = everywhere;
