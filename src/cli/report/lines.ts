/** Columns of a terminal. */
export const WIDTH = 80;

/** A heading and words behind it, with commas, in lines of at most 80 columns. */
export function inLines(heading: string, words: readonly string[], indent = '  '): string {
  const lines = [heading];
  words.forEach((word, i) => {
    const text = i === words.length - 1 ? word : `${word},`;
    const longer = `${lines[lines.length - 1]} ${text}`;
    if (longer.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(indent + text);
  });
  return lines.join('\n');
}
