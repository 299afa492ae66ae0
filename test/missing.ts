// What a test file cannot run here: told to the reporter, which says all of it in one block at the end (skipped.ts).

export interface Missing {
  /** What is not tested. */
  readonly what: string;
  readonly why: string;
  /** The command that installs what it needs. */
  readonly install: string;
}

/** Marks the line of a worker that is meant for the reporter. */
export const NOTICE = '\u0001missing ';

/** CI must have everything; elsewhere the tests are skipped. */
export function missing(notice: Missing): void {
  if (process.env.CI === 'true') throw new Error(`${notice.what}: ${notice.why} (${notice.install})`);
  const { what, why, install } = notice;
  console.warn(process.env.VITEST ? NOTICE + JSON.stringify(notice) : `${what}: ${why} (${install})`);
}
