/**
 * A browser in which the user signed in before has its own count of failures, so that an attacker's guesses do not lock it
 * out. It is a known device until the user's password changes.
 */
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { deriveKey } from '../../lib/derive-key.ts';
import { hmacSha256 } from '../../lib/sha256-and-hmac.ts';
import { newIdentifier } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { PasswordRow } from '../../storage/tables/passwords.ts';
import type { IdentityContext } from '../context.ts';

/** The cookie holds marks of several users of one browser; beyond this number the oldest is dropped. */
const MOST_USERS = 6;
const SEPARATOR = '~';
const FORMAT = /^(?<id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.(?<mac>[A-Za-z0-9_-]{43})$/;

type Password = Pick<PasswordRow, 'sub' | 'changed_at'>;

/**
 * The value of the device cookie for the user who just typed this password, and for the other users of the previous cookie.
 * `former` is the user's password at the time of that cookie, where it has changed.
 */
export function deviceCookieFor(
  context: Pick<IdentityContext, 'clock' | 'random' | 'settings'>,
  password: Password,
  {
    cookie,
    former = password,
  }: { readonly cookie: string | undefined; readonly former?: Password | undefined },
): string {
  const id = newIdentifier(context.clock, context.random);
  const others = marksIn(cookie).filter((mark) => !isMarkOf(context, former, mark));
  return [`${id}.${macOf(context, password, id)}`, ...others].slice(0, MOST_USERS).join(SEPARATOR);
}

/** Whether the user of this password typed it in this browser before. */
export function isKnownDevice(
  context: Pick<IdentityContext, 'settings'>,
  password: Password | undefined,
  cookie: string | undefined,
): boolean {
  return password !== undefined && marksIn(cookie).some((mark) => isMarkOf(context, password, mark));
}

function marksIn(cookie: string | undefined): string[] {
  return (cookie ?? '')
    .split(SEPARATOR)
    .slice(0, MOST_USERS)
    .filter((mark) => FORMAT.test(mark));
}

function isMarkOf(context: Pick<IdentityContext, 'settings'>, password: Password, mark: string): boolean {
  const { id = '', mac = '' } = FORMAT.exec(mark)?.groups ?? {};
  return equalInConstantTime(mac, macOf(context, password, id));
}

function macOf(
  context: Pick<IdentityContext, 'settings'>,
  { sub, changed_at }: Password,
  id: string,
): string {
  return hmacSha256(deriveKey(context.settings.masterKey, 'known device'), sub, String(changed_at), id);
}
