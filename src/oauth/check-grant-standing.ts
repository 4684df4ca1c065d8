/** Whether a grant and all that it hangs on still stand: its client, user and session. */
import type { IdentityContext } from '../identity/context.ts';
import { type Refusal, refuse } from '../lib/outcome.ts';
import type { Reason } from '../lib/refusal-reason.ts';
import type { Standing } from '../storage/tables/grant-standing.ts';

/** The row, where it stands; asked by the gate and by whatever acts on a token. */
export function checkStanding<Row extends Standing>(
  context: Pick<IdentityContext, 'clock'>,
  grant: Row | undefined,
): Row | Refusal<'invalid_grant'> {
  if (!grant) return notValid('unknown_grant');
  if (isEnded(grant)) return notValid('grant_revoked');
  if (grant.expires_at <= context.clock.nowMs()) return notValid('grant_expired');
  if (grant.user_disabled_at !== null) return notValid('user_disabled');
  if (grant.client_disabled_at !== null) return notValid('client_disabled');
  // OpenID Connect Core §11, Back-Channel Logout §2.7: only offline_access outlives the session.
  return grant.outlives_session === 1 ? grant : whileSessionLives(context, grant);
}

/** Whatever the time is: it was revoked, or all grants of the user or of the client were since it was made. */
export function isEnded(grant: Standing): boolean {
  const isOfFormerEpoch =
    grant.user_epoch !== grant.user_grant_epoch || grant.client_epoch !== grant.client_epoch_now;
  return grant.revoked_at !== null || isOfFormerEpoch;
}

function whileSessionLives<Row extends Standing>(
  { clock }: Pick<IdentityContext, 'clock'>,
  grant: Row,
): Row | Refusal<'invalid_grant'> {
  const { session_ended_at, session_expires_at, session_idle_expires_at } = grant;
  if (session_ended_at !== null) return notValid('session_ended');
  if (grant.session_epoch !== null && grant.session_epoch !== grant.user_session_epoch)
    return notValid('session_ended');
  const endMs = Math.min(session_expires_at ?? 0, session_idle_expires_at ?? 0);
  return endMs <= clock.nowMs() ? notValid('session_expired') : grant;
}

/** The refusal of a grant. T14: the reasons differ, the sentence does not. */
export function notValid(reason: Reason): Refusal<'invalid_grant'> {
  return refuse('invalid_grant', reason, 'the grant is not valid, has expired or was revoked');
}
