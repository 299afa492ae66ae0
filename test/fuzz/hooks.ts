// What a caller's getter may do while the library reads it.
import type { Tensor } from '../../src/index.ts';
import { Sentinel, type Stage } from './attacks.ts';
import { type Block, isWithin } from './blocks.ts';
import type { FuzzWorld } from './world.ts';

type Any = any;

export interface Hooked {
  readonly world: FuzzWorld;
  readonly stage: Stage;
  /** Roles whose bytes the hook itself has changed or taken away. */
  readonly touched: Set<string>;
  /** Roles whose elements the hook has changed. */
  readonly rewritten: Set<string>;
  /** Tensors made meanwhile: nothing may write to them. */
  readonly victims: { tensor: Tensor; byte: number }[];
}

// the slot itself: an attack may have changed the array's prototype
const { get: slot } = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'buffer',
) as { get: (this: unknown) => ArrayBuffer };

const bufferOf = (block: Block): ArrayBuffer | undefined =>
  ['plain', 'fixed in a resizable', 'resizable', 'subclass', 'realm'].includes(block.place)
    ? slot.call(block.array)
    : undefined;

const force = (F: FuzzWorld['F']): void => {
  const { capacity, bytesInUse, buffer } = F.memory;
  if (buffer === undefined || capacity > 2 ** 23) return;
  try {
    F.zeros([capacity - bytesInUse + 1], 'u8').dispose();
  } catch {
    // a region cannot grow
  }
};

type Action = (hooked: Hooked, role: string, block: Block) => void;

export const actions: Record<string, Action> = {
  throw: () => {
    throw new Sentinel('the caller’s own');
  },
  dispose: ({ touched }, role, block) => {
    if (!('dispose' in block.array)) return;
    touched.add(role);
    (block.array as Tensor).dispose();
  },
  detach: ({ touched }, role, block) => {
    const buffer = bufferOf(block);
    if (buffer === undefined || block.bytes() === undefined) return;
    touched.add(role);
    structuredClone(buffer, { transfer: [buffer] });
  },
  shrink: ({ touched }, role, block) => {
    if (!block.place.includes('resizable') || block.held() === undefined) return;
    touched.add(role);
    (bufferOf(block) as Any).resize(block.from);
  },
  extend: ({ touched }, role, block) => {
    if (!block.place.includes('resizable') || block.held() === undefined) return;
    touched.add(role);
    (bufferOf(block) as Any).resize(bufferOf(block)!.byteLength + 1024);
  },
  truncate: ({ touched }, role, block) => {
    if (block.list === undefined) return;
    touched.add(role);
    block.list.length = 0;
  },
  lengthen: ({ touched }, role, block) => {
    if (block.list === undefined) return;
    touched.add(role);
    for (let i = 0; i < 100; i++) block.list.push(1);
  },
  grow: ({ world }) => force(world.F),
  'grow the other': ({ world }) => force(world.G),
  'call again': ({ world: { F } }) => {
    try {
      const x = new Float32Array(30).fill(3);
      F.mse.grad(x, new Float32Array(30));
      F.crossEntropy.valueAndGrad({ data: x, shape: [10, 3] }, Uint8Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2, 0), {
        weight: Float32Array.of(1, 2, 3),
      });
      F.softmax({ data: x, shape: [3, 10] });
      F.scope(() => F.l1.prepare(F.zeros([40]), F.zeros([40]))());
    } catch (error) {
      if ((error as Any).code !== 'ERR_MEMORY') throw error;
    }
  },
  /** Other elements, as legal: the same in another order. Not the first of a list, which may be a getter. */
  rewrite: ({ stage, touched, rewritten }, role, block) => {
    const elements = block.list ?? block.held();
    if (elements === undefined || stage.replaced.has(role)) return;
    // bytes of nobody, or of somebody else
    if (block.at >= 0 && !isWithin(block, block.kept())) return;
    touched.add(role);
    rewritten.add(role);
    const from = block.list === undefined ? 0 : 1;
    const rest = Array.from({ length: Math.max(elements.length - from, 0) }, (_, i) => elements[from + i]);
    for (const [i, v] of rest.reverse().entries()) (elements as Any)[from + i] = v;
  },
  nothing: () => {},
};

/** Makes tensors that take the place of whatever was freed. */
export function takeFreed({ world: { F }, victims }: Hooked): void {
  for (let i = 0; i < 6; i++) {
    try {
      const tensor = F.zeros([64 * (1 + 5 * i)], 'u8');
      const byte = 0xc0 + i;
      tensor.data.fill(byte);
      victims.push({ tensor, byte });
    } catch {
      return;
    }
  }
}

export const victimsIntact = ({ victims }: Hooked): boolean =>
  victims.every(({ tensor, byte }) => tensor.data.every((b) => b === byte));

/** Where the caller's code runs. */
export const hookPoints = [
  'data',
  'shape',
  'stride',
  'offset',
  'element',
  'option',
  'out',
  'has',
  'keys',
] as const;
export type HookPoint = (typeof hookPoints)[number];

/** Lets `run` be called where the library reads this point; false where there is no such point. */
export function arm(stage: Stage, role: string, point: HookPoint, run: () => void): boolean {
  if (point === 'option' || point === 'keys' || point === 'has') {
    if (typeof stage.options !== 'object' || stage.options === null) return false;
    const names = Object.keys(stage.options);
    if (point === 'keys') {
      stage.options = new Proxy(stage.options, {
        ownKeys: (target) => {
          run();
          return Reflect.ownKeys(target);
        },
      });
      return true;
    }
    const name = point === 'has' ? 'out' : names[names.length - 1];
    if (name === undefined) return false;
    if (point === 'has') {
      if (!(name in stage.options) || stage.options.out === null || Object.isFrozen(stage.options))
        return false;
      const { out } = stage.options;
      if (typeof out !== 'object' || stage.replaced.size > 0 || ArrayBuffer.isView(out) || 'dispose' in out)
        return false;
      stage.options.out = new Proxy(out, {
        has: (target, key) => {
          run();
          return Reflect.has(target, key);
        },
      });
      return true;
    }
    const value = stage.options[name];
    const options = { ...stage.options };
    Object.defineProperty(options, name, {
      enumerable: true,
      get: () => {
        run();
        return value;
      },
    });
    stage.options = options;
    return true;
  }
  if (point === 'element') {
    const { list } = stage.blocks[role];
    if (list === undefined || list.length === 0) return false;
    const value = list[0];
    Object.defineProperty(list, 0, {
      configurable: true,
      enumerable: true,
      get: () => {
        run();
        return value;
      },
    });
    return true;
  }
  const block = stage.blocks[role];
  const { array } = block;
  const data = Array.isArray(array) || ArrayBuffer.isView(array) ? array : array.data;
  const object: Any = { data, shape: stage.shapes[role], stride: undefined, offset: 0 };
  const key = point === 'out' ? 'data' : point;
  const value = object[key];
  Object.defineProperty(object, key, {
    enumerable: true,
    get: () => {
      run();
      return value;
    },
  });
  stage.given[role] = object;
  return true;
}
