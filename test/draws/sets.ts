import { integer } from '../random.ts';
import { type Draw, filled, pick, product } from './draw.ts';

const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

export const sets: Draw = {
  shape(r) {
    const shape = Array.from({ length: 1 + integer(r, 4) }, () =>
      r() < 0.02 ? 0 : pick(r, [1, 2, 2, 3, 5]),
    );
    if (r() < 0.2) shape[integer(r, shape.length)] = integer(r, 40);
    while (product(shape) > 160) shape[shape.indexOf(Math.max(...shape))] >>= 1;
    return shape;
  },

  long: [
    [2, 4100, 3],
    [3, 72, 50],
    [2, 35, 120],
  ],

  large: [2, 45_001, 5],

  options(_, shape, given, r, factor) {
    if (shape.length === 0) return undefined;
    const options = { ...given };
    options.fromLogits ??= pick(r, ['softmax', 'sigmoid', false]);
    const axis = r() < 0.5 ? shape.length - 1 : integer(r, shape.length);
    if (axis < shape.length - 1 || r() < 0.3) options.axis = r() < 0.5 ? axis : axis - shape.length;
    const classes = shape[axis];
    if (classes === 0 && product(shape.filter((_, k) => k !== axis)) > 0) return undefined;
    // there have to be terms, and a class beside the background
    if (classes < 2) delete options.ignoreBackground;
    const kind = r();
    if (kind < 0.3) options.classWeight = filled([classes], () => factor('classWeight'));
    else if (kind < 0.5) options.classWeight = 'generalized';
    return options;
  },

  inputs(_, shape, { axis = -1, ignoreBackground = false }, { r, target, range: [, high] }) {
    const at = axisOf(axis, shape.length);
    const classes = shape[at];
    const rows = shape.filter((_, k) => k !== at);
    const count = classes - Number(ignoreBackground);
    const terms = at === 0 ? [count] : [shape[0], count];
    const label = () => integer(r, Math.min(classes, high + 1));
    if (r() < 0.4) return { target: filled(rows, label), integers: ['target'], terms, classes };
    return { target: filled(shape, target), integers: [], terms, classes };
  },
};
