// One call of each kind, and what load() refuses: plain JavaScript for any host, as JSON-like values.

/**
 * @param {() => unknown} attempt
 * @returns {Promise<any>} what it returns, or what is known of its error
 */
export async function tried(attempt) {
  try {
    return await attempt();
  } catch (error) {
    const { code, message, cause } = /** @type {any} */ (error);
    return { code, message, hasCause: cause !== undefined };
  }
}

/** What an instance says: a call of each kind. @param {any} F */
export function callsOf(F) {
  const x = { data: Float32Array.of(1, -2, 3, 0.5, 0.25, -1), shape: [2, 3] };
  const t = { data: Float32Array.of(0, 1, 0, 1, 0.5, 0.25), shape: [2, 3] };
  const { value, grad } = F.crossEntropy.valueAndGrad(x, Int32Array.of(2, 0), { labelSmoothing: 0.1 });
  const { grad: g, hess } = F.bceWithLogits.gradAndHess(x, t);
  const kept = F.scope(() => F.tensor(x.data, [6]));
  const step = F.mse.prepare(kept, F.zeros([6]), { compute: 'valueAndGrad' });
  const said = [
    F.backend,
    F.mse(x, t),
    [...F.l1.grad(x, t).data],
    value,
    [...grad.data],
    [...g.data, ...hess.data],
    step(),
    [...step.grad.data],
    [...F.softmax(x).data],
    [...F.softmax.grad(x, t).data],
    [...F.exp(x).data],
    F.memory.liveTensors,
  ];
  F.dispose();
  return said;
}
