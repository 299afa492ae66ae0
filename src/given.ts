// What callers' objects say: by their own properties and those of their classes. What another script has put on
// Object.prototype is nobody's word, and neither is that of another realm (an iframe, a vm context).

/** Whether it is an Object.prototype, of whichever realm. */
const isRoot = (object: object): boolean =>
  object === Object.prototype ||
  (Object.getPrototypeOf(object) === null && Object.hasOwn(object, 'isPrototypeOf'));

/** Whether an object has a property from Object.prototype alone. */
export function isEverybodys(object: object, name: PropertyKey): boolean {
  for (let at = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, name)) return at !== object && isRoot(at);
  }
  return false;
}

/** Whether an object has a property. */
export const has = (object: object, name: PropertyKey): boolean =>
  name in object && !isEverybodys(object, name);

/** A property of an object; undefined where it has none. */
export function read(object: object, name: PropertyKey): unknown {
  const value = (object as Record<PropertyKey, unknown>)[name];
  return value !== undefined && isEverybodys(object, name) ? undefined : value;
}

/** The kind that a platform's object is of, of whichever realm: 'WebAssembly.Memory', 'URL'. */
export function kindOf(value: unknown): string {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    return ''; // a revoked proxy
  }
}

/** A record that has what it has, also for a platform that reads it: of a descriptor with a `get` it would take a `value`, too. */
export const bare = <T extends object>(record: T): T => Object.assign(Object.create(null), record);
