/** The keys under which attempts to sign in are counted. */
import { deriveKey } from '../../lib/derive-key.ts';
import { hmacSha256 } from '../../lib/sha256-and-hmac.ts';
import type { IdentityContext } from '../context.ts';
import { loginKey } from '../login-name.ts';

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
