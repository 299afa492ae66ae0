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
export const read = (object: object, name: PropertyKey): unknown =>
  said(object, name, (object as Record<PropertyKey, unknown>)[name]);

/** A property that was read. */
export const said = (object: object, name: PropertyKey, value: unknown): unknown =>
  value !== undefined && isEverybodys(object, name) ? undefined : value;

/** Whether it is as a literal makes it, like nearly all. To be asked once: the engine takes 50 ns. */
export function isLiteral(object: object): boolean {
  try {
    return Object.getPrototypeOf(object) === Object.prototype;
  } catch {
    return false; // a revoked proxy
  }
}

const { hasOwnProperty: isOwn } = Object.prototype;

/** In a for-in loop: whether a property is nobody's word. V8 knows the first form there, and looks for nothing. */
export const isForeign = (object: object, name: string): boolean =>
  !isOwn.call(object, name) && isEverybodys(object, name);

/**
 * An object of which a for-in loop tells all that it says: in others it sees no accessors of classes, but what is on the
 * Object.prototype of another realm.
 */
export function plain(object: object, known: readonly string[]): Record<string, unknown> {
  if (isLiteral(object)) return object as Record<string, unknown>;
  const own = Object.create(null);
  const take = (name: string): void => {
    if (!(name in own) && has(object, name)) own[name] = (object as Record<string, unknown>)[name];
  };
  for (const name in object) take(name);
  known.forEach(take);
  return own;
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
export const bare = <T extends object>(record: T): T => ({ __proto__: null, ...record });

/** A function with the name that users know it by, which minifying would take away. */
export const named = <F extends object>(name: string, value: F): F =>
  Object.defineProperty(value, 'name', bare({ value: name }));
