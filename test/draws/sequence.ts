import { integer, type Random } from '../random.ts';
import { isTensor, type Tensor } from '../reference/tensor.ts';
import { type Draw, filled, pick } from './draw.ts';

const few = (r: Random): number => pick(r, [1, 1, 2, 3, 4]);

export const sequence: Draw = {
  shape(r) {
    const frames = r() < 0.05 ? 0 : r() < 0.2 ? integer(r, 40) : 1 + integer(r, 9);
    const classes = pick(r, [1, 2, 2, 3, 4, 5, 9]);
    if (r() < 0.3) return [frames, classes];
    return [frames, r() < 0.03 ? 0 : few(r), classes];
  },

  long: [
    [70, 33, 9],
    [40, 5, 131],
    [120, 4],
  ],

  large: [40, 70, 131],

  options(_, shape, given, r) {
    const classes = shape.at(-1);
    if ((shape.length !== 2 && shape.length !== 3) || classes === 0) return undefined;
    return r() < 0.5 ? given : { ...given, blank: integer(r, Math.min(classes!, 2 ** 31)) };
  },

  /** Labels from none up to more than there are frames, of which every length has some. */
  inputs(_, shape, { blank = 0, sampleWeight }, { r, range: [low, high], isWithinReach }) {
    const isBatch = shape.length === 3;
    const [frames] = shape;
    const classes = shape.at(-1)!;
    const terms = isBatch ? [shape[1]] : [];
    const sequences = isBatch ? shape[1] : 1;
    const others = Array.from({ length: Math.min(classes, high + 1) }, (_, c) => c).filter(
      (c) => c !== blank,
    );
    // with a blank between any two, half as many as there are frames find room
    const room = isWithinReach ? Math.floor((frames + 1) / 2) : Math.min(frames, 12) + 2;
    const most = Math.min(others.length === 0 ? 0 : integer(r, room + 1), high);
    const lengths = (top: number): Tensor =>
      filled(terms, () =>
        r() < 0.5 || isWithinReach ? Math.min(top, high) : integer(r, Math.min(top, high) + 1),
      );
    const third = lengths(frames);
    const isPadded = !isBatch || r() < 0.5;
    const width = isPadded ? most + integer(r, 3) : 0;
    const fourth = lengths(most);
    // one label again and again takes a blank between them
    const one = pick(r, [...others, -1]);
    const label = () => (one >= 0 && r() < 0.4 ? one : pick(r, others));
    // what no length reaches, and labels of sequences that do not count, may be anything
    const anything = () => Math.floor(low + (high - low) * r());
    const weights = isTensor(sampleWeight) ? sampleWeight.data : undefined;
    const labels = (n: number): number[] => {
      const count = Number(fourth.data[n]);
      const isRead = weights?.[n] !== 0;
      return Array.from({ length: isPadded ? width : count }, (_, k) =>
        isRead && k < count ? label() : anything(),
      );
    };
    const data = Array.from({ length: sequences }, (_, n) => labels(n)).flat();
    const all = isPadded ? [...terms, width] : [data.length];
    return {
      target: { data, shape: all },
      third,
      fourth,
      integers: ['target', 'third', 'fourth'],
      terms,
      classes,
    };
  },
};
