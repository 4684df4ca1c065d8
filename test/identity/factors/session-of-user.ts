/** A session of a user, in which a second factor is changed. */
import { personProven } from '../../../src/identity/proof-user-was-authenticated.ts';
import { startSession } from '../../../src/identity/sessions/start-or-renew-session.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { type IdentityFixture, sourceAt } from '../identity-only.ts';

/** Begun by these methods; by default as strong as any second factor makes it. Throws for a user who is being deleted. */
export async function sessionOf(identity: IdentityFixture, { sub }: User, amr = ['pwd', 'otp']) {
  const source = sourceAt('192.0.2.1');
  const proof = personProven(sub, amr);
  const { session } = await identity.db.write((tx) => startSession(identity, tx, { proof, source }));
  return { session, source };
}
