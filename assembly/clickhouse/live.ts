// How many buffers there are that the host has not given back: when there are none, their memory is free.

let live: i32 = 0;
/** Of these, those that the present call has made, which the host gets when it ends well. */
let own: i32 = 0;

export function begun(): void {
  own = 0;
}

export function made(isOwn: bool): void {
  live++;
  if (isOwn) own++;
}

export function gone(): void {
  if (live) live--;
}

/** The call ends with an error: nobody will give back what it has made. */
export function abandoned(): void {
  live -= own;
  own = 0;
}

export const areNone = (): bool => live == 0;
