// Messages, which end the query.

import { clickhouse_throw } from './env';
import { abandoned } from './live';

const MOST: usize = 1024;
const MESSAGE: usize = memory.data(1024, 16);
let length: usize = 0;

function char(code: i32): void {
  if (length < MOST) store<u8>(MESSAGE + length++, u8(code));
}

/** Adds letters of ASCII. */
export function text(letters: string): void {
  for (let i = 0; i < letters.length; i++) char(letters.charCodeAt(i));
}

function digits(value: u64, least: i32): void {
  let power: u64 = 1;
  for (let n = 1; n < least || value / power >= 10; n++) power *= 10;
  for (; power; power /= 10) char(48 + i32((value / power) % 10));
}

/** Adds a number, as far as six digits tell what it is. */
export function num(value: f64): void {
  if (F64.isNaN(value)) {
    text('NaN');
    return;
  }
  if (value < 0) char(45);
  let size = abs(value);
  if (size == Infinity) {
    text('Infinity');
    return;
  }
  if (size < 9007199254740992 && trunc(size) == size) {
    digits(u64(size), 1);
    return;
  }
  let power = 0;
  if (size >= 1e6) for (; size >= 10; power++) size /= 10;
  if (size < 1e-3) for (; size < 1; power--) size *= 10;
  let rest = u64(nearest(size * 1e6));
  digits(rest / 1000000, 1);
  rest %= 1000000;
  if (rest) {
    char(46);
    let places = 6;
    for (; rest % 10 == 0; places--) rest /= 10;
    digits(rest, places);
  }
  if (power) {
    char(101);
    num(power);
  }
}

/** Ends the call with what was said. */
export function raise(): void {
  const size = length;
  length = 0;
  abandoned();
  clickhouse_throw(MESSAGE, size);
  unreachable();
}
