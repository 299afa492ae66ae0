// npx tsx scripts/orderSearch.ts [seconds]: looks for an order of the functions in which simdloss.wasm is smaller, from that of
// scripts/order.txt on, and writes it there; builds take it from there. What the file does not name comes where it fits best, so that
// this is due only where the module has become too large.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import binaryen from 'assemblyscript/binaryen';
import { leb, parse } from '../src/cut/cut.ts';
import { ascArguments } from './asc.ts';
import { freeze } from './freeze.ts';
import { asFound, FOUND, functionsOf, likenessOf, sizeOf } from './order.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const list = join(root, FOUND);
const seconds = Number(process.argv[2] ?? 600);

/** So many functions that are most like one are tried as its neighbours. */
const NEAR = 12;
/** Functions moved at once, at most. */
const MOST = 12;
/** Functions to both sides of a place from which its bytes are estimated. */
const AROUND = 40;

/** The module with its functions' names. */
function compiled(): { names: string[]; module: Uint8Array } {
  const folder = mkdtempSync(join(tmpdir(), 'simdloss-'));
  const file = join(folder, 'module.wasm');
  const args = [...ascArguments('asconfig.json', 'release'), '--outFile', file];
  execFileSync(process.execPath, args, { cwd: root });
  freeze(file);
  const module = binaryen.readBinary(readFileSync(file));
  rmSync(folder, { recursive: true });
  module.setFeatures(binaryen.Features.All);
  return { names: functionsOf(module).map(({ name }) => name), module: module.emitBinary() };
}

const { names, module } = compiled();
const { function: functions } = parse(module);
const original = functions.map(({ from, to }) => module.subarray(from, to));

/** The bodies as they are in an order, which changes the numbers of the functions that they call. */
function numbered(order: readonly number[]): Uint8Array[] {
  const numbers: number[] = [];
  for (const [at, i] of order.entries()) numbers[i] = at;
  return functions.map(({ from, to, references }) => {
    const bytes: Uint8Array[] = [];
    let at = from;
    for (const reference of references) {
      if (reference.kind !== 'function') continue;
      bytes.push(module.subarray(at, reference.from), Uint8Array.from(leb(numbers[reference.index])));
      at = reference.to;
    }
    return Buffer.concat([...bytes, module.subarray(at, to)]);
  });
}

let order = asFound(names, original, readFileSync(list, 'utf8').trimEnd().split('\n'));
let bodies = numbered(order);
let size = sizeOf(bodies, order);
console.log(`${size} bytes of code, compressed`);

const near = likenessOf(original).map((likeness) =>
  [...original.keys()].sort((a, b) => likeness[b] - likeness[a]).slice(0, NEAR),
);
const below = (n: number): number => Math.floor(Math.random() * n);

const end = performance.now() + 1000 * seconds;
while (performance.now() < end) {
  const from = below(order.length);
  const moved = order.slice(from, from + (below(2) ? 1 : 1 + below(MOST)));
  const rest = [...order.slice(0, from), ...order.slice(from + moved.length)];
  const beside = near[moved[0]][below(NEAR)];
  const at = rest.indexOf(beside) + below(2);
  if (moved.includes(beside) || at === from) continue;
  const put = below(3) ? moved : [...moved].reverse();
  // what it saves where it comes to, less what it saved where it was: a guess that spares the whole nine times of ten
  const saved = (place: number): number => {
    const [before, behind] = [
      rest.slice(Math.max(0, place - AROUND), place),
      rest.slice(place, place + AROUND),
    ];
    return sizeOf(bodies, [...before, ...behind]) - sizeOf(bodies, [...before, ...put, ...behind]);
  };
  if (saved(at) <= saved(from)) continue;
  const tried = [...rest.slice(0, at), ...put, ...rest.slice(at)];
  const triedBodies = numbered(tried);
  const triedSize = sizeOf(triedBodies, tried);
  if (triedSize > size) continue;
  order = tried;
  bodies = triedBodies;
  size = triedSize;
}
console.log(`${size} bytes of code, compressed`);
writeFileSync(list, `${order.map((i) => names[i]).join('\n')}\n`);
