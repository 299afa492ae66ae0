// Orders the module's functions so that it gets small when it is compressed: deflate finds what it has seen within 32 kB, and
// one formula's loops lie further apart than that in asc's order. 5 % smaller gzipped, and another 3 % by the order that
// orderSearch.ts has found for functions of these names.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import binaryen from 'assemblyscript/binaryen';

/** Modules whose order was searched for, and the file that has it, from the project's root. */
const SEARCHED = ['simdloss.wasm', 'simdloss.relaxed.wasm'];
export const FOUND = 'scripts/order.txt';

/** Rewrites a .wasm file in place. */
export function order(file: string, isPart = false): void {
  const isSearched = !isPart && SEARCHED.includes(basename(file));
  const found = isSearched ? readFileSync(FOUND, 'utf8').trimEnd().split('\n') : [];
  writeFileSync(file, ordered(readFileSync(file), found));
}

/** A module whose functions are in another order, and have no names; nothing else. */
export function ordered(given: Uint8Array, found: readonly string[] = []): Uint8Array {
  const module = binaryen.readBinary(given);
  module.setFeatures(binaryen.Features.All);
  const functions = functionsOf(module);
  const bodies = bodiesOf(module.emitBinary());
  if (bodies.length !== functions.length) throw new Error('functions without a body, or the reverse');
  const names = functions.map(({ name }) => name);
  const best = found.length > 0 ? asFound(names, bodies, found) : smallest(bodies);
  for (const at of best) {
    const { name, params, results, vars, body } = functions[at];
    const copy = module.copyExpression(body);
    module.removeFunction(name);
    module.addFunction(name, params, results, vars, copy);
  }
  if (!module.validate()) throw new Error('the functions could not be put in order');
  const result = module.emitBinary();
  module.dispose();
  return result;
}

/** Those that are not imported. */
export function functionsOf(module: binaryen.Module): binaryen.FunctionInfo[] {
  const all = Array.from({ length: module.getNumFunctions() }, (_, i) => module.getFunctionByIndex(i));
  return all.map((ref) => binaryen.getFunctionInfo(ref)).filter(({ body }) => body !== 0);
}

const CODE_SECTION = 10;

/** The functions' bodies as they stand in a module. */
function bodiesOf(wasm: Uint8Array): Uint8Array[] {
  let at = 8;
  const leb = (): number => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const section = wasm[at++];
    const size = leb();
    if (section === CODE_SECTION) break;
    at += size;
  }
  return Array.from({ length: leb() }, () => {
    const size = leb();
    at += size;
    return wasm.subarray(at - size, at);
  });
}

/** Bytes of the bodies in an order, compressed. */
export const sizeOf = (bodies: readonly Uint8Array[], order: readonly number[]): number =>
  deflateRawSync(Buffer.concat(order.map((i) => bodies[i])), { level: 9 }).length;

/** How much two bodies have in common, from 0 to 1; of all pairs of them. */
export function likenessOf(bodies: readonly Uint8Array[]): readonly Float32Array[] {
  const trigrams = bodies.map((body) => {
    const seen = new Set<number>();
    for (let i = 2; i < body.length; i++) seen.add((body[i - 2] << 16) | (body[i - 1] << 8) | body[i]);
    return seen;
  });
  const likeness = bodies.map(() => new Float32Array(bodies.length));
  for (const [i, a] of trigrams.entries()) {
    for (let j = i + 1; j < trigrams.length; j++) {
      const b = trigrams[j];
      let both = 0;
      for (const trigram of a) if (b.has(trigram)) both++;
      likeness[i][j] = likeness[j][i] = both / (a.size + b.size - both || 1);
    }
  }
  return likeness;
}

/** The order of names that were found, what has none of them behind what it is most like. */
export function asFound(
  names: readonly string[],
  bodies: readonly Uint8Array[],
  found: readonly string[],
): readonly number[] {
  const indices = new Map(names.map((name, i) => [name, i]));
  const order = found.map((name) => indices.get(name)).filter((i) => i !== undefined);
  const placed = new Set(order);
  if (placed.size === names.length) return order;
  const likeness = likenessOf(bodies);
  for (const i of names.keys()) {
    if (placed.has(i)) continue;
    const alike = order.reduce((best, j) => (likeness[i][j] > likeness[i][best] ? j : best), order[0]);
    order.splice(order.indexOf(alike) + 1, 0, i);
    placed.add(i);
  }
  return order;
}

/** What likeness is worth one function further on: deflate sees about a hundred of them. */
const DECAY = 0.98;
/** So many functions are tried as the first. */
const STARTS = 160;

/** Indices in the best order of those in which the most similar function comes next, one for each that is tried as the first. */
function smallest(bodies: readonly Uint8Array[]): readonly number[] {
  const likeness = likenessOf(bodies);
  const step = Math.ceil(bodies.length / STARTS);
  const firsts = [...bodies.keys()].filter((first) => first % step === 0);
  const orders = firsts.map((first) => {
    const order = [first];
    const left = new Set(bodies.keys());
    left.delete(first);
    // how much of each is like what came before, the more the later that was
    const worth = new Float64Array(bodies.length);
    while (left.size > 0) {
      const near = likeness[order.at(-1)!];
      let next = -1;
      for (const i of left) {
        worth[i] = Math.max(DECAY * worth[i], near[i]);
        if (next < 0 || worth[i] > worth[next]) next = i;
      }
      order.push(next);
      left.delete(next);
    }
    return order;
  });
  const sizes = orders.map((order) => sizeOf(bodies, order));
  return orders[sizes.indexOf(Math.min(...sizes))];
}
