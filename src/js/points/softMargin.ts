// Soft margin: softplus(y), y = −t x of a label t of ±1. Gradient −t sigmoid(y), with respect to the label −x sigmoid(y).

export const y = (x: number, t: number) => -t * x;

/** e^−|y| */
export const e = (y: number) => Math.exp(-Math.abs(y));

export const linear = (y: number) => (y < 0 ? 0 : y);

/** Without a weight linear + log(1 + e). */
export const value = (e: number, linear: number) => linear + Math.log1p(e);

/** sigmoid(y) */
export const share = (y: number, e: number) => (y < 0 ? e : 1) / (1 + e);

export const grad = (t: number, share: number) => -t * share;

/** 0 where the share is, whatever x. */
export const gradTarget = (x: number, share: number) => (share === 0 ? 0 : -x * share);

export const hess = (t: number, e: number) => (t * t * (e / (1 + e))) / (1 + e);
