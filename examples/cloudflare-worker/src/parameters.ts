import { refuse } from './refusal.ts';

/** The options of the loss that a request may choose. */
export interface Options {
  labelSmoothing?: number;
  ignoreIndex?: number;
}

export interface Parameters {
  /** [rows, classes]; of a JSON body the arrays tell. */
  readonly shape: readonly [number, number] | undefined;
  readonly options: Options;
}

const known = ['shape', 'labelSmoothing', 'ignoreIndex'];

/** What stands in the query; whether an option's value makes sense is the library's to say. */
export function parametersOf(query: URLSearchParams): Parameters {
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      refuse(400, 'ERR_PARAMETER', `unknown parameter "${name.slice(0, 40)}": known are ${known.join(', ')}`);
    }
    if (query.getAll(name).length > 1) refuse(400, 'ERR_PARAMETER', `"${name}" is given more than once`);
  }
  const options: Options = {};
  for (const name of ['labelSmoothing', 'ignoreIndex'] as const) {
    const text = query.get(name);
    // Number('') is 0
    if (text !== null) options[name] = text.trim() === '' ? Number.NaN : Number(text);
  }
  const text = query.get('shape');
  if (text === null) return { shape: undefined, options };
  const sizes = /^([1-9]\d{0,8}),([1-9]\d{0,8})$/.exec(text);
  if (sizes === null) {
    refuse(400, 'ERR_PARAMETER', `"shape" expected rows and classes, as 4,3, got "${text.slice(0, 40)}"`);
  }
  return { shape: [Number(sizes[1]), Number(sizes[2])], options };
}
