// Squared hinge: max(0, z)² of what is missing to the margin, gradient −2 y z where that is above 0.

export { y, z } from './margin.ts';

export const value = (z: number) => (z < 0 ? 0 : z * z);

export const grad = (y: number, z: number) => (z > 0 ? -2 * y * z : z <= 0 ? 0 : z);

export const gradTarget = (x: number, z: number, p1: number) => (z > 0 ? -2 * p1 * x * z : z <= 0 ? 0 : z);

export const hess = (y: number, z: number) => (z > 0 ? 2 * y * y : z <= 0 ? 0 : z);

/** hessian 'one' */
export const secant = (z: number) => (Number.isNaN(z) ? z : Number(z > 0));
