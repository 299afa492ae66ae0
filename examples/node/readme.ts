import { load } from 'simdloss';

const F = await load(); // no hidden global state
const logits = F.tensor([4, 3]); // zeros in linear memory; logits.data is a Float32Array view of it
logits.data.set([2, 1, 0.1, 0, 3, 0.5, 1, 1, 1, -1, 0, 4]);
const labels = F.tensor(Int32Array.of(0, 1, 2, 2), [4]); // copied in once
const g = F.tensor([4, 3]);

console.log(F.crossEntropy(logits, labels)); // the mean: 0.416
console.log(F.crossEntropy(logits, labels, { reduction: 'none' }).data); // rows: 0.417, 0.124, 1.099, 0.025
F.crossEntropy.grad(logits, labels, { out: g }); // g, written
console.log(g.data.subarray(0, 3)); // first row: -0.085, 0.061, 0.025

const { value } = F.crossEntropy.valueAndGrad(logits, labels, { labelSmoothing: 0.1 }); // one fused pass
console.log(value); // 0.561

const step = F.crossEntropy.prepare(logits, labels, { out: g }); // shapes checked once
for (let i = 0; i < 100; i++) {
  step(); // returns the value, writes g, makes no garbage
  for (let at = 0; at < g.length; at++) logits.data[at] -= g.data[at];
}
console.log(step()); // after 100 steps of gradient descent: 0.022
F.dispose();
