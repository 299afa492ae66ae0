// Hinge: max(0, z) of what is missing to the margin, gradient −y where that is above 0.

export { y, z } from './margin.ts';

export const value = (z: number) => (z < 0 ? 0 : z);

export const grad = (y: number, z: number) => (z > 0 ? -y : z <= 0 ? 0 : z);

export const gradTarget = (x: number, z: number, p1: number) => (z > 0 ? -p1 * x : z <= 0 ? 0 : z);

export const hess = (z: number) => (Number.isNaN(z) ? z : 0);

/** hessian 'one' */
export const secant = (z: number) => (Number.isNaN(z) ? z : Number(z > 0));
