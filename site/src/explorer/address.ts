// The explorer's part of the page's address: #loss-huber&delta=2&dtype=f64, so that a link leads to what is seen.
import type { FloatDType } from 'simdloss';

const ANCHOR = '#loss-';

export interface Address {
  readonly loss: string;
  readonly dtype: FloatDType;
  /** By name, as texts; those that are as they come are left out. */
  readonly options: Readonly<Record<string, string>>;
}

export function toAddress({ loss, dtype, options }: Address): string {
  const all = new URLSearchParams({ ...options, ...(dtype === 'f64' ? { dtype } : {}) }).toString();
  return `${ANCHOR}${loss}${all === '' ? '' : `&${all}`}`;
}

/** Undefined for the address of anything else. */
export function fromAddress(hash: string): Address | undefined {
  if (!hash.startsWith(ANCHOR)) return undefined;
  const [loss] = hash.slice(ANCHOR.length).split('&');
  const all = new URLSearchParams(hash.slice(ANCHOR.length + loss.length));
  const dtype = all.get('dtype') === 'f64' ? 'f64' : 'f32';
  all.delete('dtype');
  return { loss, dtype, options: Object.fromEntries(all) };
}
