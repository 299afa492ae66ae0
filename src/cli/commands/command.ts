/** What `simdloss <name>` does. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What --help says; examples begin with `$ simdloss`. */
  readonly usage: () => string;
  /** The exit code. */
  readonly run: (args: readonly string[]) => number | Promise<number>;
}
