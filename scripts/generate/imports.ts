/** The imports of a generated file. */
export class Imports {
  readonly #names = new Map<string, Set<string>>();

  /** Returns the name. */
  use(file: string, name: string): string {
    this.#names.set(file, (this.#names.get(file) ?? new Set()).add(name));
    return name;
  }

  /** Lines in the order of first use. */
  toString(): string {
    return [...this.#names]
      .map(([file, names]) => {
        const list = [...names].sort().join(', ');
        return `import ${list.startsWith('*') ? list : `{ ${list} }`} from '${file}';`;
      })
      .join('\n');
  }

  /** The same by the files' names. */
  sorted(): Imports {
    const sorted = new Imports();
    for (const file of [...this.#names.keys()].sort()) sorted.#names.set(file, this.#names.get(file)!);
    return sorted;
  }
}
