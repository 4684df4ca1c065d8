/** The claims of an ID token hint, short enough for an address: a hint sent by POST may be longer than a request line. */

import type { IdentityContext } from '../../identity/context.ts';
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { deriveKey } from '../../lib/derive-key.ts';
import { hmacSha256 } from '../../lib/sha256-and-hmac.ts';
import type { HintClaims } from './id-token-hint.ts';

/** In the place of the ID token; no ID token itself, so it is good for nothing else. */
export function carryHint(context: Pick<IdentityContext, 'settings'>, { aud, sub, sid }: HintClaims): string {
  const payload = Buffer.from(JSON.stringify({ aud, sub, sid })).toString('base64url');
  return `${payload}.${authenticate(context, payload)}`;
}

/** undefined for what {@link carryHint} did not write. */
export function readCarriedHint(
  context: Pick<IdentityContext, 'settings'>,
  text: string,
): HintClaims | undefined {
  const [payload = '', code = '', ...others] = text.split('.', 3);
  if (others.length > 0 || !equalInConstantTime(code, authenticate(context, payload))) return undefined;
  // Authenticated, so our own.
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

function authenticate({ settings }: Pick<IdentityContext, 'settings'>, payload: string): string {
  return hmacSha256(deriveKey(settings.masterKey, 'carried hints'), settings.issuer, payload);
}
