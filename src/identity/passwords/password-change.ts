/** Changes a user's own password, after a check of the current one. ASVS V6.2.3, V7.4.3 */
import type { RequestSource } from '../../audit/request-source.ts';
import { QueueFullError } from '../../lib/bounded-priority-work-queue.ts';
import { PASSED, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import { findPassword } from '../../storage/tables/passwords.ts';
import { findUser } from '../../storage/tables/users.ts';
import { deviceCookieFor } from '../attempts/known-device.ts';
import { deviceKey } from '../attempts/throttle-keys.ts';
import { accountPolicy } from '../attempts/throttle-policies.ts';
import { countedFor, reserveAttempt } from '../attempts/throttling.ts';
import type { IdentityContext, SessionStartContext } from '../context.ts';
import { personProven } from '../proof-user-was-authenticated.ts';
import { SESSIONS_STAY } from '../reset-after-credential-change.ts';
import { endSessionsOfUser } from '../sessions/end-sessions.ts';
import type { Session } from '../sessions/session-type.ts';
import { renewSession } from '../sessions/start-or-renew-session.ts';
import { passwordContext } from './check-new-password.ts';
import { checkPasswordRules, isOversized, normalisePassword, passwordReasons } from './password-rules.ts';
import { storePassword } from './replace-password.ts';

export interface PasswordChange {
  readonly session: Session;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly endOtherSessions: boolean;
  /** The device cookie that the browser sent. */
  readonly deviceCookie?: string | undefined;
  readonly source: RequestSource;
}

export type PasswordChangeRefusal = Refusal<'wrong' | 'short' | 'long' | 'common' | 'busy' | 'throttled'> & {
  /** 0 where waiting does not help. */
  readonly retryAfterSeconds: number;
};

export interface PasswordChanged {
  readonly changed: true;
  /** The session's new id. */
  readonly cookieValue: string;
  /** Makes this browser a known device with the new password; no other browser is one any more. */
  readonly deviceCookie: string;
}

/** The session continues under a new id. Guesses count as those of a known device, since the browser has a session. */
export async function changePassword(
  context: SessionStartContext & Pick<IdentityContext, 'db' | 'passwordHasher'>,
  change: PasswordChange,
): Promise<PasswordChanged | PasswordChangeRefusal> {
  const user = await findUser(context.db, change.session.sub);
  if (!user) return refused('wrong', 'unknown_user');
  const fault = checkPasswordRules(change.newPassword, passwordContext(context, user));
  if (fault !== PASSED) return refused(fault, passwordReasons[fault]);
  const key = deviceKey(user.sub);
  const reservation = await context.db.write((tx) => reserveAttempt(context, tx, key, accountPolicy));
  if (!reservation.allowed) return refused('throttled', 'account_throttled', reservation.retryAfterSeconds);
  try {
    const changed = await countedFor(context, [key], async () => {
      const proven = await proveAndHash(context, change, reservation.attempts);
      return proven && replace(context, change, proven);
    });
    return changed ?? (await fail(context, change));
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error;
    return refused('busy', 'hash_queue_full', error.retryAfterSeconds);
  }
}

interface Hashes {
  readonly current: string;
  readonly next: string;
}

/** Throws QueueFullError. */
async function proveAndHash(
  context: Pick<IdentityContext, 'db' | 'passwordHasher'>,
  change: PasswordChange,
  rank: number,
): Promise<Hashes | undefined> {
  if (isOversized(change.currentPassword)) return undefined;
  const stored = await findPassword(context.db, change.session.sub);
  const current = normalisePassword(change.currentPassword);
  if (!stored || !(await context.passwordHasher.verify(stored.hash, current, rank))) return undefined;
  return {
    current: stored.hash,
    next: await context.passwordHasher.hash(normalisePassword(change.newPassword), rank),
  };
}

async function replace(
  context: SessionStartContext & Pick<IdentityContext, 'db'>,
  change: PasswordChange,
  hashes: Hashes,
): Promise<PasswordChanged | undefined> {
  const { session, source } = change;
  const { sub, sid } = session;
  return context.db.write(async (tx) => {
    await tx.lockTableOnRetry?.();
    // If an operator replaced the password or ended the session while it was hashed, that takes precedence.
    const former = await findPassword(tx, sub);
    if (former?.hash !== hashes.current) return undefined;
    const renewed = await renewSession(context, tx, session, personProven(sub, session.amr), source);
    if (!renewed) return undefined;
    const password = { sub, hash: hashes.next, changed_at: context.clock.nowMs() };
    const endOthers = () => endSessionsOfUser(context, tx, sub, sid, source);
    const changed_at = await storePassword(tx, password, change.endOtherSessions ? endOthers : SESSIONS_STAY);
    context.audit.record(tx, { type: 'password.changed', sub, sid, source });
    await context.notices.tell(tx, sub, 'password_changed', { source });
    const device = { cookie: change.deviceCookie, former };
    const deviceCookie = deviceCookieFor(context, { sub, changed_at }, device);
    return { changed: true, cookieValue: renewed.cookieValue, deviceCookie } as const;
  });
}

async function fail(
  context: Pick<IdentityContext, 'audit' | 'db'>,
  change: PasswordChange,
): Promise<PasswordChangeRefusal> {
  const { session, source } = change;
  const reason = 'wrong_password';
  await context.db.write(async (tx) =>
    context.audit.record(tx, {
      type: 'password.change_failed',
      reason,
      sub: session.sub,
      sid: session.sid,
      source,
    }),
  );
  return refused('wrong', reason);
}

function refused(
  error: PasswordChangeRefusal['error'],
  reason: Reason,
  retryAfterSeconds = 0,
): PasswordChangeRefusal {
  return { ...refuse(error, reason, 'the password was not changed'), retryAfterSeconds };
}
