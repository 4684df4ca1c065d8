/**
 * A browser that signed in before keeps its own count of failures, so that a stranger's guesses do not lock it out. It
 * is known for as long as the password that was typed there is the user's.
 */
import { equalInConstantTime } from '../lib/constant-time.ts';
import { deriveKey } from '../lib/derive-key.ts';
import { hmacSha256 } from '../lib/hash.ts';
import { newIdentifier } from '../lib/ids.ts';
import type { PasswordRow } from '../storage/tables/passwords.ts';
import type { IdentityContext } from './context.ts';

const FORMAT = /^(?<id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.(?<mac>[A-Za-z0-9_-]{43})$/;

type Password = Pick<PasswordRow, 'sub' | 'changed_at'>;

/** The value of the device cookie for the user who just typed this password. */
export function deviceCookieFor(context: IdentityContext, password: Password): string {
  const id = newIdentifier(context.clock, context.random);
  return `${id}.${macOf(context, password, id)}`;
}

/** Whether the user whose password this is typed it in this browser before. */
export function isKnownDevice(
  context: IdentityContext,
  password: Password | undefined,
  cookie: string | undefined,
): boolean {
  const groups = FORMAT.exec(cookie ?? '')?.groups;
  if (!password || !groups?.id || !groups.mac) return false;
  return equalInConstantTime(groups.mac, macOf(context, password, groups.id));
}

function macOf(context: IdentityContext, { sub, changed_at }: Password, id: string): string {
  return hmacSha256(deriveKey(context.settings.masterKey, 'known device'), sub, String(changed_at), id);
}
