/**
 * A browser that signed in before keeps its own count of failures, so that a stranger's guesses do not lock it out. It
 * is known for as long as the password that was typed there is the user's.
 */
import { equalInConstantTime } from '../../lib/constant-time.ts';
import { deriveKey } from '../../lib/derive-key.ts';
import { hmacSha256 } from '../../lib/hash.ts';
import { newIdentifier } from '../../lib/ids.ts';
import type { PasswordRow } from '../../storage/tables/passwords.ts';
import type { IdentityContext } from '../context.ts';

/** Several people sign in in one browser; of more, those that did so last are known. */
const MOST_PEOPLE = 6;
const BETWEEN = '~';
const FORMAT = /^(?<id>[0-9a-v]{9}[A-Za-z0-9_-]{27})\.(?<mac>[A-Za-z0-9_-]{43})$/;

type Password = Pick<PasswordRow, 'sub' | 'changed_at'>;

/**
 * The value of the device cookie for the user who just typed this password, and for those others who are known by the
 * one that was there. `former` is the password that was the user's when that was made.
 */
export function deviceCookieFor(
  context: IdentityContext,
  password: Password,
  {
    cookie,
    former = password,
  }: { readonly cookie: string | undefined; readonly former?: Password | undefined },
): string {
  const id = newIdentifier(context.clock, context.random);
  const others = marksIn(cookie).filter((mark) => !isMarkOf(context, former, mark));
  return [`${id}.${macOf(context, password, id)}`, ...others].slice(0, MOST_PEOPLE).join(BETWEEN);
}

/** Whether the user whose password this is typed it in this browser before. */
export function isKnownDevice(
  context: IdentityContext,
  password: Password | undefined,
  cookie: string | undefined,
): boolean {
  return password !== undefined && marksIn(cookie).some((mark) => isMarkOf(context, password, mark));
}

function marksIn(cookie: string | undefined): string[] {
  return (cookie ?? '')
    .split(BETWEEN)
    .slice(0, MOST_PEOPLE)
    .filter((mark) => FORMAT.test(mark));
}

function isMarkOf(context: IdentityContext, password: Password, mark: string): boolean {
  const { id = '', mac = '' } = FORMAT.exec(mark)?.groups ?? {};
  return equalInConstantTime(mac, macOf(context, password, id));
}

function macOf(context: IdentityContext, { sub, changed_at }: Password, id: string): string {
  return hmacSha256(deriveKey(context.settings.masterKey, 'known device'), sub, String(changed_at), id);
}
