// What is measured: every loss of the registry, each of its operations, over sizes from tiny to huge.
import { isOfItself } from '../src/families/family.ts';
import type { Descriptor } from '../src/losses/descriptor.ts';
import { registry } from '../src/losses/registry.ts';

/** What is measured here; sequences, pairs and sets have benches of their own, sequences.ts, pairs.ts and sets.ts. */
export type LossName = Exclude<keyof typeof registry, 'ctc' | 'infoNce' | 'ntxent' | 'dice'>;
export const operations = ['value', 'grad', 'valueAndGrad'] as const;
export type Operation = (typeof operations)[number];
export type TargetKind = 'elements' | 'indices' | 'probabilities' | 'sets';

/** The inputs of a case; the three operations share them. */
export interface WorkloadSpec<L = LossName> {
  readonly loss: L;
  readonly target: TargetKind;
  readonly shape: readonly number[];
}
export interface Case<L = LossName> extends WorkloadSpec<L> {
  readonly operation: Operation;
}

/** Elementwise losses: a dispatch that costs more than the work, L1, L2, beyond every cache. */
const elementSizes = [2 ** 4, 2 ** 6, 2 ** 8, 2 ** 10, 2 ** 12, 2 ** 16, 2 ** 20, 2 ** 24];

/** Class losses: one sample, small and large batches, binary, a vocabulary, and a segmentation map (strided classes). */
const classShapes = [
  [1, 10],
  [32, 10],
  [8192, 10],
  [65536, 2],
  [1, 1000],
  [64, 1024],
  [1024, 1024],
  [4096, 32000],
  [1, 21, 512, 512],
];

/** Rows of features: one pair of vectors, few features, embeddings. */
const featureShapes = [
  [1, 8],
  [8192, 8],
  [1, 1024],
  [64, 768],
  [4096, 256],
  [16384, 1024],
];

/** Rows and features; of so many classes are the weights. */
const projectionShapes: readonly (readonly number[])[] = [
  [4, 64],
  [64, 256],
  [512, 256],
];
export const PROJECTION_CLASSES = 2000;

const isMeasured = (name: keyof typeof registry): name is LossName => isOfItself(registry[name].family);
export const lossNames = (Object.keys(registry) as (keyof typeof registry)[]).filter(isMeasured);

export const workloads: readonly WorkloadSpec[] = lossNames.flatMap((loss) =>
  workloadsOf(loss, registry[loss]),
);

function workloadsOf(
  loss: LossName,
  { family, inputs }: Pick<Descriptor, 'family' | 'inputs'>,
): WorkloadSpec[] {
  if (family.name === 'elementwise') {
    return elementSizes.map((size) => ({ loss, target: 'elements', shape: [size] }));
  }
  if (family.name === 'features' || family.name === 'multilabel') {
    const target: TargetKind = inputs[1].holds === 'indices' ? 'sets' : 'elements';
    return featureShapes.map((shape) => ({ loss, target, shape }));
  }
  if (family.name === 'projection')
    return projectionShapes.map((shape) => ({ loss, target: 'indices', shape }));
  const kinds: TargetKind[] = inputs[1].holds === 'either' ? ['indices', 'probabilities'] : ['indices'];
  const all = kinds.flatMap((target) => classShapes.map((shape) => ({ loss, target, shape })));
  // these have probabilities in f64: a vocabulary is twenty seconds of JS, and no news after a thousand classes
  const isSlow = /^(polyCrossEntropy|categoricalFocal)$/.test(loss);
  return all.filter(({ target, shape }) => !(isSlow && target === 'probabilities' && shape[1] > 10_000));
}

export const casesOf = <L>(spec: WorkloadSpec<L>): Case<L>[] =>
  operations.map((operation) => ({ ...spec, operation }));

export const cases: readonly Case[] = workloads.flatMap(casesOf);

/** `crossEntropy.valueAndGrad [64,1024] indices`: what --filter matches. */
export function idOf({ loss, operation, shape, target }: Case<string>): string {
  return `${loss}.${operation} [${shape}]${target === 'elements' ? '' : ` ${target}`}`;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((n, size) => n * size, 1);
