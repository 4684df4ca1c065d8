/** Sets up the authenticator app of a user, by the functions of the product. */
import {
  beginEnrolment,
  findEnrolmentSeed,
  finishEnrolment,
} from '../../../src/identity/second-factors/change-totp.ts';
import { codeAt, stepAt } from '../../../src/identity/totp/totp-codes.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { sessionOf } from '../factors/session-of-user.ts';
import { accepted, type IdentityFixture } from '../identity-only.ts';

/** Gives the seed. The code of this step is spent: `next` is the one that the app shows a moment before it is due here. */
export async function enrolTotp(identity: IdentityFixture, user: User) {
  const { session, source } = await sessionOf(identity, user);
  accepted(await beginEnrolment(identity, session));
  const seed = (await findEnrolmentSeed(identity, session)) ?? '';
  const step = stepAt(identity.clock.nowMs());
  const change = { session, source, endOtherSessions: false };
  const { recoveryCodes } = accepted(
    await finishEnrolment(identity, { ...change, code: codeAt(seed, step) }),
  );
  return { seed, next: codeAt(seed, step + 1), recoveryCodes };
}
