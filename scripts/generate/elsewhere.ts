/** Where a loss may be under another name. */
export const ELSEWHERE = { torch: 'PyTorch', keras: 'Keras', optax: 'optax', sklearn: 'sklearn' } as const;
