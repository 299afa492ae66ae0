// npm run bench:field: the losses after the first nine beside PyTorch and the JS backend. Options: --filter <regex>, --quick,
// --page (draws the page anew without measuring).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { elementsOf } from '../cases.ts';
import { fillInput, fillTarget, moreInputs } from '../data.ts';
import { columns, digits } from '../format.ts';
import { machine } from '../machine.ts';
import { othersShare } from '../peers/busy.ts';
import { compare } from '../peers/compare.ts';
import { Libraries } from '../peers/libraries.ts';
import type { Problem } from '../peers/peer.ts';
import { fullEffort, quickEffort } from '../peers/rounds.ts';
import { load } from '../peers/simdloss.ts';
import { median, rounded } from '../statistics.ts';
import { cases, type FieldCase } from './cases.ts';
import { type FieldResult, nameOf, page, pageFile, readResults, sides, writeResults } from './results.ts';

const { values: options } = parseArgs({
  options: {
    filter: { type: 'string' },
    quick: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});
const drawPage = (): void => writeFileSync(pageFile, page(readResults()));
if (options.page) {
  drawPage();
  process.exit(0);
}

const effort = options.quick ? quickEffort : fullEffort;
const pattern = new RegExp(options.filter ?? '');
const folder = mkdtempSync(join(tmpdir(), 'simdloss-field-'));
const libraries = await Libraries.start(folder);
const F = await load({ backend: 'js' });
const results: FieldResult[] = [];
const shares: number[] = [];
for (const which of cases) {
  if (!pattern.test(nameOf(which))) continue;
  shares.push(await othersShare());
  const peers = await measure(problemOf(which));
  results.push({ name: nameOf(which), peers });
  print(which, peers);
}
libraries.stop();
rmSync(folder, { recursive: true });

function problemOf({ loss, shape, wrt }: FieldCase): Problem {
  const input = new Float32Array(elementsOf(shape));
  const target = new Float32Array(input.length);
  fillInput(loss, input);
  fillTarget(loss, target);
  const more = moreInputs(F, loss, shape, 'f32').map((tensor) => ({
    data: Float32Array.from(tensor.data),
    shape: tensor.shape,
  }));
  return { loss, shape, input, target, more, ...(wrt && { wrt }) };
}

async function measure(problem: Problem): Promise<FieldResult['peers']> {
  const peers = await libraries.make(sides, problem);
  const measured = await compare(peers, 'cpu', problem.shape, effort);
  for (const peer of peers.values()) peer.dispose();
  return measured;
}

function print(which: FieldCase, peers: FieldResult['peers']): void {
  const rows = Object.entries(peers).map(([name, result]) => {
    const { value, grad } = result.difference;
    const differences = [value.toExponential(1), grad.toExponential(1)];
    if (!('time' in result)) return [`  ${name}`, 'DIFFERS', '', '', ...differences];
    const spread = `${digits(result.p10)}–${digits(result.p90)}`;
    return [`  ${name}`, digits(result.time), `${digits(result.ratio)}×`, spread, ...differences];
  });
  console.log(`${nameOf(which)}: PyTorch ${which.pytorch}×, js ${which.js}× wanted`);
  console.log(columns([['', 'ns/el', 'ratio', 'p10–p90', 'value by', 'gradient by'], ...rows]));
}

if (options.filter === undefined && !options.quick) {
  const torch = libraries.version;
  if (torch === undefined) throw new Error('no Python with torch was found: nothing is written');
  writeResults({
    environment: {
      ...machine(),
      torch,
      others: rounded(median(shares)),
    },
    cases: results,
  });
  drawPage();
  console.log('written to bench/results/field.md');
}
process.exit(0);
