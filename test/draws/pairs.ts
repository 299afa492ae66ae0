import { integer } from '../random.ts';
import type { LossName } from '../rows/row.ts';
import { type Draw, filled, pick } from './draw.ts';

const isOfLabels = (loss: LossName): boolean => loss === 'ntxent';

export const pairs: Draw = {
  shape(r) {
    const rows = r() < 0.04 ? 0 : r() < 0.1 ? 1 + integer(r, 30) : 1 + integer(r, 6);
    return [rows, pick(r, r() < 0.1 ? [17, 33, 131] : [1, 1, 2, 3, 4, 5])];
  },

  long: [
    [16, 8],
    [137, 5],
    [33, 131],
  ],

  large: [80, 4003],

  options(loss, shape, given, r, factor) {
    if (shape.length !== 2 || shape[1] === 0) return undefined;
    const options = { ...given };
    if (r() < 0.4) options.chunkRows = pick(r, ['auto', 1, 2, 5, 48]);
    if (isOfLabels(loss) || r() < 0.4) return options;
    const scale = factor('logitScale');
    options.logitScale = r() < 0.5 ? scale : { data: [scale], shape: pick(r, [[1], [], [1, 1]]) };
    return options;
  },

  inputs(loss, shape, { symmetric }, { r, target, range: [low, high] }) {
    const [rows, features] = shape;
    if (isOfLabels(loss)) {
      // compared with each other, whatever they are
      const first = Math.floor(low + (high - low - 3) * r());
      const label = () => first + integer(r, 3);
      return { target: filled([rows], label), integers: ['target'], terms: [rows], classes: rows };
    }
    const more = symmetric === false && r() < 0.5 ? integer(r, 5) : 0;
    return { target: filled([rows + more, features], target), integers: [], terms: [rows], classes: rows };
  },
};
