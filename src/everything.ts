import { type About, createInstance, type LossFunctions, type Members } from './functions.ts';
import { createArgmax, createTopK } from './helpers/greatest.ts';
import { createHalf } from './helpers/half.ts';
import { createHelper } from './helpers/helpers.ts';
import { createRowFigures } from './helpers/rowFigures.ts';
import { argmax, half, helpers, rowFigures, topK } from './helpers/specs.ts';
import { descriptors } from './losses/registry.ts';
import { createLoss, optionNames } from './plan/callable.ts';
import type { Host } from './plan/step.ts';

/** An instance with every loss and helper. */
export function createFunctions(host: Host, about: About): LossFunctions {
  const names = optionNames(descriptors);
  createHalf(half, names, host);
  const members = Object.fromEntries([
    ...descriptors.map((descriptor) => [descriptor.name, createLoss(descriptor, names, host)]),
    ...helpers.map((spec) => [spec.name, createHelper(spec, names, host)]),
    [rowFigures.name, createRowFigures(rowFigures, names, host)],
    [argmax.name, createArgmax(argmax, names, host)],
    [topK.name, createTopK(topK, names, host)],
  ]);
  return createInstance(host, about, members as unknown as Members);
}
