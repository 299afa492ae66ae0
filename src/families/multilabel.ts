// Losses whose terms are rows of classes, the last axis, of which any number may be right at once.
import { FLAGS } from '../abi.ts';
import { bytesOf, isFloat } from '../dtypes.ts';
import { expected } from '../errors.ts';
import { commonDtype, expectShape } from '../memory/operand.ts';
import type { Family } from './family.ts';
import { checkEmpty } from './features.ts';

export const multilabel: Family = {
  name: 'multilabel',
  // a row, or the operands of a vector, are read before its derivatives are written
  inPlace: { value: false, grad: true, hess: true },

  fit({ call, layout, inputs: [input, target], reads }, inputs) {
    const isSet = inputs[1].holds === 'indices';
    layout.set(input, -1, !isSet);
    checkEmpty(layout, input, 'class');
    target.isIndex = isSet;
    expectShape(target, input.shape, ` as "${input.name}" has`);
    if (isSet && target.dtype !== undefined && isFloat(target.dtype))
      expected('ERR_DTYPE', target.name, 'class indices of an integer type', target.dtype);
    call.dtype = commonDtype(reads);
    call.outer = layout.outer;
    call.classes = layout.classes;
    call.inner = layout.inner;
    call.ignoreIndex = -1;
    // as assembly/loops/labelSets.ts cuts it up: three rows of whole vectors, and two of u32
    call.room = isSet ? 3 * (layout.classes * bytesOf(call.dtype) + 16) + 8 * layout.classes : 0;
    call.flags = isSet ? FLAGS.INDEX | FLAGS.EVERY_ROW | FLAGS.SETS : 0;
    return layout.rowsOf(input.shape);
  },

  loop: (loops) => (loops.rows ?? loops.lanes)!,
};
