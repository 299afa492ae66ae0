// What two sides can do on one memory; runs in Node's main thread and in a page. Returns what was seen, for a test to judge.
import { type LossFunctions, load } from 'simdloss';
import { batchOf, digest, losses, withoutRoom } from './batch.ts';
import type { Peer } from './peer.ts';

const PAGE = 65536;
const REGION = 32 * PAGE;

/** The layout: a page for both sides, then a region for each of the two instances; the memory may grow. */
const layout = { words: 0, ours: PAGE, theirs: PAGE + REGION, end: PAGE + 2 * REGION };

export async function scenarios(peer: Peer, axpy: BufferSource) {
  const memory = new WebAssembly.Memory({ initial: layout.end / PAGE, maximum: 1024, shared: true });
  await peer.ask('start', { memory, base: layout.theirs, size: REGION, axpy });
  const F = await load({ memory: { memory, base: layout.ours, size: REGION } });
  const alone = await load();
  const { instance } = await WebAssembly.instantiate(axpy, { env: { memory } });
  const ownAxpy = instance.exports.axpy as (to: number, from: number, scale: number, n: number) => void;

  const saw = {
    zeroCopy: await zeroCopy(F, alone, peer),
    foreign: await foreign(F, alone, peer, ownAxpy),
    atOnce: await atOnce(F, alone, peer),
    spoilt: await spoilt(F, memory, peer),
    region: region(F, memory),
    growth: await growth(F, alone, memory, peer),
  };
  await peer.ask('stop', undefined);
  F.dispose();
  return saw;
}

/** Our tensors, their call: results appear under our views. */
async function zeroCopy(F: LossFunctions, alone: LossFunctions, peer: Peer) {
  const { rows, classes, logits, labels } = batchOf(1, 300, 10);
  const input = F.tensor(logits, [rows, classes]);
  const target = F.tensor(labels, [rows]);
  const gradient = F.zeros([rows, classes]);
  const view = gradient.data;
  const addresses = {
    ...{ logits: input.byteOffset, labels: target.byteOffset, gradient: gradient.byteOffset },
    ...{ rows, classes },
  };
  const value = await peer.ask('loss', addresses);
  const copies = await peer.ask('copies', addresses);
  const wanted = alone.crossEntropy.valueAndGrad({ data: logits, shape: [rows, classes] }, labels);
  for (const tensor of [input, target, gradient]) tensor.dispose();
  return { value: value === wanted.value, grad: digest(view) === digest(wanted.grad.data), copies };
}

/** Logits that another module writes, here and there, and a gradient that it reads: a few steps of descent on them. */
async function foreign(
  F: LossFunctions,
  alone: LossFunctions,
  peer: Peer,
  axpy: (to: number, from: number, scale: number, n: number) => void,
) {
  const { rows, classes, logits, labels } = batchOf(2, 100, 7);
  const shape = [rows, classes];
  // the bytes of the first page are nobody's region
  const x = F.attach(layout.words + 1024, shape);
  x.data.set(logits);
  const target = F.tensor(labels, [rows]);
  const gradient = F.zeros(shape);
  const step = F.crossEntropy.prepare(x, target, { out: gradient });
  const values: number[] = [];
  for (let i = 0; i < 6; i++) {
    values.push(withoutRoom(F, step));
    const argument = { to: x.byteOffset, from: gradient.byteOffset, scale: -8, n: x.length };
    if (i % 2 === 0) await peer.ask('axpy', argument);
    else axpy(argument.to, argument.from, argument.scale, argument.n);
  }
  // the same without sharing
  const own = logits.slice();
  const wanted = Array.from({ length: 6 }, () => {
    const { value, grad } = alone.crossEntropy.valueAndGrad({ data: own, shape }, labels);
    grad.data.forEach((g, i) => {
      own[i] = Math.fround(own[i] + Math.fround(-8 * g));
    });
    return value;
  });
  const seen = {
    there: await peer.ask('digest', { at: x.byteOffset, length: x.length }),
    here: digest(x.data),
  };
  const same = values.every((value, i) => value === wanted[i]);
  for (const tensor of [x, target, gradient]) tensor.dispose();
  step.dispose();
  return {
    same,
    falls: values.every((value, i) => i === 0 || value < values[i - 1]),
    bytes: seen.there === digest(own) && seen.here === digest(own),
  };
}

/** Both at work in their regions at the same time: neither sees the other. */
async function atOnce(F: LossFunctions, alone: LossFunctions, peer: Peer) {
  const rounds = 150;
  const wanted = losses(alone, rounds);
  const theirs = peer.ask('work', { rounds });
  const ours = losses(F, rounds);
  return { ours: ours === wanted, theirs: (await theirs) === wanted };
}

/** Labels that change during calls: each either fails without a trace or returns, and nothing else is written. */
async function spoilt(F: LossFunctions, memory: WebAssembly.Memory, peer: Peer) {
  const { rows, classes, logits, labels } = batchOf(3, 2000, 10);
  const input = F.tensor(logits, [rows, classes]);
  const target = F.tensor(labels, [rows]);
  const guard = 64;
  const around = F.zeros([rows * classes + 2 * guard]);
  around.data.fill(7);
  const gradient = F.attach(around.byteOffset + 4 * guard, [rows, classes]);
  const word = new Int32Array(memory.buffer, layout.words, 1);
  const stopped = peer.ask('spoil', { labels: target.byteOffset, rows, stop: layout.words });
  // no sleeping in a page
  while (Atomics.load(word, 0) !== 1) await new Promise((resolve) => setTimeout(resolve, 1));
  const seen = { other: 0, touched: 0 };
  for (let i = 0; i < 500; i++) {
    gradient.data.fill(7);
    try {
      F.crossEntropy.valueAndGrad(input, target, { out: gradient });
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_LABEL') seen.other++;
      if (gradient.data.some((g) => g !== 7)) seen.touched++;
    }
  }
  Atomics.store(word, 0, 0);
  const rounds = await stopped;
  const guards = [...around.data.subarray(0, guard), ...around.data.subarray(-guard)];
  const intact = guards.every((g) => g === 7) && digest(input.data) === digest(logits);
  for (const tensor of [input, target, gradient, around]) tensor.dispose();
  return { ...seen, intact, spoiling: rounds > 0 };
}

/** A region is all that an instance takes. */
function region(F: LossFunctions, memory: WebAssembly.Memory) {
  const size = memory.buffer.byteLength;
  let code: unknown;
  try {
    F.zeros([REGION / 4]);
  } catch (error) {
    code = (error as { code?: string }).code;
  }
  return {
    code,
    capacity: F.memory.capacity,
    grown: memory.buffer.byteLength - size,
    live: F.memory.liveTensors,
  };
}

/** Whoever grows the memory, views of it live on, and the other side may attach to what is new. */
async function growth(F: LossFunctions, alone: LossFunctions, memory: WebAssembly.Memory, peer: Peer) {
  const { rows, classes, logits, labels } = batchOf(4, 500, 10);
  const shape = [rows, classes];
  const input = F.tensor(logits, shape);
  const view = input.data;
  const old = memory.buffer.byteLength;
  let refused: unknown;
  try {
    F.attach(old, shape);
  } catch (error) {
    refused = (error as { code?: string }).code;
  }
  memory.grow(4);
  const [before, after] = await peer.ask('grow', { pages: 4 });
  // ours: pages that we grew for the labels, that they grew for the gradient
  const target = F.attach(old, [rows], 'i32');
  target.data.set(labels);
  const gradient = F.attach(old + 4 * PAGE, shape);
  const value = await peer.ask('loss', {
    ...{ logits: input.byteOffset, labels: target.byteOffset, gradient: gradient.byteOffset },
    ...{ rows, classes },
  });
  const wanted = alone.crossEntropy.valueAndGrad({ data: logits, shape }, labels);
  const own = F.crossEntropy(input, target);
  const saw = {
    refused,
    sizes: [before - old, after - old, memory.buffer.byteLength - old].map((bytes) => bytes / PAGE),
    value: value === wanted.value && own === wanted.value,
    grad: digest(gradient.data) === digest(wanted.grad.data),
    view: view.length === input.length && digest(view) === digest(logits),
    capacity: F.memory.capacity,
  };
  for (const tensor of [input, target, gradient]) tensor.dispose();
  return saw;
}
