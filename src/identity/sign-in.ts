/** Signing in with a password: count, prove, begin a session. ASVS V6.3 */
import type { RequestSource } from '../audit/events.ts';
import { addressBucket } from '../lib/ip.ts';
import { type Refusal, refuse } from '../lib/outcome.ts';
import { QueueFullError } from '../lib/queue.ts';
import { findPassword } from '../storage/tables/passwords.ts';
import { findUserByLogin, type UserRow } from '../storage/tables/users.ts';
import type { IdentityContext } from './context.ts';
import { deviceCookieFor, knownDeviceKey } from './known-device.ts';
import { accountKey, loginKey, unknownAccountKey } from './login-name.ts';
import { LONGEST_PASSWORD, normalisePassword } from './password-rules.ts';
import { findSession, type StartedSession, startSession } from './sessions.ts';
import {
  accountPolicy,
  addressPolicy,
  forgiveAttempts,
  giveBackAttempt,
  reserveAttempt,
} from './throttling.ts';

const PASSWORD_AMR = ['pwd'];
const LONGEST_LOGIN = 320;

export interface SignIn {
  /** A username or an e-mail address. */
  readonly login: string;
  readonly password: string;
  readonly source: RequestSource;
  readonly sessionCookie?: string | undefined;
  readonly deviceCookie?: string | undefined;
}

export interface SignedIn extends StartedSession {
  readonly deviceCookie: string;
}

/** `invalid` is one answer to an unknown user, a wrong password, a locked and a disabled account. */
export type SignInRefusal = Refusal<'invalid' | 'throttled' | 'busy'> & {
  readonly retryAfterSeconds: number;
};

export async function signInWithPassword(
  context: IdentityContext,
  attempt: SignIn,
): Promise<SignedIn | SignInRefusal> {
  if (attempt.password.length > LONGEST_PASSWORD || attempt.login.length > LONGEST_LOGIN) {
    const reason = 'oversized_credentials';
    context.audit.append({ type: 'login.failed', reason, source: attempt.source });
    return refused('invalid', reason);
  }
  const user = await findUserByLogin(context.db, loginKey(attempt.login));
  const account = accountOf(context, user, attempt);
  const reservation = await reserve(context, attempt, account, user);
  if (reservation) return reservation;
  const proven = await verify(context, attempt, account, user);
  if (typeof proven !== 'boolean') return proven;
  if (!user || !proven || user.disabled_at !== null) return fail(context, attempt, user, proven);
  return succeed(context, attempt, account, user);
}

/** A known device has a count of its own (A069). */
function accountOf(context: IdentityContext, user: UserRow | undefined, attempt: SignIn): string {
  if (!user) return unknownAccountKey(attempt.login);
  return knownDeviceKey(context, user.sub, attempt.deviceCookie) ?? accountKey(user.sub);
}

function addressOf(attempt: SignIn): string {
  return `address:${addressBucket(attempt.source.address)}`;
}

/** Counts the guess before it is looked at, so that 500 at once are 500. */
async function reserve(
  context: IdentityContext,
  attempt: SignIn,
  account: string,
  user: UserRow | undefined,
): Promise<SignInRefusal | undefined> {
  return context.db.write(async (tx) => {
    const byAddress = await reserveAttempt(context, tx, addressOf(attempt), addressPolicy);
    const byAccount = byAddress.allowed
      ? await reserveAttempt(context, tx, account, accountPolicy)
      : byAddress;
    if (byAccount.allowed) return undefined;
    const reason = byAddress.allowed ? 'account_throttled' : 'address_throttled';
    const { source } = attempt;
    await context.audit.record(tx, { type: 'login.throttled', reason, sub: user?.sub, source });
    // A locked account answers as a wrong password does, or it would tell who exists and who is under attack.
    return refused(byAddress.allowed ? 'invalid' : 'throttled', reason, byAccount.retryAfterSeconds);
  });
}

async function verify(
  context: IdentityContext,
  attempt: SignIn,
  account: string,
  user: UserRow | undefined,
): Promise<boolean | SignInRefusal> {
  const stored = await findPassword(context.db, user?.sub ?? '');
  try {
    return await context.passwordHasher.verify(stored?.hash, normalisePassword(attempt.password));
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error;
    await context.db.write(async (tx) => {
      await giveBackAttempt(tx, account);
      await giveBackAttempt(tx, addressOf(attempt));
    });
    return refused('busy', 'hash_queue_full', error.retryAfterSeconds);
  }
}

async function fail(
  context: IdentityContext,
  attempt: SignIn,
  user: UserRow | undefined,
  proven: boolean,
): Promise<SignInRefusal> {
  const reason = user ? (proven ? 'user_disabled' : 'wrong_password') : 'unknown_user';
  await context.db.write((tx) =>
    context.audit.record(tx, { type: 'login.failed', reason, sub: user?.sub, source: attempt.source }),
  );
  return refused('invalid', reason);
}

async function succeed(
  context: IdentityContext,
  attempt: SignIn,
  account: string,
  user: UserRow,
): Promise<SignedIn> {
  const { source } = attempt;
  const previous = await findSession(context, attempt.sessionCookie);
  return context.db.write(async (tx) => {
    await forgiveAttempts(tx, account);
    await giveBackAttempt(tx, addressOf(attempt));
    const started = await startSession(context, tx, { sub: user.sub, amr: PASSWORD_AMR, source, previous });
    await context.audit.record(tx, {
      type: 'login.succeeded',
      sub: user.sub,
      sid: started.session.sid,
      source,
    });
    return { ...started, deviceCookie: deviceCookieFor(context, user.sub) };
  });
}

function refused(
  error: 'invalid' | 'throttled' | 'busy',
  reason: string,
  retryAfterSeconds = 0,
): SignInRefusal {
  return { ...refuse(error, reason, 'signing in was refused'), retryAfterSeconds };
}
