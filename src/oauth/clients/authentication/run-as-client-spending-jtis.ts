/** The work of a client's request: the assertion that it presented is spent once, whatever the outcome. RFC 7523 §3 */
import { PASSED } from '../../../lib/outcome.ts';
import type { Tx } from '../../../storage/database.ts';
import { readInstallationState } from '../../../storage/revision-and-restore-times.ts';
import { OAuthError } from '../../errors.ts';
import { type Caller, callerProven } from '../../proof-caller-was-authenticated.ts';
import { spendEach } from '../../spend-jtis.ts';
import { refuseChanged } from '../refuse-changed-client.ts';
import { type Attempt, type Authenticated, authenticate } from './authenticate.ts';
import type { ClientAuthenticationContext } from './context.ts';
import { untilUnchanged } from './retry-until-client-unchanged.ts';

/**
 * Does the work as the client that the request proves, anew where it is another by the time that counts. What was shown is
 * spent in the work's own transaction ({@link writeAs}) or by {@link settle}; a request that is refused before spends it
 * too, and one that fails by accident spends nothing. Throws OAuthError.
 */
export async function asClient<Result>(
  context: ClientAuthenticationContext,
  attempt: Attempt,
  work: (authenticated: Authenticated) => Promise<Result>,
): Promise<Result> {
  const authenticated = await authenticate(context, attempt);
  try {
    return await untilUnchanged(authenticated, work);
  } catch (error) {
    const isLeft = authenticated.unspent.left.length > 0;
    if (isLeft && error instanceof OAuthError) await spendLeft(context, authenticated, async () => undefined);
    throw error;
  }
}

/**
 * The request's one transaction: what the client showed is spent in it before anything else, and stays unspent where it
 * rolls back. Throws OAuthError where it was shown before, and {@link ClientChanged}.
 */
export function writeAs<Result>(
  context: ClientAuthenticationContext,
  authenticated: Authenticated,
  body: (tx: Tx, caller: Caller) => Promise<Result>,
): Promise<Result> {
  const { client, unspent } = authenticated;
  const isShownOnce = unspent.left.length > 0;
  return spendLeft(context, authenticated, async (tx) => {
    // With a secret it is asked where its rights count (oauth/gate-before-issuing.ts).
    if (isShownOnce) await refuseChanged(tx, client, (await readInstallationState(tx)).revision);
    return body(tx, callerProven('client authentication'));
  });
}

/** For a request that writes nothing else: spends what is left to spend, if anything. Throws as {@link writeAs} does. */
export async function settle(
  context: ClientAuthenticationContext,
  authenticated: Authenticated,
): Promise<Caller> {
  if (authenticated.unspent.left.length === 0) return callerProven('client authentication');
  return writeAs(context, authenticated, async (_tx, caller) => caller);
}

async function spendLeft<Result>(
  { db }: ClientAuthenticationContext,
  { unspent, refused }: Authenticated,
  body: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const { left } = unspent;
  if (left.length === 0) return db.write(body);
  const outcome = await db.write(async (tx) => {
    const spent = await spendEach(tx, left);
    return spent === PASSED ? { result: await body(tx) } : { replayed: spent };
  });
  unspent.settle();
  return outcome.replayed ? refused(outcome.replayed) : outcome.result;
}
