// What a linear classifier of handwritten digits predicts, for the rows that it was trained on and for those held out.
import type { LossFunctions } from 'simdloss';
import { loadDigits } from '../train/data.ts';
import { forward } from '../train/model.ts';
import { jobs, train } from '../train/train.ts';
import type { Rows } from './shards.ts';

export function predictions(F: LossFunctions): Rows {
  const data = loadDigits();
  const job = jobs.find(({ loss }) => loss === 'crossEntropy')!;
  const { model } = train(F, job, data);
  const parts = Object.entries({ trained: data.train, 'held out': data.heldOut }).map(
    ([group, { x, y, rows }]) => {
      const logits = new Float32Array(rows * data.outputs);
      forward(model, x, logits);
      return { logits, labels: y as Int32Array, groups: new Array<string>(rows).fill(group) };
    },
  );
  return {
    logits: Float32Array.from(parts.flatMap(({ logits }) => [...logits])),
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
    groups: parts.flatMap(({ groups }) => groups),
  };
}
