const OF_ELEMENTS = ['any', 'sum', 'grad', 'sumgrad', 'terms', 'softplus', 'product', 'map'] as const;
const OF_ROWS = ['few', 'rows', 'lanes', 'pick'] as const;
const IN_STEPS = ['project', 'allPairs'] as const;
const OF_CALLS = ['sequences', ...IN_STEPS, 'overlaps'] as const;
export const LOOPS = [...OF_ELEMENTS, ...OF_ROWS, ...OF_CALLS];

/**
 * How a kernel goes through its data; each is a template in assembly/loops.
 *
 * | loop | for |
 * |---|---|
 * | any | elements, everything by run-time flags |
 * | sum, grad, sumgrad | elements without weights, specialised: cheap formulas only |
 * | terms | sums of elements without weights in f32, with their gradient or not: costly formulas |
 * | softplus | the same for losses with one log(1 + e) an element |
 * | product | the same in f32 for losses that are −log of a probability where the target is 0 or 1 |
 * | few | two or three classes coupled by softmax, contiguous, with labels and without class weights |
 * | rows | classes coupled by softmax, or features, contiguous and many |
 * | lanes | more classes that are still few, few features, or a strided axis |
 * | pick | index targets of losses that read only the target's class |
 * | sequences | sequences of rows, each in one go |
 * | map | functions of one number, which are no losses |
 * | project | rows whose logits are a product with weights, in steps |
 * | allPairs | rows that are compared with each other, in steps |
 * | overlaps | sets of positions, in steps: sums, then gradients |
 */
export type Loop = (typeof LOOPS)[number];

/** The loop of an export: "crossEntropy_rows_f32" has "rows". */
export const loopOf = (name: string): string => name.split('_')[1];

/** Whether a loop's units are elements, or rows; undefined: it is no loop, or knows whole calls alone. */
export const isOfElements = (loop: string): boolean | undefined =>
  OF_ELEMENTS.includes(loop as never) || (OF_ROWS.includes(loop as never) ? false : undefined);

/** Whether its calls are made of steps, on a space that all threads share. */
export const isInSteps = (loop: string): boolean => IN_STEPS.includes(loop as never);

/** The export that adds up what the parts of a call leave. */
export const adderOf = <D extends string>(ofElements: boolean | undefined, dtype: D) =>
  `${ofElements ? 'addBlocks' : 'addRows'}_${dtype}` as const;
