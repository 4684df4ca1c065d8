/** A browser that signed in before keeps its own count of failures, so that a stranger's guesses do not lock it out. */
import { equalInConstantTime } from '../lib/constant-time.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/hash.ts';
import { newIdentifier } from '../lib/ids.ts';
import type { IdentityContext } from './context.ts';

const FORMAT = /^(?<id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.(?<mac>[A-Za-z0-9_-]{43})$/;

/** The value of the device cookie for a user who just signed in. */
export function deviceCookieFor(context: IdentityContext, sub: string): string {
  const id = newIdentifier(context.clock, context.random);
  return `${id}.${macOf(context, sub, id)}`;
}

/** Whether this user signed in on this browser before. */
export function isKnownDevice(context: IdentityContext, sub: string, cookie: string | undefined): boolean {
  const groups = FORMAT.exec(cookie ?? '')?.groups;
  if (!groups?.id || !groups.mac) return false;
  return equalInConstantTime(groups.mac, macOf(context, sub, groups.id));
}

function macOf(context: IdentityContext, sub: string, id: string): string {
  return hmacSha256(deriveKey(context.settings.masterKey, 'known device'), sub, id);
}
