// Losses of rows of classes whose logits are a product of the input's rows and weights, and never there all at once.
import { FLAGS, IN1, IN2, WEIGHT } from '../abi.ts';
import { bytesOf, isFloat } from '../dtypes.ts';
import { expected, showShape } from '../errors.ts';
import type { FloatInput, MaskInput } from '../memory/inputs.ts';
import { commonDtype, type Operand } from '../memory/operand.ts';
import { gotShape, sameShape } from '../memory/shape.ts';
import { ANY_NUMBER, UNIT } from '../options/interval.ts';
import { operand } from '../options/specs.ts';
import { chunkRowsOption, projectionBytes, rowsAtOnce } from './chunk.ts';
import { ignoreIndexOption } from './classes.ts';
import type { Family, Input } from './family.ts';

export interface ProjectionOptions {
  /** What is added to the logits, [classes]; it may have a gradient: `wrt` names it. */
  linearBias?: FloatInput | undefined;
  /** Weight of each class, [classes]; the mean of index targets divides by the sum of the targets' weights. */
  weight?: MaskInput | undefined;
  /** Rows with this label are not read and not counted; may be a class or outside the classes. Default −100. */
  ignoreIndex?: number | undefined;
  /** How many rows have their logits in memory at once: 'auto' (default, 8 MB of them, at least 48 rows) or a number up to 1024. */
  chunkRows?: number | 'auto' | undefined;
}

const ofClasses = { shape: 'classes', interval: ANY_NUMBER } as const;

export const projectionOptions = () => ({
  linearBias: operand('an array [classes]', { slot: 'own', gradient: true, ...ofClasses }),
  weight: operand('an array [classes]', { slot: WEIGHT, isMask: true, ...ofClasses }),
  ignoreIndex: ignoreIndexOption(),
  chunkRows: chunkRowsOption,
});

const domain = () => ANY_NUMBER;

/** Rows, the weights that make logits of them, and class indices or probabilities. */
export const projectionInputs: readonly Input[] = [
  { name: 'input', holds: 'numbers', shape: 'first', gradient: true, domain },
  { name: 'linearWeight', holds: 'numbers', shape: 'weights', gradient: true, slot: IN2, domain },
  { name: 'target', holds: 'either', shape: 'terms', gradient: false, slot: IN1, domain: () => UNIT },
];

export const projection: Family = {
  name: 'projection',
  inPlace: { value: false, grad: 'first', hess: false },

  fit({ call, layout, inputs: [input, weight, target], reads, options }) {
    const { shape } = input;
    layout.set(input, -1, true);
    const features = shape[shape.length - 1];
    if (features === 0)
      expected('ERR_SHAPE', input.name, 'at least one feature', `shape ${showShape(shape)}`);
    const [classes] = weight.shape;
    if (weight.shape.length !== 2 || weight.shape[1] !== features)
      expected('ERR_SHAPE', weight.name, `shape [classes, ${features}]`, `shape ${showShape(weight.shape)}`);
    if (classes === 0)
      expected('ERR_SHAPE', weight.name, 'at least one class', `shape ${showShape(weight.shape)}`);
    layout.length = classes;
    const rows = layout.rowsOf(shape);
    target.isIndex = isIndexTarget(target, rows, classes);
    call.dtype = commonDtype(reads);
    call.outer = layout.outer;
    call.classes = classes;
    call.inner = 1;
    call.features = features;
    call.ignoreIndex = options.values.ignoreIndex!;
    call.flags = target.isIndex ? FLAGS.INDEX : FLAGS.SOFT;
    call.chunk = rowsAtOnce(call, options.values.chunkRows!);
    call.room = projectionBytes(bytesOf(call.dtype), call.outer, classes, features, call.chunk);
    return rows;
  },

  loop: (loops) => loops.project!,
};

/** Index or probability target is told by shape. */
function isIndexTarget(t: Operand, rows: readonly number[], classes: number): boolean {
  const probabilities = [...rows, classes];
  const isIndex = sameShape(t.shape, rows);
  if (!isIndex && !sameShape(t.shape, probabilities))
    expected(
      'ERR_SHAPE',
      t.name,
      `shape ${showShape(rows)} (class indices) or ${showShape(probabilities)} (probabilities)`,
      gotShape(t.shape, rows),
    );
  if (t.dtype !== undefined && isFloat(t.dtype) === isIndex) {
    const wanted = isIndex
      ? 'class indices of an integer type'
      : 'f32 or f64 (probabilities, because of its shape)';
    expected('ERR_DTYPE', t.name, wanted, t.dtype);
  }
  return isIndex;
}
