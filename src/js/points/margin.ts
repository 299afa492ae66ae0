// What hinge losses have in common: a label y = p1 t − p3 of ±1, and what is missing to the margin p0.

export const y = (t: number, p1: number, p3: number) => p1 * t - p3;

/** Below 0 where nothing is missing. */
export const z = (x: number, y: number, p0: number) => p0 - y * x;
