// Hinge embedding of a distance x and a label t of ±1, margin p0: x where t is not −1, and max(0, p0 − x) where it is not 1.

/** 0, and NaN where x or t is. */
export const none = (x: number, t: number) => (Number.isNaN(x) ? x : Number.isNaN(t) ? t : 0);

export const value = (x: number, t: number, none: number, p0: number) =>
  Number.isNaN(none) ? none : (t === -1 ? 0 : x) + (t === 1 || x > p0 ? 0 : p0 - x);

export const grad = (x: number, t: number, none: number, p0: number) =>
  Number.isNaN(none) ? none : Number(t !== -1) - Number(t !== 1 && x <= p0);

export const gradTarget = (none: number) => none;

export const hess = (none: number) => none;
