import { inProcess, type Peer, type Problem } from '../peer.ts';
import { type LoadOptions, load, type Tensor } from '../simdloss.ts';

interface Step {
  (): number;
  dispose(): void;
}
type Prepare = (input: Tensor, target: Tensor, options: object) => Step;

/** A prepared step that writes its gradient to `out`; undefined where what is asked for is not there. */
export async function simdloss(
  { loss, shape, input, target }: Problem,
  options: LoadOptions,
): Promise<Peer | undefined> {
  const F = await loadIfSupported(options);
  if (F === undefined) return undefined;
  const { math = 'deterministic', threads = 1 } = options;
  if (F.math !== math || F.threads !== threads) {
    F.dispose();
    return undefined;
  }
  const x = F.tensor(input, shape);
  const t = F.tensor(target, loss === 'crossEntropy' ? [shape[0], ...shape.slice(2)] : shape);
  const out = F.zeros(shape);
  const step = (F[loss].prepare as unknown as Prepare)(x, t, { out });
  return inProcess(
    step,
    () => {
      out.data.fill(Number.NaN);
      return { value: step(), grad: Float32Array.from(out.data) };
    },
    () => F.dispose(),
  );
}

async function loadIfSupported(options: LoadOptions) {
  try {
    return await load(options);
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_UNSUPPORTED') return undefined;
    throw error;
  }
}
