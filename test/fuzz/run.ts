// One case: a legal call, perhaps made hostile, and what has to be true afterwards.
import { readFileSync } from 'node:fs';
import { type LossFunctions, loadSync, Tensor } from '../../src/index.ts';
import { registry } from '../../src/losses/registry.ts';
import { sameShape } from '../../src/memory/shape.ts';
import { drawOf } from '../draws/index.ts';
import { domainsOf, isUnbounded } from '../intervals.ts';
import { sizeOf } from '../losses/inputs.ts';
import { isProjection, lossOf, ROLES, thirdInput } from '../losses/roles.ts';
import { reference, referenceHelper } from '../reference/index.ts';
import { helperMagnitude, magnitude } from '../reference/magnitude.ts';
import type { LossName } from '../rows/row.ts';
import { attacks, NUMERIC, Sentinel, type Stage } from './attacks.ts';
import { type Block, isWithin, type Place, put } from './blocks.ts';
import { actions, arm, type Hooked, type HookPoint, takeFreed, victimsIntact } from './hooks.ts';
import { type Content, contentOf, isBackward, isHelper, type Legal, type Role } from './legal.ts';
import { dropWorlds, type FuzzWorld, makeRoom, type WorldKind, worldOf } from './world.ts';

type Any = any;

export interface Case extends Legal {
  readonly world: WorldKind;
  /** Where the arrays are, in turn. */
  readonly places: readonly Place[];
  readonly shifts: readonly number[];
  readonly forms: readonly ('bare' | 'object' | 'strided')[];
  readonly out: 'made' | 'given' | 'in place';
  /** Bytes that are left in the memory; undefined for all of it. */
  readonly left: number | undefined;
  readonly attack: { readonly name: string; readonly role: number } | undefined;
  readonly hook:
    | { readonly point: HookPoint; readonly at: number; readonly action: string; readonly on: number }
    | undefined;
  /** Between two runs of a prepared step. */
  readonly between: { readonly action: string; readonly on: number } | undefined;
  /** What happens to the memory. */
  readonly memory:
    | {
        /** Whether a region is one of a shared memory that has grown. */
        readonly shared: boolean;
        /** Other places, in turn. */
        readonly places: readonly (Place | undefined)[];
        readonly events: readonly MemoryEvent[];
      }
    | undefined;
}

/** Before a call, or between two runs of a step: a tensor goes, all over the same bytes go, or others take what is free. */
interface MemoryEvent {
  readonly when: 'before' | 'between';
  readonly what: 'orphan' | 'free' | 'retake';
  readonly on: number;
}

const CODES = ['TYPE', 'DTYPE', 'SHAPE', 'OPTION', 'LABEL', 'MEMORY', 'UNSUPPORTED', 'DISPOSED'].map(
  (c) => `ERR_${c}`,
);

class Violation extends Error {}
const violation = (text: string, cause?: unknown): never => {
  throw new Violation(text, { cause });
};

/** A result in numbers, whatever it is. */
interface Outcome {
  readonly value?: readonly number[];
  readonly input?: readonly number[];
  readonly target?: readonly number[];
  readonly third?: readonly number[];
  readonly logitScale?: readonly number[];
}
/** What may have a gradient. */
const GRADIENTS = [...ROLES, 'logitScale'] as const;

const numbers = (x: Any): number[] | undefined => {
  if (x === undefined) return undefined;
  if (typeof x === 'number') return [x];
  try {
    // by iterator: an array under attack may lie about its length
    return Array.from((ArrayBuffer.isView(x) ? x : x.data) as Float32Array);
  } catch {
    return []; // detached
  }
};

function outcomeOf(wrt: unknown, value: unknown, grad: Any): Outcome {
  const grads = Array.isArray(wrt)
    ? GRADIENTS.map((role) => [role, numbers(grad?.[role])])
    : [[wrt ?? 'input', numbers(grad)]];
  return { value: numbers(value), ...Object.fromEntries(grads) };
}

/** Calls with what the stage has. */
function invoke(F: LossFunctions, { name, call }: Legal, given: Record<string, Any>, options: Any): Any {
  const f = isHelper(name) ? (F as Any)[name] : lossOf(F, name);
  if (!isHelper(name)) return (call === 'value' ? f : f[call])(given.input, given.target, options);
  return isBackward(call) ? f.grad(given.input, given.upstream, options) : f(given.input, options);
}

function readResult({ name, call }: Legal, wrt: unknown, result: Any): Outcome {
  if (isHelper(name)) return { value: numbers(result) };
  if (call === 'value') return { value: numbers(result) };
  if (call === 'grad') return outcomeOf(wrt, undefined, result);
  return outcomeOf(wrt, result.value, result.grad);
}

const module = new WebAssembly.Module(readFileSync(new URL('../../build/simdloss.wasm', import.meta.url)));
let clean: Record<'wasm' | 'js', LossFunctions>;

/** The same call on ordinary arrays in an instance that nobody has touched. */
function expectedOf(legal: Legal, content: Content, dtype: 'f32' | 'f64', backend: 'wasm' | 'js'): Outcome {
  clean ??= { wasm: loadSync({ module }), js: loadSync({ backend: 'js' }) };
  const given: Record<string, Any> = {};
  const float = dtype === 'f32' ? Float32Array : Float64Array;
  for (const [role, { shape, values, labels }] of Object.entries(content.roles))
    given[role] = { data: labels ? Int32Array.from(values) : float.from(values), shape };
  const { input, target, upstream, ...arrays } = given;
  const call = legal.call === 'prepare' && !isHelper(legal.name) ? 'valueAndGrad' : legal.call;
  const result = invoke(
    clean[backend],
    { ...legal, call },
    { input, target, upstream },
    { ...content.options, ...arrays },
  );
  return readResult({ ...legal, call }, content.options.wrt, result);
}

/**
 * Whether the semantics say what comes out: of any number as input, and of any target where the loss is of a
 * difference. Factors are finite, targets of the other losses in their domain.
 */
function promised({ name }: Legal, { roles, isIndex }: Content): boolean {
  // what is no number reaches other terms, too: which ones, these losses' own tests say
  if (!isHelper(name) && drawOf(name))
    return Object.values(roles).every(({ values }) => values.every((v) => Math.abs(v) < 1e30));
  return Object.entries(roles).every(([role, { values }]) => {
    if (role === 'input' || (isIndex && role === 'target')) return true;
    if (role !== 'target') return values.every((v) => Math.abs(v) < 1e30);
    // every helper takes any number
    const target = isHelper(name) ? undefined : domainsOf(name)[1];
    return (target && isUnbounded(target)) || values.every((v) => v >= 0 && v <= 1);
  });
}

/** The greatest f32. */
const MOST = 2 ** 128 - 2 ** 104;

/** What of the expected result the reference does not confirm. */
function wrongAgainstReference(
  legal: Legal,
  content: Content,
  dtype: 'f32' | 'f64',
  got: Outcome,
): string | undefined {
  // the reference is slow, and in f64: what overflows an f32 on the way is no matter of it
  if ((legal.wild && dtype === 'f32') || content.roles.input.values.length > 300) return undefined;
  if (legal.wild && !promised(legal, content)) return undefined;
  const { roles, options } = content;
  const of = (role: string): Any => roles[role] && { data: roles[role].values, shape: roles[role].shape };
  const tolerance = dtype === 'f32' ? 2 ** -18 : 2 ** -40;
  const tiny = dtype === 'f32' ? 1e-36 : 1e-300;
  const compare = (
    what: string,
    actual: readonly number[] | undefined,
    want: Any,
    size: Any,
  ): string | undefined => {
    if (actual === undefined) return undefined;
    const [w, m] = [numbers(want)!, numbers(size)!];
    for (let i = 0; i < w.length; i++) {
      if (actual[i] === w[i] || (Number.isNaN(actual[i]) && Number.isNaN(w[i]))) continue;
      // where an infinite number times 0 has no size, a number is its own
      const size = Number.isNaN(m[i]) ? Math.abs(w[i]) : m[i];
      if (Math.abs(actual[i] - w[i]) <= tolerance * size + tiny && Number.isFinite(w[i])) continue;
      // of options that are beyond measure
      if (dtype === 'f32' && m[i] > MOST) continue;
      return `${what}[${i}] is ${actual[i]}, the reference says ${w[i]}`;
    }
    return undefined;
  };
  if (isHelper(legal.name)) {
    const backward = isBackward(legal.call);
    // backward passes take their own output, which this input is not
    if (backward && legal.name !== 'logSumExp') return undefined;
    const args = { axis: options.axis as number, gradOutput: backward ? roles.upstream.values : undefined };
    const [want, size] = [referenceHelper, helperMagnitude].map((f) =>
      f(legal.name as 'softmax', of('input'), args),
    );
    const side = backward ? 'grad' : 'value';
    return compare(side, got.value, want[side], size[side]);
  }
  const extra = Object.fromEntries(
    Object.keys(roles)
      .filter((r) => r !== 'input' && r !== 'target')
      .map((r) => [r, of(r)]),
  );
  const inputs = { input: of('input'), target: of('target') };
  const want = reference(legal.name, inputs, { ...options, ...extra, dtype } as Any);
  const size = magnitude(legal.name, inputs, { ...options, ...extra, dtype } as Any);
  return (
    compare('value', got.value, want.value, size.value) ??
    GRADIENTS.map(
      (role) => want.grads[role] && compare(`grad of ${role}`, got[role], want.grads[role], size.grads[role]),
    ).find(Boolean)
  );
}

const trueLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Float32Array.prototype), 'length')!;
/** The number of elements, whatever the array says of itself. */
const lengthOf = (array: unknown): number => trueLength.get!.call(array);
/** Whether it was a view of the memory that growth had detached when the call looked at it: then it is of nothing. */
const isEmpty = (
  role: string,
  blocks: Record<string, Block>,
  lengths: ReadonlyMap<string, number>,
): boolean => blocks[role].at >= 0 && lengths.get(role) === 0;

/** What was written, read where neither growth nor an attack on the array itself can have changed what is seen. */
function fromBlocks(
  outcome: Outcome,
  outputs: Record<string, string>,
  blocks: Record<string, Block>,
  lengths: ReadonlyMap<string, number>,
): Outcome {
  const given = Object.entries(outputs).flatMap(([part, role]) => {
    const now = blocks[role].held();
    return now === undefined || isEmpty(role, blocks, lengths) ? [] : [[part, Array.from(now, Number)]];
  });
  return { ...outcome, ...Object.fromEntries(given) };
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((x, i) => Object.is(x, b[i]));

function compareOutcomes(got: Outcome, want: Outcome): void {
  for (const part of ['value', ...GRADIENTS] as const) {
    const [g, w] = [got[part], want[part]];
    if (w === undefined) continue;
    if (g === undefined || !same(g, w))
      violation(`wrong ${part}: [${g?.slice(0, 8)}] instead of [${w.slice(0, 8)}]`);
  }
}

/** Snapshot of all blocks. */
type Bytes = Map<string, Uint8Array | undefined>;
const snapshot = (blocks: Record<string, Block>): Bytes =>
  new Map(Object.entries(blocks).map(([role, block]) => [role, block.bytes()?.slice()]));

function checkUnchanged(
  before: Bytes,
  blocks: Record<string, Block>,
  touched: Set<string>,
  written: Set<string>,
): void {
  for (const [role, old] of before) {
    if (old === undefined || touched.has(role)) continue;
    const { from, to, ...block } = blocks[role];
    const now = block.bytes();
    if (now === undefined || now.length !== old.length) violation(`${role} is gone`);
    const free = written.has(role);
    for (let i = 0; i < old.length; i++) {
      if (now![i] === old[i] || (free && i >= from && i < to)) continue;
      violation(`byte ${i - from} of ${role} (${to - from} bytes) was written`);
    }
  }
}

/** Puts everything in its place; what is passed and what is to be written. */
function build(c: Case, content: Content, world: FuzzWorld, blocks: Record<string, Block>) {
  const roleNames = Object.keys(content.roles);
  const others = c.memory?.places ?? [undefined];
  const placeOf = (i: number): Place => others[i % others.length] ?? c.places[i % c.places.length];
  const isNumbers = (i: number): boolean => placeOf(i).includes('numbers');
  const typed = roleNames.some((role, i) => !content.roles[role].labels && !isNumbers(i));
  const dtype = typed ? c.dtype : 'f64';
  let endTaken = false;
  const place = (i: number): Place => {
    if (placeOf(i) !== 'end') return placeOf(i);
    if (endTaken) return 'attached';
    endTaken = true;
    return 'end';
  };
  const given: Record<string, Any> = {};
  const shapes: Record<string, readonly number[]> = {};
  const put1 = (
    role: string,
    at: Place,
    type: Any,
    shape: readonly number[],
    values: readonly number[],
    i: number,
  ) => {
    const block = put(world, at, type, shape, values, c.shifts[i % c.shifts.length]);
    blocks[role] = block;
    shapes[role] = shape;
    const { array } = block;
    const form = c.forms[i % c.forms.length];
    if (array instanceof Tensor) given[role] = array;
    else if (form === 'bare' && shape.length === 1) given[role] = array;
    else given[role] = { data: array, shape };
    if (form === 'strided' && !(array instanceof Tensor)) {
      let step = 1;
      const stride = shape.map(() => 0);
      for (let k = shape.length - 1; k >= 0; k--) [stride[k], step] = [step, step * shape[k]];
      given[role] = { data: array, shape, stride, offset: 0 };
    }
  };
  roleNames.forEach((role, i) => {
    const { shape, values, labels } = content.roles[role];
    put1(role, place(i), labels ? c.labelDtype : dtype, shape, values, i);
  });
  // outputs
  const { wrt, reduction } = content.options;
  const outputs: Record<string, string> = {};
  if (c.out !== 'made') {
    const helper = isHelper(c.name);
    const valueDue = helper || (c.call !== 'grad' && reduction === 'none');
    const names = Array.isArray(wrt) ? wrt : [wrt ?? 'input'];
    const { shape: inputShape } = content.roles.input;
    let i = roleNames.length;
    const junk = (shape: readonly number[]): number[] => Array(shape.reduce((n, d) => n * d, 1)).fill(-7);
    const output = (role: string, shape: readonly number[]): void => {
      const at = place(i);
      put1(role, at.includes('numbers') ? 'tensor' : at, dtype, shape, junk(shape), i++);
    };
    const helperShape = c.name === 'logSumExp' && !isBackward(c.call) ? content.rows : inputShape;
    if (valueDue) {
      output('out value', helper ? helperShape : content.rows);
      outputs.value = 'out value';
    }
    if (!helper && c.call !== 'value') {
      names.forEach((name, k) => {
        const { shape } = content.roles[name as string];
        const canBe = blocks.input.list === undefined && sameShape(shape, inputShape);
        const isOwn = name === 'input' || registry[c.name as LossName].family.inPlace.grad !== 'first';
        const inPlace = c.out === 'in place' && k === 0 && canBe && isOwn;
        if (!inPlace) output(`out ${name}`, shape);
        outputs[name as string] = inPlace ? 'input' : `out ${name}`;
      });
    }
  }
  return { dtype: dtype as 'f32' | 'f64', given, shapes, outputs };
}

function optionsOf(c: Case, content: Content, stage: Stage, outputs: Record<string, string>): Any {
  const { input, target, upstream, ...rest } = stage.given;
  const options: Any = { ...content.options };
  for (const role of Object.keys(rest)) if (!role.startsWith('out ')) options[role] = rest[role];
  const names = Object.keys(outputs);
  if (names.length === 0) return options;
  const at = (name: string): Any => stage.given[outputs[name]];
  const grads = names.filter((n) => n !== 'value');
  const grad = Array.isArray(content.options.wrt)
    ? Object.fromEntries(grads.map((n) => [n, at(n)]))
    : grads.length > 0
      ? at(grads[0])
      : undefined;
  if (isHelper(c.name) || c.call === 'value') options.out = at('value');
  else if (c.call === 'grad') options.out = grad;
  else options.out = { ...(outputs.value && { value: at('value') }), ...(grad !== undefined && { grad }) };
  return options;
}

const tensorsIn = (x: unknown, depth = 0): Tensor[] => {
  if (x instanceof Tensor && typeof x.dispose === 'function') return [x];
  if (depth > 3 || x === null || typeof x !== 'object' || ArrayBuffer.isView(x)) return [];
  return Object.values(x).flatMap((v) => tensorsIn(v, depth + 1));
};

export function runCase(c: Case): void {
  const content = contentOf(c)!;
  const world = worldOf(c.world === 'region' && c.memory?.shared ? 'shared' : c.world);
  try {
    judge(c, content, world);
  } catch (error) {
    dropWorlds();
    throw error;
  }
}

/** The order in which a call looks at what it is given: the caller's code of one may change the next ones. */
const RANK = [
  'upstream',
  'options',
  'input',
  'target',
  'third',
  'fourth',
  'sampleWeight',
  'gradOutput',
  'linearBias',
  'logitScale',
  'weight',
  'classWeight',
  'posWeight',
  'quantile',
  'mask',
  'out',
];
/** The weights of a product come before its labels. */
const RANK_OF_PRODUCTS = RANK.map((role) =>
  role === 'target' ? 'third' : role === 'third' ? 'target' : role,
);

function judge(c: Case, content: Content, world: FuzzWorld): void {
  const { F, G } = world;
  const books = (): string => [F, G].map((f) => `${f.memory.bytesInUse} ${f.memory.liveTensors}`).join();
  const before = books();
  const blocks: Record<string, Block> = {};
  makeRoom(world);
  const { dtype, given, shapes, outputs } = build(c, content, world, blocks);
  const want = expectedOf(c, content, dtype, F.backend);
  const wrong = wrongAgainstReference(c, content, dtype, want);
  if (wrong) violation(wrong);

  const replaced = new Set<string>();
  const broadcasts = !isHelper(c.name) && thirdInput(c.name)?.shape === 'broadcast';
  const numeric = new Set([...NUMERIC, ...(broadcasts ? ['third', 'fourth'] : [])]);
  const stage: Stage = { given, blocks, shapes, numeric, options: undefined, replaced, seed: c.seed };
  const hooked: Hooked = { world, stage, touched: new Set(), rewritten: new Set(), victims: [] };
  const { touched } = hooked;
  const order = !isHelper(c.name) && isProjection(c.name) ? RANK_OF_PRODUCTS : RANK;
  const rankOf = (role: string): number => order.indexOf(role.startsWith('out ') ? 'out' : role);
  const roles = Object.keys(blocks);
  const roleAt = (i: number): string => roles[i % roles.length];
  const attack = c.attack && attacks[c.attack.name];
  const onOptions = c.attack !== undefined && /option/.test(c.attack.name);
  const attackedRole = c.attack === undefined || onOptions ? undefined : roleAt(c.attack.role);
  let refusable = false;
  let attacked = false;
  const lengths = new Map<string, number>();
  /** Bare views that are of another length (a detached one of none) before they are looked at. */
  const noteLengths = (from: number): void => {
    for (const r of roles) {
      const passed = stage.given[r];
      if (rankOf(r) < from || replaced.has(r) || !ArrayBuffer.isView(passed)) continue;
      const length = lengthOf(passed);
      if (length !== sizeOf(shapes[r])) lengths.set(r, length);
    }
  };
  const attackNow = (): void => {
    const how = attack!(stage, attackedRole ?? 'input');
    refusable = how === true;
    attacked = how !== 'not applicable';
    noteLengths(0);
  };
  /** Whether a call that goes through is a bug: not where a hook has mended what the attack did. */
  const must = (): boolean =>
    refusable && (attackedRole === undefined || replaced.has(attackedRole) || !touched.has(attackedRole));
  if (attack !== undefined && !onOptions) attackNow();

  // where the caller's code runs, and on which role
  const outs = roles.filter((r) => r.startsWith('out '));
  const point = c.hook?.point;
  const onCall = point === 'option' || point === 'keys' || point === 'has';
  const hookRole = c.hook && (point === 'out' ? outs[c.hook.at % outs.length] : roleAt(c.hook.at));
  const lists = new Map<string, readonly number[]>();
  /** What dangling views saw. */
  const dangling = new Map<string, readonly number[]>();
  let calling = true;
  let fired = false;
  const hook = (action: string, on: number) => (): void => {
    if (fired) return;
    fired = true;
    const role = roleAt(on);
    if (action.startsWith('grow')) world.uses += 10;
    const { list } = blocks[role];
    const old = list === undefined ? undefined : [...(content.roles[role]?.values ?? [])];
    actions[action](hooked, role, blocks[role]);
    const read = order.indexOf(role);
    const now = onCall ? order.indexOf(point === 'has' ? 'out' : 'options') : rankOf(hookRole ?? 'out');
    if (calling && list !== undefined) {
      const self = role === hookRole && !onCall;
      if (read < now || (self && point === 'element' && /^(lengthen|truncate)$/.test(action)))
        lists.set(role, old!);
      else lists.set(role, [...list]);
    }
    takeFreed(hooked);
    if (calling) noteLengths(now);
    noteDangling();
  };
  const noteDangling = (): void => {
    for (const r of roles) if (dangles(r)) dangling.set(r, Array.from(blocks[r].held()!, Number));
  };
  const happen = (now: MemoryEvent['when']): void => {
    for (const { when, what, on } of c.memory?.events ?? []) {
      if (when !== now) continue;
      const role = roleAt(on);
      const block = blocks[role];
      // what makes a full memory grow detaches the views that are to be passed
      if (what === 'retake' && (c.world !== 'growing' || c.left === undefined)) takeFreed(hooked);
      else if (what === 'orphan') block.orphan();
      else if ('dispose' in block.array || block.at >= 0) {
        touched.add(role);
        block.free();
      }
    }
    if (now === 'before') noteLengths(0);
    noteDangling();
  };
  const armNow = (): void => {
    const { action, on } = c.hook!;
    if (hookRole !== undefined) arm(stage, hookRole, point!, hook(action, on));
  };
  // an attacked operand is not to be replaced by a hooked one, nor are options that are none
  if (c.hook !== undefined && !onCall && !(attacked && hookRole === attackedRole)) armNow();
  stage.options = optionsOf(c, content, stage, outputs);
  if (onOptions) attackNow();
  if (onCall && c.attack?.name !== 'no options') armNow();
  const inPlace = Object.values(outputs).includes('input');
  for (const [part, role] of Object.entries(outputs)) if (replaced.has(role)) delete outputs[part];

  const filler = c.left === undefined ? undefined : world.fill(c.left);
  for (const [role, { place }] of Object.entries(blocks)) if (place === 'straddling') touched.add(role);
  happen('before');
  const written = new Set(Object.values(outputs));
  const old = snapshot(blocks);
  const taken: Tensor[] = [];
  let step: Any;

  /** Whether it is passed as a view, without the tensor. */
  function isView(role: string): boolean {
    return stage.given[role] !== blocks[role].array || !(blocks[role].array instanceof Tensor);
  }
  function isDetached(role: string): boolean {
    const { array } = blocks[role];
    return ArrayBuffer.isView(array) && lengthOf(array) < sizeOf(shapes[role]);
  }
  /** A view of a tensor that was disposed dangles: its bytes may be another's. */
  function dangles(role: string): boolean {
    const { array, at, kept } = blocks[role];
    if (!isView(role)) return false;
    return at >= 0 ? !isWithin(blocks[role], kept()) : array instanceof Tensor && array.disposed;
  }
  /** Roles that have to be refused: their tensor is gone, or they are over bytes that no tensor has. */
  function lost(): string[] {
    const spans = Object.values(blocks).flatMap(({ kept }) => kept());
    for (const { tensor } of hooked.victims)
      spans.push([tensor.byteOffset, tensor.byteOffset + tensor.length]);
    if (filler !== undefined) spans.push([filler.byteOffset, filler.byteOffset + filler.length]);
    return roles.filter((role) => {
      if (replaced.has(role) || isEmpty(role, blocks, lengths)) return false;
      const { array, at } = blocks[role];
      return isView(role) ? at >= 0 && !isWithin(blocks[role], spans) : (array as Tensor).disposed;
    });
  }

  /**
   * What the call is to return: of the elements it has read. Typed arrays and tensors are read when none of the
   * caller's code runs any more, lists of numbers where they are looked at, in the order of RANK, and at every step.
   * Undefined where the call has written over what it read, in memory that the caller freed under it.
   */
  const expectedNow = (stepping: boolean): Outcome | undefined => {
    if (touched.size + replaced.size + lengths.size === 0) return want;
    if ([...written].some(dangles)) return undefined;
    const now: Record<string, Role> = {};
    const options: Record<string, unknown> = { ...content.options };
    let float: 'f32' | 'f64' = 'f64';
    for (const [role, was] of Object.entries(content.roles)) {
      const block = blocks[role];
      const passed = stage.given[role];
      if (replaced.has(role) && (passed === undefined || typeof passed === 'number')) {
        if (passed !== undefined) options[role] = passed;
        continue;
      }
      if (!was.labels && block.list === undefined) {
        float = replaced.has(role) ? (passed.data.BYTES_PER_ELEMENT === 8 ? 'f64' : 'f32') : dtype;
      }
      let values: readonly number[] = was.values;
      let dims = was.shape;
      const bare = ArrayBuffer.isView(passed) || passed === block.array;
      const length = lengths.get(role);
      if (length !== undefined) {
        values = length === 0 ? [] : Array.from(passed as Float32Array, Number).slice(0, length);
        dims = [length];
      } else if (!touched.has(role) || replaced.has(role)) {
        // as it was
      } else if (block.list !== undefined) {
        values = lists.get(role) ?? was.values;
        if (bare) dims = [values.length];
        if (stepping) values = block.list.slice(0, values.length);
      } else if (written.has(role)) {
        if (hooked.rewritten.has(role)) values = [...values].reverse();
      } else {
        const held = block.held();
        if (held !== undefined) values = Array.from(held, Number);
        if (dangles(role) && !same(values, dangling.get(role)!)) return undefined;
      }
      now[role] = { ...was, shape: dims, values: [...values] };
    }
    return expectedOf(c, { ...content, options, roles: now }, float, F.backend);
  };
  const compareNow = (got: Outcome, stepping: boolean): void => {
    const due = expectedNow(stepping);
    if (due !== undefined) compareOutcomes(got, due);
  };
  /** Runs f; undefined where it threw what it may throw. */
  const attempt = <R>(f: () => R, excuse: boolean): { result: R } | undefined => {
    try {
      return { result: f() };
    } catch (error) {
      if (error instanceof Sentinel) {
        if (c.hook?.action !== 'throw' && c.between?.action !== 'throw') violation('a sentinel from nowhere');
      } else {
        const code = (error as Any)?.code;
        if (!CODES.includes(code)) violation(`untyped: ${(error as Any)?.stack ?? error}`, error);
        const memory = code === 'ERR_MEMORY' && (c.left !== undefined || c.world === 'region');
        if (!excuse && !memory) violation(`a legal call was refused: ${(error as Error).message}`, error);
      }
      return undefined;
    }
  };

  const refused = roles.some((role) => dangles(role) || isDetached(role)) || lost().length > 0;
  const excuse = attacked || c.hook !== undefined || refused;
  const outcome = attempt(() => invoke(F, c, stage.given, stage.options), excuse);
  calling = false;
  if (outcome !== undefined) {
    const { result } = outcome;
    if (c.call === 'prepare' && !isHelper(c.name)) {
      step = result;
      if (must()) violation('prepare went through');
      if (lost().length > 0) violation(`prepare went through with ${lost()}`);
      runStep();
    } else {
      if (must()) violation(`went through: ${String(result)}`);
      if (lost().length > 0) violation(`went through with ${lost()}`);
      taken.push(...tensorsIn(result));
      compareNow(fromBlocks(readResult(c, content.options.wrt, result), outputs, blocks, lengths), false);
      checkUnchanged(old, blocks, touched, written);
    }
  } else checkUnchanged(old, blocks, touched, new Set());

  function runStep(): void {
    const wrt = content.options.wrt;
    const read = (): Outcome => fromBlocks(outcomeOf(wrt, step.value, step.grad), outputs, blocks, lengths);
    taken.push(...tensorsIn({ value: step.value, grad: step.grad }));
    const once = (again: boolean): boolean => {
      const ran = attempt(() => step(), again || excuse);
      if (ran === undefined) return false;
      compareNow(read(), true);
      return true;
    };
    const first = once(false);
    checkUnchanged(old, blocks, touched, first ? written : new Set());
    if (!first || inPlace || (c.between === undefined && c.memory === undefined)) return;
    const whole = roles.filter(
      (role) => !replaced.has(role) && !dangles(role) && !isEmpty(role, blocks, lengths),
    );
    happen('between');
    const middle = snapshot(blocks);
    if (c.between !== undefined) {
      fired = false;
      attempt(hook(c.between.action, c.between.on), true);
    }
    // a view goes with the tensor that it was taken from, whoever has the bytes now
    const gone = [...lost(), ...whole.filter((role) => blocks[role].at >= 0 && dangles(role))];
    const again = once(true);
    if (again && gone.length > 0) violation(`the step ran without ${gone}`);
    checkUnchanged(middle, blocks, touched, again ? written : new Set());
  }

  const missing = lost();
  if (![...written].some((role) => dangles(role) && !missing.includes(role)) && !victimsIntact(hooked))
    violation('a tensor that was made meanwhile was written to');
  if (!world.outsideIntact()) violation('bytes outside the region were written');
  step?.dispose();
  for (const tensor of taken) tensor.dispose();
  for (const { tensor } of hooked.victims) tensor.dispose();
  filler?.dispose();
  for (const block of Object.values(blocks)) block.free();
  if (books() !== before) violation(`leaked: ${before} became ${books()}`);
}
