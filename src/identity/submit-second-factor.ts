/** Proves a second factor, which completes a pending sign-in, or is added to a session that lacks it. */
import { type Refusal, refuse } from '../lib/outcome.ts';
import { giveBackToAddress } from './attempts/count-sign-in-attempt.ts';
import { forgiveAttempts } from './attempts/throttling.ts';
import type { IdentityContext, ProofContext, SignInContext } from './context.ts';
import type { SecondFactor } from './factors/factor.ts';
import { type ProofRefusal, proveSecond, targetOfPerson } from './factors/prove.ts';
import { findPendingSignIn } from './pending-sign-in.ts';
import { isPersonProof, unproven } from './proof-user-was-authenticated.ts';
import { findSession } from './sessions/find-live-sessions.ts';
import { type StartedSession, strengthenSession } from './sessions/start-or-renew-session.ts';
import { completeSignIn, type SignedIn, type SignInBrowser } from './sign-in.ts';

/** The active session, under a new id and with more methods. It is not a sign-in: `auth_time` stays. */
export interface SteppedUp {
  readonly steppedUp: StartedSession;
}

/**
 * Called by the page of a second factor. Completes the sign-in that is pending in this browser; without one, adds the
 * factor to the active session. The refusal `over` means that there is neither.
 */
export async function submitSecondFactor<Input, Found extends object>(
  context: SignInContext,
  factor: SecondFactor<Input, Found>,
  attempt: Input & SignInBrowser,
): Promise<SignedIn | SteppedUp | ProofRefusal | Refusal<'over'>> {
  const isPending = (await findPendingSignIn(context, attempt.pendingCookie)) !== undefined;
  return isPending ? completeSignIn(context, factor, attempt) : stepUp(context, factor, attempt);
}

/** Adds the factor to the active session. ASVS V7.5.3, RFC 9470 §3 */
async function stepUp<Input, Found extends object>(
  context: ProofContext & Pick<IdentityContext, 'random'>,
  factor: SecondFactor<Input, Found>,
  attempt: Input & SignInBrowser,
): Promise<SteppedUp | ProofRefusal | Refusal<'over'>> {
  const { source } = attempt;
  const session = await findSession(context, attempt.sessionCookie);
  if (!session) return refuse('over', 'sign_in_over', 'nobody is signed in here any more; sign in again');
  const target = targetOfPerson(factor, session.sub);
  return proveSecond(context, factor, { input: attempt, target, source }, (confirm, counted) =>
    context.db.write(async (tx) => {
      const proof = await confirm(tx);
      if (!isPersonProof(proof)) return proof;
      const steppedUp = await strengthenSession(context, tx, session, proof);
      if (!steppedUp) return unproven('sign_in_over');
      await giveBackToAddress(context, tx, counted);
      await forgiveAttempts(tx, target.countedAs);
      const { sub, sid } = session;
      const details = { factor: factor.name };
      context.audit.record(tx, { type: 'session.stepped_up', sub, sid, source, details });
      return { steppedUp };
    }),
  );
}
