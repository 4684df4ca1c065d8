/** The password as a factor. ASVS V6.2, V6.3 */
import { PASSED, refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { findPassword, type PasswordRow } from '../../storage/tables/passwords.ts';
import { findUserByLogin } from '../../storage/tables/users.ts';
import { isKnownDevice } from '../attempts/known-device.ts';
import { accountKey, deviceKey, unknownAccountKey } from '../attempts/throttle-keys.ts';
import { accountPolicy } from '../attempts/throttle-policies.ts';
import type { FactorContext } from '../context.ts';
import { LONGEST_LOGIN, loginKey } from '../login-name.ts';
import { isOversized, normalisePassword } from '../passwords/password-rules.ts';
import { type PersonProof, personProven, type Unproven, unproven } from '../proof-user-was-authenticated.ts';
import type { FirstFactor, Target } from './factor.ts';

export interface PasswordInput {
  /** A username or an e-mail address. */
  readonly login: string;
  readonly password: string;
}

/** A memorized secret. NIST SP 800-63B-4 §3.1.1 */
export const password: FirstFactor<PasswordInput, PasswordRow | undefined, PasswordRow> = {
  name: 'password',
  amr: ['pwd'],
  step: 'login',
  comes: 'first',
  guesses: accountPolicy,
  isEnrolled: async (db, sub) => (await findPassword(db, sub)) !== undefined,

  check({ login, password: typed }) {
    const isTooLong = isOversized(typed) || login.length > LONGEST_LOGIN;
    return isTooLong ? refuse('invalid', 'oversized_credentials', 'signing in was refused') : PASSED;
  },

  find: findTarget,

  refuseFull: ({ passwordHasher }, rank) => passwordHasher.refuseFull(rank),

  async look({ passwordHasher }, { password: typed }, { sub, held }, rank) {
    // Takes the same time for an unknown user.
    const isRight = await passwordHasher.verify(held?.hash, normalisePassword(typed), rank);
    if (sub === undefined) return unproven('unknown_user');
    return held && isRight ? held : unproven('wrong_password');
  },

  confirm: confirmPassword,
};

/** The account is counted, whichever of its names was typed; a known device has its own count (A067, A069). */
async function findTarget(
  context: FactorContext,
  { login }: PasswordInput,
  deviceCookie: string | undefined,
): Promise<Target<PasswordRow | undefined>> {
  const user = await findUserByLogin(context.db, loginKey(login));
  const held = await findPassword(context.db, user?.sub ?? '');
  if (!user) return { sub: undefined, held, countedAs: unknownAccountKey(context, login), isKnown: false };
  const { sub } = user;
  const isKnown = isKnownDevice(context, held, deviceCookie);
  return { sub, held, countedAs: isKnown ? deviceKey(sub) : accountKey(sub), isKnown };
}

/** The password may have been replaced while it was hashed (A070). */
async function confirmPassword(
  _context: FactorContext,
  tx: Tx,
  sub: string,
  { hash }: PasswordRow,
): Promise<PersonProof | Unproven> {
  const now = await findPassword(tx, sub);
  return now?.hash === hash ? personProven(sub, password.amr) : unproven('wrong_password');
}
