/** Signs a user in: after a factor is proven, a session begins, or a further factor is asked for. ASVS V6.3 */
import type { RequestSource } from '../audit/request-source.ts';
import { PASSED, type Refusal, refuse } from '../lib/outcome.ts';
import type { Tx } from '../storage/database.ts';
import { findPassword } from '../storage/tables/passwords.ts';
import { giveBackToAddress } from './attempts/count-sign-in-attempt.ts';
import { deviceCookieFor, isKnownDevice } from './attempts/known-device.ts';
import { forgiveAccount, forgiveAttempts, giveBackAttempt } from './attempts/throttling.ts';
import type { SessionReadContext, SessionStartContext, SignInContext } from './context.ts';
import type { FirstFactor, SecondFactor } from './factors/factor.ts';
import { type ProofRefusal, proveFirst, proveSecond, targetOfPerson } from './factors/prove.ts';
import {
  beginPendingSignIn,
  endPendingSignIn,
  findPendingSignIn,
  listLackingFactors,
  type PendingSignIn,
} from './pending-sign-in.ts';
import { isPersonProof, type PersonProof, provenBesides, unproven } from './proof-user-was-authenticated.ts';
import {
  findBrowserSessions,
  keepOthers,
  listBrowserSessions,
} from './sessions/several-sessions-in-browser.ts';
import { type StartedSession, startSession } from './sessions/start-or-renew-session.ts';

/** The browser in which a user signs in. */
export interface SignInBrowser {
  readonly source: RequestSource;
  readonly sessionCookie?: string | undefined;
  /** The cookie of the other sessions in this browser. */
  readonly otherSessionsCookie?: string | undefined;
  readonly deviceCookie?: string | undefined;
  /** The cookie of a sign-in that lacks a factor. */
  readonly pendingCookie?: string | undefined;
}

export interface SignedIn extends StartedSession {
  /** The sessions of other users in this browser, each under a new id. */
  readonly others: readonly StartedSession[];
  /** undefined where the user has no password; the device cookie does not change. */
  readonly deviceCookie: string | undefined;
}

/** Begins a session for the user whom the factor proves, or asks for a further factor; a refusal is the same for all users. */
export async function signIn<Input, Held, Found extends object>(
  context: SignInContext,
  factor: FirstFactor<Input, Held, Found>,
  attempt: Input & SignInBrowser,
): Promise<SignedIn | PendingSignIn | ProofRefusal> {
  const { source } = attempt;
  const checked = factor.check(attempt);
  if (checked !== PASSED) {
    context.audit.refused({ type: 'login.failed', reason: checked.reason, source });
    return { ...checked, retryAfterSeconds: 0 };
  }
  const target = await factor.find(context, attempt, attempt.deviceCookie);
  return proveFirst(context, factor, { input: attempt, target, source }, async (confirm, counted) => {
    const present = await listPresent(context, attempt);
    return context.db.write(async (tx) => {
      const proof = await confirm(tx);
      if (!isPersonProof(proof)) return proof;
      await giveBackToAddress(context, tx, counted);
      await endPendingSignIn(tx, attempt.pendingCookie);
      const lacking = await listLackingFactors(tx, proof.sub);
      if (lacking.length === 0) return begin(context, tx, { proof, present, browser: attempt });
      // The counts are deleted only when the sign-in is complete: an attacker who knows one factor must not reset them.
      await giveBackAttempt(context, tx, target.countedAs);
      return beginPendingSignIn(context, tx, { proof, lacking, source });
    });
  });
}

/** Begins the session of a pending sign-in after a second factor. The refusal `over` means that the user must sign in again. */
export async function completeSignIn<Input, Found extends object>(
  context: SignInContext,
  factor: SecondFactor<Input, Found>,
  attempt: Input & SignInBrowser,
): Promise<SignedIn | ProofRefusal | Refusal<'over'>> {
  const { source, pendingCookie } = attempt;
  const pending = await findPendingSignIn(context, pendingCookie);
  if (!pending?.lacks.includes(factor.name))
    return refuse('over', 'sign_in_over', 'the sign-in took too long, or was ended; begin it anew');
  const target = targetOfPerson(factor, pending.sub);
  return proveSecond(context, factor, { input: attempt, target, source }, async (confirm, counted) => {
    const present = await listPresent(context, attempt);
    return context.db.write(async (tx) => {
      const proof = await confirm(tx);
      if (!isPersonProof(proof)) return proof;
      // The pending sign-in may have been ended meanwhile, or completed by the same form sent twice.
      const first = await endPendingSignIn(tx, pendingCookie, context.clock.nowMs());
      if (first?.sub !== proof.sub) return unproven('sign_in_over');
      await giveBackToAddress(context, tx, counted);
      await forgiveAttempts(tx, target.countedAs);
      const both = provenBesides(first.amr, proof);
      return begin(context, tx, { proof: both, present, browser: attempt, second: factor.name });
    });
  });
}

async function listPresent(
  context: SessionReadContext,
  { sessionCookie, otherSessionsCookie }: SignInBrowser,
): Promise<readonly StartedSession[]> {
  return listBrowserSessions(
    await findBrowserSessions(context, { session: sessionCookie, otherSessions: otherSessionsCookie }),
  );
}

/** Begins the session, since no factor is lacking. */
async function begin(
  context: SessionStartContext,
  tx: Tx,
  {
    proof,
    present,
    browser,
    second,
  }: {
    readonly proof: PersonProof;
    readonly present: readonly StartedSession[];
    readonly browser: SignInBrowser;
    /** The name of the second factor, where there was one. */
    readonly second?: string;
  },
): Promise<SignedIn> {
  const { sub } = proof;
  const { source, deviceCookie: cookie } = browser;
  await forgiveAccount(tx, sub);
  const previous = present.find(({ session }) => session.sub === sub)?.session;
  const started = await startSession(context, tx, { proof, source, previous });
  const others = await keepOthers(context, tx, { present, sub, source });
  const details = second === undefined ? undefined : { factor: second };
  context.audit.record(tx, { type: 'login.succeeded', sub, sid: started.session.sid, source, details });
  const password = await findPassword(tx, sub);
  if (password && !isKnownDevice(context, password, cookie))
    await context.notices.tell(tx, sub, 'new_browser', { source });
  const deviceCookie = password && deviceCookieFor(context, password, { cookie });
  return { ...started, others, deviceCookie };
}
