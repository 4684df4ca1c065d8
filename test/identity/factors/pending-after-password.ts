/** A sign-in by the password alone, of a user who has a second factor. */
import { password } from '../../../src/identity/factors/password.ts';
import type { PendingSignIn } from '../../../src/identity/pending-sign-in.ts';
import { signIn } from '../../../src/identity/sign-in.ts';
import { accepted, type IdentityFixture, PASSWORD, sourceAt } from '../identity-only.ts';

/** Throws where nothing is lacking. */
export async function pendingAfterPassword(identity: IdentityFixture, login: string): Promise<PendingSignIn> {
  const attempt = { login, password: PASSWORD, source: sourceAt('192.0.2.1') };
  const outcome = accepted(await signIn(identity, password, attempt));
  if (!('lacks' in outcome)) throw new Error('nothing is lacking');
  return outcome;
}
