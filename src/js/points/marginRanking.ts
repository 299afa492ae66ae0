// Margin ranking: max(0, z), z = p0 − q (x − t) with a label q of ±1; the gradients of z count where it is at least 0.

export const z = (x: number, t: number, q: number, p0: number) => p0 - q * (x - t);

export const value = (z: number) => (z < 0 ? 0 : z);

export const grad = (q: number, z: number) => (z >= 0 ? -q : z < 0 ? 0 : z);

export const gradTarget = (q: number, z: number) => (z >= 0 ? q : z < 0 ? 0 : z);

export const gradThird = (x: number, t: number, z: number) => (z >= 0 ? t - x : z < 0 ? 0 : z);

export const hess = (z: number) => (Number.isNaN(z) ? z : 0);
