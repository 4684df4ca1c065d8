/** Who may change the second factors of an account: a stolen session or password alone must not. ASVS V7.5.1 */
import { type Checked, PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Tx } from '../../storage/database.ts';
import { findLiveSessionOf } from '../../storage/tables/sessions.ts';
import { isAssured, SECOND_FACTOR_ACR } from '../assurance.ts';
import type { IdentityContext } from '../context.ts';
import { listLackingFactors } from '../pending-sign-in.ts';
import { type Session, toSession } from '../sessions/session-type.ts';

/** `over`: the session has ended. `weak`: the user has a second factor by now, and the session was begun without one. */
export type ChangeRefusal = Refusal<'over' | 'weak'>;

/**
 * In the transaction that changes one: whether the session is live and, where its user has a second factor, was proven by
 * one. The page asks for the same by its `needs`, and for how long ago.
 */
export async function checkMayChangeSecondFactor(
  { clock }: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  session: Session,
): Promise<Checked<ChangeRefusal>> {
  const row = await findLiveSessionOf(tx, clock.nowMs(), session);
  if (!row) return refuse('over', 'session_ended', 'the session ended; sign in again');
  const isEnrolled = (await listLackingFactors(tx, row.sub)).length > 0;
  const wanted = { essential: true, values: [SECOND_FACTOR_ACR] };
  if (isEnrolled && !isAssured(toSession(row).amr, wanted))
    return refuse('weak', 'acr_not_reached', 'a second factor must be proven first');
  return PASSED;
}
