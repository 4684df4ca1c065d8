/** A person changes the password: the current one is asked first. ASVS V6.2.3, V7.4.3 */
import type { RequestSource } from '../audit/events.ts';
import { type Refusal, refuse } from '../lib/outcome.ts';
import { QueueFullError } from '../lib/queue.ts';
import { findPassword, putPassword } from '../storage/tables/passwords.ts';
import type { IdentityContext } from './context.ts';
import { accountKey } from './login-name.ts';
import { findPasswordFault, LONGEST_PASSWORD, normalisePassword } from './password-rules.ts';
import { endAllSessions, type Session, startSession } from './sessions.ts';
import { accountPolicy, forgiveAttempts, reserveAttempt } from './throttling.ts';
import { findUser, passwordContext } from './users.ts';

export interface PasswordChange {
  readonly session: Session;
  readonly currentPassword: string;
  readonly newPassword: string;
  readonly endOtherSessions: boolean;
  readonly source: RequestSource;
}

export type PasswordChangeRefusal = Refusal<'wrong' | 'short' | 'common' | 'busy' | 'throttled'>;

/** The session goes on under a new id. */
export async function changePassword(
  context: IdentityContext,
  change: PasswordChange,
): Promise<{ changed: true; cookieValue: string } | PasswordChangeRefusal> {
  const { session, source } = change;
  const user = await findUser(context, session.sub);
  if (!user) return refused('wrong', 'unknown_user');
  const fault = findPasswordFault(change.newPassword, passwordContext(context, user));
  if (fault) return refused(fault === 'short' ? 'short' : 'common', `password_${fault}`);
  const key = accountKey(session.sub);
  const reservation = await context.db.write((tx) => reserveAttempt(context, tx, key, accountPolicy));
  if (!reservation.allowed) return refused('throttled', 'account_throttled');
  const hash = await proveAndHash(context, change);
  if (typeof hash !== 'string') return hash;
  return context.db.write(async (tx) => {
    await forgiveAttempts(tx, key);
    await putPassword(tx, { sub: session.sub, hash, changed_at: context.clock.nowMs() });
    if (change.endOtherSessions) await endAllSessions(context, tx, session.sub, session.sid, source);
    const started = await startSession(context, tx, {
      sub: session.sub,
      amr: session.amr,
      source,
      previous: session,
    });
    await context.audit.record(tx, { type: 'password.changed', sub: session.sub, sid: session.sid, source });
    return { changed: true, cookieValue: started.cookieValue };
  });
}

async function proveAndHash(
  context: IdentityContext,
  change: PasswordChange,
): Promise<string | PasswordChangeRefusal> {
  const { session, source } = change;
  const stored = await findPassword(context.db, session.sub);
  try {
    const current = normalisePassword(change.currentPassword.slice(0, LONGEST_PASSWORD + 1));
    if (await context.passwordHasher.verify(stored?.hash, current)) {
      return await context.passwordHasher.hash(normalisePassword(change.newPassword));
    }
  } catch (error) {
    if (error instanceof QueueFullError) return refused('busy', 'hash_queue_full');
    throw error;
  }
  await context.db.write((tx) =>
    context.audit.record(tx, {
      type: 'password.change_failed',
      reason: 'wrong_password',
      sub: session.sub,
      sid: session.sid,
      source,
    }),
  );
  return refused('wrong', 'wrong_password');
}

function refused(error: PasswordChangeRefusal['error'], reason: string): PasswordChangeRefusal {
  return refuse(error, reason, 'the password was not changed');
}
