// What the random cases of each loss are drawn from.
import { integer, type Random } from '../random.ts';
import type { Options } from '../reference/index.ts';
import type { LossName } from '../rows/row.ts';

/** A loss's own options. Those that make a gradient jump are such that f32 and f64 jump at the same place. */
export function optionsOf(loss: LossName, r: Random, round: (x: number) => number): Options {
  const options: Options = {};
  const eps = () => 2 ** -(2 + integer(r, 12));
  if (loss === 'huber' && r() < 0.6) options.delta = round(0.05 + 2 * r());
  if (loss === 'smoothL1' && r() < 0.6) options.beta = r() < 0.1 ? 0 : round(0.05 + 2 * r());
  if (loss === 'klDiv' && r() < 0.5) options.logTarget = true;
  if (loss === 'bce' && r() < 0.5) {
    options.eps = eps();
    if (r() < 0.5) options.epsMode = 'add';
  }
  if (loss === 'crossEntropy') {
    if (r() < 0.3) options.labelSmoothing = r() < 0.1 ? 1 : r();
    if (r() < 0.25) {
      options.fromLogits = false;
      if (r() < 0.6) options.eps = eps();
      if (r() < 0.5) options.epsMode = 'add';
    }
  }
  return options;
}

/** How an element of the input and one of the target is drawn. */
export function elementsOf(
  loss: LossName,
  { fromLogits, logTarget }: Options,
  r: Random,
): { draw: () => number; drawTarget: () => number } {
  const unit = () => r();
  const wide = (scale: number) => () => scale * (2 * r() - 1);
  switch (loss) {
    case 'bce':
      return {
        draw: () => (r() < 0.04 ? integer(r, 2) : r() < 0.1 ? r() * 1e-6 : r()),
        drawTarget: () => (r() < 0.4 ? integer(r, 2) : r()),
      };
    case 'bceWithLogits':
      return { draw: wide(r() < 0.3 ? 60 : 6), drawTarget: () => (r() < 0.4 ? integer(r, 2) : r()) };
    case 'crossEntropy':
      if (fromLogits === false) return { draw: () => 0.01 + 0.98 * r(), drawTarget: unit };
      return { draw: wide(r() < 0.3 ? 30 : 4), drawTarget: () => (r() < 0.2 ? 0 : r()) };
    case 'nll':
      return { draw: () => -20 * r(), drawTarget: unit };
    case 'klDiv':
      return {
        draw: () => -20 * r(),
        drawTarget: logTarget ? () => -20 * r() : () => (r() < 0.1 ? 0 : r() * r()),
      };
    default: {
      const scale = r() < 0.2 ? 1e3 : 3;
      return { draw: wide(scale), drawTarget: wide(scale) };
    }
  }
}
