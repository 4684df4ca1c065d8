/** Signing in: a factor is proven, and a session begins. ASVS V6.3 */
import type { RequestSource } from '../audit/events.ts';
import { PASSED } from '../lib/outcome.ts';
import type { Tx } from '../storage/database.ts';
import { findPassword } from '../storage/tables/passwords.ts';
import { giveBackToAddress } from './attempts/counted-attempt.ts';
import { deviceCookieFor } from './attempts/known-device.ts';
import { forgiveAccount } from './attempts/throttling.ts';
import type { IdentityContext } from './context.ts';
import type { FirstFactor } from './factors/factor.ts';
import { type ProofRefusal, proveFirst } from './factors/prove.ts';
import { isPersonProof, type PersonProof } from './person-proof.ts';
import { findAccounts, keepOthers, listAccounts } from './sessions/accounts.ts';
import { type StartedSession, startSession } from './sessions/session-start.ts';

/** Whose browser it is in which somebody signs in. */
export interface SignInBrowser {
  readonly source: RequestSource;
  readonly sessionCookie?: string | undefined;
  /** The cookie of the other accounts that are signed in in this browser. */
  readonly accountsCookie?: string | undefined;
  readonly deviceCookie?: string | undefined;
}

export interface SignedIn extends StartedSession {
  /** Who else is signed in in this browser, each under a new id. */
  readonly others: readonly StartedSession[];
  /** undefined where the browser is known as before. */
  readonly deviceCookie: string | undefined;
}

/** Begins a session for whoever the factor proves; a refusal says the same of everybody else. */
export async function signIn<Input, Held, Found extends object>(
  context: IdentityContext,
  factor: FirstFactor<Input, Held, Found>,
  attempt: Input & SignInBrowser,
): Promise<SignedIn | ProofRefusal> {
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
      return begin(context, tx, { proof, present, browser: attempt });
    });
  });
}

async function listPresent(
  context: IdentityContext,
  { sessionCookie, accountsCookie }: SignInBrowser,
): Promise<readonly StartedSession[]> {
  return listAccounts(await findAccounts(context, { session: sessionCookie, accounts: accountsCookie }));
}

async function begin(
  context: IdentityContext,
  tx: Tx,
  {
    proof,
    present,
    browser,
  }: {
    readonly proof: PersonProof;
    readonly present: readonly StartedSession[];
    readonly browser: SignInBrowser;
  },
): Promise<SignedIn> {
  const { sub } = proof;
  const { source, deviceCookie: cookie } = browser;
  await forgiveAccount(tx, sub);
  const previous = present.find(({ session }) => session.sub === sub)?.session;
  const started = await startSession(context, tx, { proof, source, previous });
  const others = await keepOthers(context, tx, { present, sub, source });
  context.audit.record(tx, { type: 'login.succeeded', sub, sid: started.session.sid, source });
  const password = await findPassword(tx, sub);
  const deviceCookie = password && deviceCookieFor(context, password, { cookie });
  return { ...started, others, deviceCookie };
}
