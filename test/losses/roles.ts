// Losses of more than two inputs, as tests of all losses call them: of an input, a target and options. The third input is the option
// `third`, the fourth `fourth`, and wrt, out and results by name call the inputs by these names, whatever the loss calls them.
import type { Input } from '../../src/families/family.ts';
import { registry } from '../../src/losses/registry.ts';
import { isTensor } from '../reference/tensor.ts';
import type { LossName } from '../rows/row.ts';

type Any = any;
export const ROLES = ['input', 'target', 'third'] as const;
export type Role = (typeof ROLES)[number];
/** With what never has a gradient. */
const NAMES = [...ROLES, 'fourth'] as const;

/** Whether it has more inputs than two. */
export const isTernary = (loss: LossName): boolean => registry[loss].inputs.length > 2;

/** Whether its third and fourth inputs are how long each sequence and its labels are. */
const isOfLengths = (loss: LossName): boolean => registry[loss].inputs.length > 3;

/** Whether its logits are a product with weights, which are the third input here and the second argument. */
export const isProjection = (loss: LossName): boolean => registry[loss].family.name === 'projection';

/** Its inputs in the order of the roles. */
export function inputsByRole(loss: LossName): readonly (Input | undefined)[] {
  const inputs: readonly Input[] = registry[loss].inputs;
  return isProjection(loss) ? [inputs[0], inputs[2], inputs[1]] : inputs;
}

/** The third input of a loss that has one. */
export const thirdInput = (loss: LossName): Input | undefined => inputsByRole(loss)[2];

/** The inputs that have a gradient. */
export const rolesOf = (loss: LossName): Role[] =>
  ROLES.filter((_, i) => inputsByRole(loss)[i]?.gradient === true);

/** What the third input is where a test says nothing of it: the same number everywhere. */
const SAME = 1;

/** A constant in the shape of the input, or a number where that does as well. */
function constant(loss: LossName, x: Any, axis = -1): Any {
  if (thirdInput(loss)?.shape === 'broadcast') return SAME;
  const data: Any = x?.data ?? x;
  if (thirdInput(loss)?.shape === 'weights') return identity(data, x?.shape ?? x?.dims);
  if (thirdInput(loss)?.shape === 'terms') return constantOfRows(data, x?.shape ?? x?.dims, axis);
  if (!Array.isArray(data) && (!ArrayBuffer.isView(data) || data instanceof DataView)) return [SAME];
  const filled = Array.isArray(data)
    ? data.map(() => SAME)
    : new (data as Any).constructor((data as Any).length).fill(SAME);
  return isTensor(x) || x.dtype !== undefined ? { data: filled, shape: x.shape } : filled;
}

/** Weights that leave the input as it is: its features are the logits. */
function identity(data: Any, dims: Any): Any {
  const isData = ArrayBuffer.isView(data) && !(data instanceof DataView);
  const last = (list: Any): number => (Array.isArray(list?.[0]) ? last(list[0]) : (list?.length ?? 0));
  const n = Array.isArray(dims) && Number.isInteger(dims.at(-1)) ? dims.at(-1) : last(data);
  const size = n >= 1 && n <= 2 ** 10 ? n : 1;
  const filled: Any = isData ? new (data as Any).constructor(size * size) : new Array(size * size).fill(0);
  for (let i = 0; i < size; i++) filled[i * (size + 1)] = SAME;
  return { data: filled, shape: [size, size] };
}

/** That all frames and all labels are a sequence's, of which there are as many as the batch has. */
function wholeLengths(x: Any, t: Any): [Any, Any] {
  const nested = (list: Any): number[] =>
    Array.isArray(list) || ArrayBuffer.isView(list)
      ? [(list as Any).length, ...nested((list as Any)[0])]
      : [];
  const shapeOf = (of: Any): number[] => {
    try {
      const dims = of?.shape ?? of?.dims;
      return Array.isArray(dims) ? dims : nested(of);
    } catch {
      // a hostile one says nothing here
      return [];
    }
  };
  const [frames, ...more] = shapeOf(x);
  const sequences = more.length === 2 && more[0] <= 2 ** 20 ? more[0] : undefined;
  const whole = (n: Any) => (sequences === undefined ? n : new Array(sequences).fill(n));
  return [whole(frames ?? SAME), whole(shapeOf(t).at(-1) ?? SAME)];
}

/** The same for each row; what `data` is no data of an input is no data of this. */
function constantOfRows(data: Any, dims: Any, axis: number): Any {
  const isData = ArrayBuffer.isView(data) && !(data instanceof DataView);
  if (!isData && !Array.isArray(data)) return [SAME];
  const nested = (list: Any): number[] => (Array.isArray(list) ? [list.length, ...nested(list[0])] : []);
  const all: number[] = Array.isArray(dims) ? dims : isData ? [(data as Any).length] : nested(data);
  const shape = all.filter((_, i) => i !== (axis < 0 ? axis + all.length : axis));
  // a shape may say anything where there are no elements
  const rows = shape.reduce((a, b) => a * b, 1);
  const length = rows > 2 ** 20 ? 0 : rows;
  const filled = isData ? new (data as Any).constructor(length) : new Array(length);
  return { data: filled.fill(SAME), shape };
}

/** A loss of an instance with its third input given, and its fourth, and all else as it comes: also what no option is. */
export function boundLoss(F: Any, name: string, third: unknown, fourth?: unknown): Any {
  const loss = F[name];
  if (!isTernary(name as LossName)) return loss;
  const more = isOfLengths(name as LossName) ? [third, fourth] : [third];
  const bind =
    (call: Any) =>
    (x: unknown, t: unknown, ...rest: unknown[]): unknown =>
      isProjection(name as LossName) ? call(x, third, t, ...rest) : call(x, t, ...more, ...rest);
  const { grad, valueAndGrad, gradAndHess, prepare, options } = loss;
  return Object.assign(bind(loss), {
    grad: bind(grad),
    valueAndGrad: bind(valueAndGrad),
    ...(gradAndHess !== undefined && { gradAndHess: bind(gradAndHess) }),
    prepare: bind(prepare),
    options,
  });
}

/** A loss of an instance by these names; one of two inputs is as it is. */
export function lossOf(F: Any, name: string): Any {
  const loss = F[name];
  if (!isTernary(name as LossName)) return loss;
  const own = inputsByRole(name as LossName).map((input) => input!.name);
  const isLong = isOfLengths(name as LossName);
  const ordered = (x: Any, t: Any, third: Any, fourth: Any, options: Any): Any[] =>
    isProjection(name as LossName)
      ? [x, third, t, options]
      : isLong
        ? [x, t, third, fourth, options]
        : [x, t, third, options];
  const ownName = (role: unknown): unknown => own[NAMES.indexOf(role as Role)] ?? role;
  const renamed = (list: Any, from: readonly unknown[], to: readonly unknown[]): Any =>
    Object.fromEntries(Object.entries(list).map(([key, v]) => [to[from.indexOf(key)] ?? key, v]));
  // by keys: asking would run what a proxy has for the library's question
  const isNamed = (out: Any) =>
    out !== null && typeof out === 'object' && ROLES.some((role) => Object.keys(out).includes(role));
  const outOf = (out: Any): Any => {
    try {
      if (isNamed(out)) return renamed(out, ROLES, own);
      return isNamed(out?.grad) ? { ...out, grad: renamed(out.grad, ROLES, own) } : out;
    } catch {
      // a hostile one reaches the loss as it is
      return out;
    }
  };
  const args = (x: Any, t: Any, options: Any): Any[] => {
    const others = (axis?: number): Any[] =>
      isLong ? wholeLengths(x, t) : [constant(name as LossName, x, axis), undefined];
    if (options === undefined || options === null || Object.getPrototypeOf(options) !== Object.prototype)
      return ordered(x, t, ...(others() as [Any, Any]), options);
    let { third, fourth, ...rest } = options;
    if (third === undefined || (isLong && fourth === undefined)) {
      const usual = others(options.axis);
      third ??= usual[0];
      fourth ??= usual[1];
    }
    if ('wrt' in rest) rest.wrt = Array.isArray(rest.wrt) ? rest.wrt.map(ownName) : ownName(rest.wrt);
    if ('out' in rest) rest.out = outOf(rest.out);
    return ordered(x, t, third, fourth, rest);
  };
  /** What messages call them, too. */
  const said = <R>(call: () => R): R => {
    try {
      return call();
    } catch (error) {
      const { message } = error as Error;
      (error as Error).message = message.replaceAll(/"(\w+)/g, (whole, word) => {
        const at = own.indexOf(word);
        return at < 0 ? whole : `"${NAMES[at]}`;
      });
      throw error;
    }
  };
  const gradOf = (grad: Any, options: Any): Any =>
    Array.isArray(options?.wrt) ? renamed(grad, own, ROLES) : grad;
  const by: Any = (x: Any, t: Any, options: Any) => said(() => loss(...args(x, t, options)));
  for (const member of ['family', 'formula', 'like', 'options']) by[member] = loss[member];
  by.grad = (x: Any, t: Any, options: Any) =>
    gradOf(
      said(() => loss.grad(...args(x, t, options))),
      options,
    );
  by.valueAndGrad = (x: Any, t: Any, options: Any) => {
    const { value, grad } = said(() => loss.valueAndGrad(...args(x, t, options)));
    return { value, grad: gradOf(grad, options) };
  };
  by.gradAndHess = (x: Any, t: Any, options: Any) => said(() => loss.gradAndHess(...args(x, t, options)));
  by.prepare = (x: Any, t: Any, options: Any) => {
    const step = said(() => loss.prepare(...args(x, t, options)));
    if (!Array.isArray(options?.wrt)) return step;
    const run = () => step();
    Object.defineProperty(run, 'value', { get: () => step.value });
    return Object.assign(run, { grad: gradOf(step.grad, options), dispose: step.dispose });
  };
  return by;
}
