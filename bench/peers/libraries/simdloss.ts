import type { Descriptor } from '../../../src/losses/descriptor.ts';
import { registry } from '../../../src/losses/registry.ts';
import { inProcess, inputsOf, type Peer, type Problem, wantedOf } from '../peer.ts';
import { type LoadOptions, load, type Tensor } from '../simdloss.ts';

interface Step {
  (): number;
  dispose(): void;
}
type Prepare = (...inputsAndOptions: (Tensor | object)[]) => Step;

/** A prepared step that writes its gradients to `out`; undefined where what is asked for is not there. */
export async function simdloss(problem: Problem, options: LoadOptions): Promise<Peer | undefined> {
  const F = await loadIfSupported(options);
  if (F === undefined) return undefined;
  const { math = 'deterministic', threads = 1 } = options;
  if (F.math !== math || F.threads !== threads) {
    F.dispose();
    return undefined;
  }
  const { loss } = problem;
  const inputs = inputsOf(problem);
  const tensors = inputs.map(({ data, shape }) => F.tensor(data, shape));
  const wanted = wantedOf(problem);
  const grads = wanted.map((i) => F.zeros(inputs[i].shape));
  const names = wanted.map((i) => (registry[loss] as Descriptor).inputs[i].name);
  // one has no name: it is asked for as most call it
  const named = Object.fromEntries(names.map((name, i) => [name, grads[i]]));
  const out = names.length === 1 ? grads[0] : { grad: named };
  const wrt = names.length === 1 ? names[0] : names;
  const step = (F[loss].prepare as unknown as Prepare)(...tensors, { wrt, out });
  return inProcess(
    step,
    () => {
      for (const { data } of grads) data.fill(Number.NaN);
      const value = step();
      return { value, grad: joined(grads.map(({ data }) => data as Float32Array)) };
    },
    () => F.dispose(),
  );
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((n, { length }) => n + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function loadIfSupported(options: LoadOptions) {
  try {
    return await load(options);
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_UNSUPPORTED') return undefined;
    throw error;
  }
}
