// How a command ends that cannot do what it was asked for.

/** Asked for in a way that cannot be answered: exit code 2. */
export class UsageError extends Error {}

/** What was read is not what it should be, or a limit is exceeded: exit code 1. */
export class DataError extends Error {}

export const EXIT = { data: 1, usage: 2, interrupted: 130 } as const;

export const unusable = (text: string): never => {
  throw new UsageError(text);
};
export const wrong = (text: string): never => {
  throw new DataError(text);
};

/** What an error says, whatever was thrown. */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
