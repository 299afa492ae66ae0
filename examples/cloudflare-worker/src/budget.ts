import { refuse } from './refusal.ts';

/** Bytes that a request holds while it waits for its body. */
export interface Lease {
  /** When others may have them, as Date.now() has it: where a request is cut off, no more code of it runs, not even a finally. */
  until: number;
  release(): void;
}

/** Bytes that all requests of an isolate may hold together. */
export class Budget {
  readonly #most: number;
  readonly #leases = new Map<Lease, number>();
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Refuses where there is no room. */
  lease(bytes: number): Lease {
    if (this.#held + bytes > this.#most) this.#sweep();
    if (this.#held + bytes > this.#most) {
      refuse(503, 'ERR_BUSY', 'other batches take all of the memory at present', { 'retry-after': '1' });
    }
    const lease: Lease = { until: Number.POSITIVE_INFINITY, release: () => this.#end(lease) };
    this.#leases.set(lease, bytes);
    this.#held += bytes;
    return lease;
  }

  #sweep(): void {
    const now = Date.now();
    for (const lease of this.#leases.keys()) if (lease.until < now) this.#end(lease);
  }

  #end(lease: Lease): void {
    this.#held -= this.#leases.get(lease) ?? 0;
    this.#leases.delete(lease);
  }
}
