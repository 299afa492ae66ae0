// The sentences, and their embeddings beside them.
import type { Rows } from './head.ts';

/** sentences.json: by class, the sentences to train with and those held out. */
export interface Sentences {
  readonly classes: readonly string[];
  readonly training: readonly (readonly string[])[];
  readonly heldOut: readonly (readonly string[])[];
}

/** In the order of their embeddings. */
export const inOrder = ({ training, heldOut }: Sentences): string[] => [...training, ...heldOut].flat();

export function rowsOf(
  { training, heldOut }: Sentences,
  embeddings: Float32Array,
): { readonly training: Rows; readonly heldOut: Rows } {
  const labelsOf = (groups: readonly (readonly string[])[]) =>
    Int32Array.from(groups.flatMap((group, label) => group.map(() => label)));
  const labels = { training: labelsOf(training), heldOut: labelsOf(heldOut) };
  const features = embeddings.length / (labels.training.length + labels.heldOut.length);
  const border = labels.training.length * features;
  return {
    training: { embeddings: embeddings.subarray(0, border), labels: labels.training },
    heldOut: { embeddings: embeddings.subarray(border), labels: labels.heldOut },
  };
}
