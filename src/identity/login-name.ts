import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/hash.ts';
import type { IdentityContext } from './context.ts';

/** A username or an e-mail address, in characters. */
export const LONGEST_LOGIN = 320;

/** What nobody sees, and chats and address books put around a name. */
const INVISIBLE = /\p{Cf}+/gu;

/** A name without what nobody sees; none that is stored has any of it. */
export function visibleName(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** A username or e-mail address as it is compared: one key for every way of writing it (A067). */
export function loginKey(text: string): string {
  return visibleName(text).normalize('NFKC').trim().toLowerCase();
}

/** The throttle of one account, whichever of its names was typed. */
export function accountKey(sub: string): string {
  return `account:${sub}`;
}

/** The throttle of all known devices of one account together. */
export function deviceKey(sub: string): string {
  return `device:${sub}`;
}

/** The throttle of one factor of one person, who is known already. */
export function factorKey({ name }: { readonly name: string }, sub: string): string {
  return `${name}:${sub}`;
}

/**
 * The throttle of a name that is nobody's: it pauses just as an account's does. What was typed may be the password, and a
 * bare hash of that would be guessed at.
 */
export function unknownAccountKey({ settings }: Pick<IdentityContext, 'settings'>, text: string): string {
  return `account:${hmacSha256(deriveKey(settings.masterKey, 'unknown account'), loginKey(text))}`;
}
