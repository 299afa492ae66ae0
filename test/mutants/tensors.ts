import type { Inputs } from '../losses/inputs.ts';

type Any = any;

/** The same inputs as tensors of F: what a call works on in place, where ordinary arrays would be staged. */
export function asTensors(F: Any, { input, target, options }: Inputs): { x: Any; t: Any; own: Any } {
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    const isArray = typeof value === 'object' && value !== null && 'data' in value;
    own[name] = isArray ? F.tensor((value as Any).data, (value as Any).shape) : value;
  }
  return { x: F.tensor(input.data, input.shape), t: F.tensor(target.data, target.shape), own };
}
