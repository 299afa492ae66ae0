import { Halves } from '../half.ts';
import type { Owners } from '../options/read.ts';
import type { Host } from '../plan/step.ts';
import type { OwnSpec } from './specs.ts';

/** Lets the instance's calls take f16 and bf16; no function of its own. */
export function createHalf(_spec: OwnSpec, _options: Owners, { arena, backend }: Host): undefined {
  arena.halves = new Halves(backend.exports);
}
