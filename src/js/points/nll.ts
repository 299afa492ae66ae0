// Negative log likelihood of log-probabilities: a class costs −x.

export const cost = (x: number) => -x;

export const slope = () => -1;
