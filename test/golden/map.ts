import type { Case } from './case.ts';
import { mapKeras } from './maps/keras.ts';
import { mapLiger } from './maps/liger.ts';
import { mapOptax } from './maps/optax.ts';
import { mapSklearn } from './maps/sklearn.ts';
import { mapTfjs } from './maps/tfjs.ts';
import { mapTorch } from './maps/torch.ts';
import { mapXgboost } from './maps/xgboost.ts';
import type { NotApplicable, Plan } from './plan.ts';

const maps: Record<string, (c: Case) => Plan | NotApplicable> = {
  torch: mapTorch,
  optax: mapOptax,
  keras: mapKeras,
  tfjs: mapTfjs,
  sklearn: mapSklearn,
  xgboost: mapXgboost,
  liger: mapLiger,
};

/** How a case is run against the public interface, or why it cannot be. */
export function mapCase(c: Case): Plan | NotApplicable {
  const suite = c.source.suite.split('-')[0];
  if (!(suite in maps)) throw new Error(`${c.id}: no map for the suite "${c.source.suite}"`);
  return maps[suite](c);
}

export const isPlan = (mapped: Plan | NotApplicable): mapped is Plan => !('notApplicable' in mapped);
