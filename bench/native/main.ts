// npm run bench:native: our kernels beside C twins (gcc -O3, 128-bit), or with --against plain beside the textbook's formulas as
// gcc -O3 -ffast-math vectorises them. Options: --rows (losses of rows of features, of rivals and of label sets, sequences and products instead), --dtype f64,
// --math relaxed, --filter <regex>, --quick, --json <file>.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { type FloatDType, load } from 'simdloss';
import { elementsOf, idOf } from '../cases.ts';
import { columns, digits, environmentText } from '../format.ts';
import { environmentOf } from '../results.ts';
import { rounded } from '../statistics.ts';
import { compare, type Step } from './compare.ts';
import { type Against, compile, gccVersion, hasFma, type MathMode } from './compile.ts';
import { casesOfSpec, specs } from './goals.ts';
import { operandsOf } from './operands.ts';
import { pin } from './pin.ts';
import { type NativeResult, resultsFile, writeNative } from './results.ts';
import { Twin } from './twin.ts';

const { values: options } = parseArgs({
  options: {
    dtype: { type: 'string', default: 'f32' },
    math: { type: 'string', default: 'deterministic' },
    against: { type: 'string', default: 'twin' },
    filter: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rows: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const { dtype, quick, rows } = options;
const math = options.math as MathMode;
const against = options.against as Against;
if (dtype !== 'f32' && dtype !== 'f64') throw new RangeError(`--dtype expected f32 or f64, got ${dtype}`);
if (math !== 'deterministic' && math !== 'relaxed')
  throw new RangeError(`--math expected deterministic or relaxed, got ${math}`);
if (against !== 'twin' && against !== 'plain')
  throw new RangeError(`--against expected twin or plain, got ${against}`);
if (against === 'plain' && rows) throw new RangeError('--rows is against twins alone');
if (against === 'plain' && dtype === 'f64') throw new RangeError('--against plain is f32 alone');

const gcc = gccVersion();
if (gcc === undefined || (math === 'relaxed' && !hasFma())) {
  console.error('NOTHING WAS MEASURED: C needs gcc on x86-64 (apt-get install gcc), relaxed ones FMA too.');
  process.exit(0);
}
const pattern = new RegExp(options.filter ?? '');
const effort = quick ? { warmup: 30, round: 2, rounds: 7 } : { warmup: 150, round: 8, rounds: 31 };
const environment = { ...environmentOf(dtype), math, against, gcc, ...(rows && { rows }) };
console.log(`${environmentText(environment)} · ${math} · against ${against} · ${gcc}\n`);

// V8 had it behind this flag before it was on by default
if (math === 'relaxed' && Number(process.versions.v8.split('.')[0]) < 12) {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
}
const F = await load({ math });

if (F.math !== math) throw new Error(`the loaded kernels are ${F.math}, not ${math}`);
const program = compile(math, against);
pin();
const twin = new Twin(program);
const measured: NativeResult[] = [];
for (const spec of specs.filter(
  ({ isPlain, isRows = false }) => isRows === rows && (against === 'plain' || !isPlain),
)) {
  const { loss, shape, goal } = spec;
  const cases = casesOfSpec(spec).filter((which) => pattern.test(idOf(which)));
  if (cases.length === 0) continue;
  const operands = operandsOf(F, spec, dtype as FloatDType);
  const { inputs, args, grads } = operands;
  const wrt = Object.keys(grads);
  await twin.set(loss, shape, operands);
  for (const which of cases) {
    const out = which.operation === 'value' ? {} : { wrt, out: { grad: grads } };
    const prepare = F[loss].prepare as (...all: unknown[]) => Step & { dispose(): void };
    const step = prepare(...args, { compute: which.operation, ...out });
    const { c, wasm, ratio, p10, p90 } = await compare(which, step, twin, operands, effort);
    step.dispose();
    const elements = elementsOf(shape);
    measured.push({
      ...which,
      c: rounded(c / elements),
      wasm: rounded(wasm / elements),
      ratio: rounded(ratio),
      p10: rounded(p10),
      p90: rounded(p90),
      // set for what is promised: value and gradient together, in f32
      ...(goal !== undefined && which.operation === 'valueAndGrad' && dtype === 'f32' ? { goal } : {}),
    });
  }
  for (const tensor of [...inputs, ...Object.values(grads)]) tensor.dispose();
}
twin.end();

console.log(
  columns([
    ['', 'C ns/el', 'wasm ns/el', 'C/wasm', 'p10–p90', 'goal', ''],
    ...measured.map(({ c, wasm, ratio, p10, p90, goal, ...which }) => [
      idOf(which),
      digits(c),
      digits(wasm),
      ratio.toFixed(2),
      `${p10.toFixed(2)}–${p90.toFixed(2)}`,
      goal === undefined ? '' : goal.toFixed(2),
      goal === undefined ? '' : ratio >= goal ? 'reached' : 'NOT REACHED',
    ]),
  ]),
);
const whole = options.filter === undefined && !quick;
const file = options.json ?? (whole ? resultsFile(environment) : undefined);
if (file !== undefined) {
  writeNative(file, { environment, cases: measured });
  console.log(`\nwritten to ${file}`);
}
