/** A second factor that forgets nothing; a test changes what it does, and sees whether that is noticed. */
import { createHash } from 'node:crypto';
import { accountPolicy } from '../../../src/identity/attempts/throttle-policies.ts';
import type { PasswordHasher } from '../../../src/identity/context.ts';
import type { SecondFactor } from '../../../src/identity/factors/factor.ts';
import { personProven, unproven } from '../../../src/identity/proof-user-was-authenticated.ts';
import { credentialReplaced, SESSIONS_STAY } from '../../../src/identity/reset-after-credential-change.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { findStayingUser } from '../../../src/storage/tables/users.ts';
import { type IdentityFixture, plainHasher } from '../identity-only.ts';
import { defineSample, type SampleValues } from './factor-faults.ts';

/** As fast as a plain one, and the password is not in the database. */
export function digestHasher(): PasswordHasher {
  const hash = async (password: string) => createHash('sha256').update(password).digest('hex');
  return { ...plainHasher(), hash, verify: async (phc, password) => phc === (await hash(password)) };
}

export interface Typed {
  readonly code: string;
}

/** By the sub; in no database. */
export const codes = new Map<string, string>();
/** What is typed is compared with the one code of the user, which is then spent. */
export const careful: SecondFactor<Typed, Typed> = {
  name: 'toy',
  amr: ['otp'],
  step: 'toy',
  comes: 'second',
  guesses: accountPolicy,
  isEnrolled: async (_db, sub) => codes.has(sub),
  look: async (_context, { code }, { sub = '' }) =>
    codes.get(sub) === code ? { code } : unproven('wrong_password'),
  async confirm(_context, _tx, sub, { code }) {
    if (codes.get(sub) !== code) return unproven('wrong_password');
    codes.delete(sub);
    return personProven(sub, ['otp']);
  },
};

/** What the product does where a credential changes. */
export const reset = ({ db }: IdentityFixture, { sub }: User) =>
  db.write((tx) => credentialReplaced(tx, careful, sub, SESSIONS_STAY));

/** Its sample. */
export const carefully: SampleValues<Typed> = {
  async enrol(context, user, which) {
    const code = `${which} of ${user.sub} alone`;
    if (!(await context.db.write((tx) => findStayingUser(tx, user.sub)))) throw new Error('unknown user');
    codes.set(user.sub, code);
    await reset(context, user);
    return { code };
  },
  async remove(context, user) {
    codes.delete(user.sub);
    await reset(context, user);
  },
  isRemovable: true,
  wrong: () => ({ code: '000000' }),
  secrets: ({ code }) => [code],
  empty: () => ({ code: '' }),
  oversized: ({ code }, longer) => ({ code: longer(code) }),
  isOneTime: true,
};

/** The sample, in which these are careless. */
export const sampleWith = (carelessly: Partial<typeof careful>, values: Partial<typeof carefully> = {}) =>
  defineSample<Typed, undefined, Typed>({ ...careful, ...carelessly }, { ...carefully, ...values });
