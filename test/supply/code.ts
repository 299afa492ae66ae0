// Published and bundled code as text.
import { readFileSync } from 'node:fs';

/** A file's text, in which strings go on where their lines end. */
export const codeOf = (path: URL | string): string => readFileSync(path, 'utf8').replaceAll('\\\n', '');
