/** e^x v, 0 where e^x is; NaN where t is. A subnormal e^x has few digits: it comes as two factors, v in between. */
export const timesExp = (x: number, t: number, v: number): number => {
  const root = Math.exp(x / 2);
  if (root === 0 && !Number.isNaN(t)) return 0;
  return root * root > 1e-300 ? Math.exp(x) * v : root * v * root;
};
