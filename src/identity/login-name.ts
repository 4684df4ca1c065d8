import { sha256 } from '../lib/hash.ts';

/** A username or e-mail address as it is compared: one key for every way of writing it (A067). */
export function loginKey(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** The throttle of one account, whichever of its names was typed. */
export function accountKey(sub: string): string {
  return `account:${sub}`;
}

/** The throttle of all known devices of one account together. */
export function deviceKey(sub: string): string {
  return `device:${sub}`;
}

/** The throttle of a name that is nobody's: it pauses just as an account's does. */
export function unknownAccountKey(text: string): string {
  return `account:${sha256(loginKey(text))}`;
}
