/** u − log(1 + u): near 0, where a difference would have no digit of it, by the series of log(1 + u) in u/(2 + u). */
export const excess = (u: number, log = Math.log1p(u)): number => {
  if (!(u >= -0.25 && u <= 0.5)) return u - log;
  const s = u / (2 + u);
  const z = s * s;
  let series = 0;
  for (let k = 27; k >= 3; k -= 2) series = series * z + 1 / k;
  return s * (u - 2 * z * series);
};
