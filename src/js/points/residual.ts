// What losses of a distance have in common.

export const d = (x: number, t: number) => x - t;
