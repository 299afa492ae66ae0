// What a call leaves to the garbage collector: on wasm the number that it returns, the object that .valueAndGrad returns,
// and nothing else.
import { describe, expect, it } from 'vitest';
import type { FamilyName } from '../../src/families/family.ts';
import { type LossFunctions, load } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { backends } from '../instances.ts';
import { inputsOf, sizeOf, termsOf, thirdShape } from '../losses/inputs.ts';
import { isProjection, isTernary, lossOf } from '../losses/roles.ts';
import { allRows } from '../rows/index.ts';
import type { Row } from '../rows/row.ts';
import { bytesPerCall } from './gauge.ts';

type Any = any;

const CALLS = 2000;
const ROUNDS = 11;
const bytes = (call: () => unknown): number => bytesPerCall(call, CALLS, ROUNDS);

/** What V8 takes for a number that is no small integer, whatever function returns it. */
const NUMBER = 16;
/** { value, grad } */
const PAIR = 40;
/** A twentieth of the calls may take a number more: the odd object of someone else's between two looks at the heap. */
const SLACK = NUMBER / 20;

// The js kernels hand numbers about, of which V8 boxes more or fewer as it inlines more or less (measured: 32 to 48 bytes
// a step), and a plain call takes an object of the backend's (80 to 112).
const most = {
  wasm: { step: NUMBER, gradStep: 0, value: NUMBER, grad: 0, valueAndGrad: PAIR + NUMBER },
  js: { step: 64, gradStep: 48, value: 144, grad: 128, valueAndGrad: 184 },
};
/** What js takes besides: for all pairs two numbers a row are handed about; ctc makes a trellis for each sequence. */
const jsBesides: Partial<Record<FamilyName, number>> = { pairs: 16 * NUMBER, sequence: 8192 };
const besides = (backend: string, { loss }: Row): number =>
  backend === 'js' ? (jsBesides[registry[loss].family.name] ?? 0) : 0;

it('a number takes what is allowed for it', () => {
  let sum = 0.1;
  const number = bytes(() => {
    sum += 0.37;
    return sum;
  });
  expect(number).toBeGreaterThanOrEqual(NUMBER);
  expect(number).toBeLessThanOrEqual(NUMBER + SLACK);
});

describe.each(backends)('%s', async (backend) => {
  const F: LossFunctions = await load({ backend });
  const any = F as Any;
  const allowed = most[backend];
  const slackOf = (row: Row): number => SLACK + besides(backend, row);

  it.each(allRows)('a prepared step of $loss', (row) => {
    const { input, target, options } = inputsOf(row, row.variants[0], 'f32');
    const x = any.tensor(input.data, input.shape);
    const t = any.tensor(target.data, target.shape);
    const step = lossOf(any, row.loss).prepare(x, t, options);
    const gradStep = lossOf(any, row.loss).prepare(x, t, { ...options, compute: 'grad' });
    expect(bytes(step)).toBeLessThanOrEqual(allowed.step + slackOf(row));
    expect(bytes(gradStep)).toBeLessThanOrEqual(allowed.gradStep + slackOf(row));
    step.dispose();
    gradStep.dispose();
  });

  it.each(allRows)('a prepared step of $loss on ordinary arrays', (row) => {
    const { input, target, options } = inputsOf(row, row.variants[0], 'f32');
    const out = { data: new Float32Array(input.data.length), shape: input.shape };
    const step = lossOf(any, row.loss).prepare(input, target, { ...options, out });
    expect(bytes(step)).toBeLessThanOrEqual(allowed.step + slackOf(row));
    step.dispose();
  });

  it.each(allRows)('a plain call of $loss on tensors', (row) => {
    const { input, target, options } = inputsOf(row, row.variants[0], 'f32');
    const x = any.tensor(input.data, input.shape);
    const t = any.tensor(target.data, target.shape);
    const out = any.zeros(input.shape);
    // given as they are: what makes a third input for a call would count, too
    const more = ['third', 'fourth'].map((name) => {
      const given = options[name] as Any;
      const dims = given?.shape ?? thirdShape(row, input.shape, termsOf(row, input.shape));
      return any.tensor(given?.data ?? new Float32Array(sizeOf(dims)).fill(1), dims);
    });
    const [third, fourth] = more;
    const form = (call: Any): Any => {
      if (isProjection(row.loss)) return (a: Any, b: Any, all: Any) => call(a, third, b, all);
      if ('fourth' in options) return (a: Any, b: Any, all: Any) => call(a, b, third, fourth, all);
      return isTernary(row.loss) ? (a: Any, b: Any, all: Any) => call(a, b, third, all) : call;
    };
    const { [row.loss]: own } = any;
    const [loss, grad, valueAndGrad] = [own, own.grad, own.valueAndGrad].map(form);
    // one of its options may have no default
    const plain = row.variants[0].options;
    const sum = { ...plain, reduction: 'sum' };
    const writing = { ...plain, reduction: 'sum', out };
    expect(bytes(() => loss(x, t, plain))).toBeLessThanOrEqual(allowed.value + slackOf(row));
    expect(bytes(() => loss(x, t, sum))).toBeLessThanOrEqual(allowed.value + slackOf(row));
    expect(bytes(() => grad(x, t, writing))).toBeLessThanOrEqual(allowed.grad + slackOf(row));
    expect(bytes(() => valueAndGrad(x, t, writing))).toBeLessThanOrEqual(allowed.valueAndGrad + slackOf(row));
  });
});

// What a call leaves that looks at ordinary arrays (views of them, shapes) is the same on both: staging adds nothing to it.
it.each(allRows)('a plain call of $loss on ordinary arrays: wasm leaves no more than js', async (row) => {
  const { input, target, options: own } = inputsOf(row, row.variants[0], 'f32');
  const out = { data: new Float32Array(input.data.length), shape: input.shape };
  const options = { ...own, reduction: 'sum', out };
  // fewer calls a round, as they fill what is collected at once (1 MB) sooner
  const few = (F: Any): number =>
    bytesPerCall(() => lossOf(F, row.loss).grad(input, target, options), 200, 41);
  const js = few(await load({ backend: 'js' }));
  const wasm = few(await load());
  expect(js).toBeGreaterThan(100);
  expect(wasm).toBeLessThanOrEqual(js + NUMBER);
});
