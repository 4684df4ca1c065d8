import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/hash.ts';
import type { IdentityContext } from './context.ts';

/** The maximum length of a username or e-mail address, in characters. */
export const LONGEST_LOGIN = 320;

/** Invisible format characters, which chats and address books add to a copied name. */
const INVISIBLE = /\p{Cf}+/gu;

/** A name without invisible characters; stored names have none. */
export function visibleName(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** The form in which a username or e-mail address is compared: one key for all its spellings (A067). */
export function loginKey(text: string): string {
  return visibleName(text).normalize('NFKC').trim().toLowerCase();
}

/** The throttle key of one account, whichever of its names was typed. */
export function accountKey(sub: string): string {
  return `account:${sub}`;
}

/** The throttle key of all known devices of one account together. */
export function deviceKey(sub: string): string {
  return `device:${sub}`;
}

/** The throttle of one factor of one person, who is known already. */
export function factorKey({ name }: { readonly name: string }, sub: string): string {
  return `${name}:${sub}`;
}

/**
 * The throttle key of a name that no user has: it pauses just as an account's does. The typed name may be a password by
 * mistake, and an unkeyed hash of it could be guessed.
 */
export function unknownAccountKey({ settings }: Pick<IdentityContext, 'settings'>, text: string): string {
  return `account:${hmacSha256(deriveKey(settings.masterKey, 'unknown account'), loginKey(text))}`;
}
