import { load } from 'simdloss';

const F = await load(); // no hidden global state
const scores = Float32Array.of(2, 1, 0.1, 0, 3, 0.5, 1, 1, 1, -1, 0, 4);
const logits = F.tensor(scores, [4, 3]); // copied once into linear memory; logits.data is a view of it
const labels = F.tensor(Int32Array.of(0, 1, 2, 2));
const g = F.tensor(new Float32Array(12), [4, 3]);

console.log(F.crossEntropy(logits, labels)); // the mean, a number: 0.416
F.crossEntropy.grad(logits, labels, { out: g }); // writes g
console.log(g.data.subarray(0, 3)); // first row: -0.085, 0.061, 0.025

F.scope(() => {
  // a result on tensors is a tensor; what is made in here is freed at the end
  const rows = F.crossEntropy(logits, labels, { reduction: 'none' });
  console.log(rows.data); // a loss for each row: 0.417, 0.124, 1.099, 0.025
});

const step = F.crossEntropy.prepare(logits, labels, { out: g }); // shapes checked once
for (let i = 0; i < 100; i++) {
  step(); // value and gradient in one pass: returns the value, writes g, makes no garbage
  for (let at = 0; at < g.length; at++) logits.data[at] -= g.data[at];
}
console.log(step()); // after 100 steps of gradient descent: 0.022
F.dispose(); // frees everything
