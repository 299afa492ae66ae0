// Stirling's approximation of log t!: t log t − t + ½ log 2πt where t > 1, else 0.

export const stirling = (t: number) => (t > 1 ? t * (Math.log(t) - 1) + 0.5 * Math.log(2 * Math.PI * t) : 0);

/** Its derivative. */
export const stirlingSlope = (t: number) => (t > 1 ? Math.log(t) + 0.5 / t : 0);
