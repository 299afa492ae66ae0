// What binaryen may inline. Left to itself it copies whatever is called once or is small to where it is called, which made the module 5 kB
// larger gzipped and nothing faster: most of it runs once a call, a block or a row. Here it inlines these functions alone, which run once
// an element or a few rows, or are hardly more than the call of them; @inline, which asc reads, is for methods. A transform of asc's.
import binaryen from 'assemblyscript/binaryen';

const INLINED = [
  'call/Call.divisor',
  'call/Call.into',
  'loops/classes/LABEL',
  'loops/classes/TARGET_AT',
  'loops/column/LABEL',
  'loops/column/PICK_LANES',
  'loops/column/setColumn',
  'loops/cursor/addBlock',
  'loops/cursor/bodyBytes',
  'loops/cursor/takesPlace',
  'loops/features/GRAD',
  'loops/features/OF_ROWS',
  'loops/features/Sums.total',
  'loops/hardRow/TIES',
  'loops/overlaps/KEPT',
  'loops/overlaps/UNIT_AT',
  'loops/rivalColumn/SECOND',
  'loops/row/Terms.keep',
  'loops/row/begin',
  'loops/tile/TRANSPOSE_IN',
  'loops/tile/TRANSPOSE_OUT',
  'reduce/tree/Tree.push',
];

/**
 * `assembly/loops/classes/LABEL<f32>` is `loops/classes/LABEL`.
 * @param {string} name
 */
const nameOf = (name) => name.replace(/^assembly\//, '').replace(/<.*/, '');

export default class {
  /** @param {ReturnType<typeof binaryen.readBinary>} module */
  afterCompile(module) {
    const names = Array.from(
      { length: module.getNumFunctions() },
      (_, i) => binaryen.getFunctionInfo(module.getFunctionByIndex(i)).name,
    );
    const unknown = INLINED.filter((inlined) => !names.some((name) => nameOf(name) === inlined));
    if (unknown.length > 0)
      throw new Error(`scripts/inlining.js names functions that are not there: ${unknown}`);
    const inlined = new Set(INLINED);
    for (const name of names) {
      if (inlined.has(nameOf(name))) continue;
      binaryen.setPassArgument('no-inline', name);
      module.runPasses(['no-inline']);
    }
  }
}
