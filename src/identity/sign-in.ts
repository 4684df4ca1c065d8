/** Signing in with a password: count, prove, begin a session. ASVS V6.3 */
import type { RequestSource } from '../audit/events.ts';
import { addressBucket } from '../lib/ip.ts';
import { isRefusal, type Refusal, refuse } from '../lib/outcome.ts';
import { QueueFullError } from '../lib/queue.ts';
import { findPassword, type PasswordRow } from '../storage/tables/passwords.ts';
import { findUserByLogin, type UserRow } from '../storage/tables/users.ts';
import { deviceCookieFor, isKnownDevice } from './attempts/known-device.ts';
import { countFailedAccount, isAlarmed } from './attempts/stuffing-alarm.ts';
import {
  accountPolicy,
  addressPolicy,
  alarmedAddressPolicy,
  countedFor,
  findCount,
  forgiveAccount,
  giveBackAttempt,
  type Pause,
  reserveAttempt,
} from './attempts/throttling.ts';
import type { IdentityContext } from './context.ts';
import { accountKey, deviceKey, loginKey, unknownAccountKey } from './login-name.ts';
import { confirmPassword, type Failed } from './passwords/password-proof.ts';
import { isOversized, normalisePassword } from './passwords/password-rules.ts';
import { findAccounts, keepOthers, listAccounts } from './sessions/accounts.ts';
import { type StartedSession, startSession } from './sessions/sessions.ts';

export const LONGEST_LOGIN = 320;

export interface SignIn {
  /** A username or an e-mail address. */
  readonly login: string;
  readonly password: string;
  readonly source: RequestSource;
  readonly sessionCookie?: string | undefined;
  /** The cookie of the other accounts that are signed in in this browser. */
  readonly accountsCookie?: string | undefined;
  readonly deviceCookie?: string | undefined;
}

export interface SignedIn extends StartedSession {
  /** Who else is signed in in this browser, each under a new id. */
  readonly others: readonly StartedSession[];
  readonly deviceCookie: string;
}

/** `invalid` is one answer to an unknown user, a wrong password, a locked and a disabled account. */
export type SignInRefusal = Refusal<'invalid' | 'throttled' | 'busy'> & {
  readonly retryAfterSeconds: number;
};

/** What one attempt is aimed at. */
interface Target {
  readonly user: UserRow | undefined;
  readonly password: PasswordRow | undefined;
  /** The throttle that counts it. */
  readonly account: string;
  readonly isKnownDevice: boolean;
}

/** How often it was counted: by its account, and by what decides whose turn it is. */
interface Counted {
  readonly ofAccount: number;
  readonly rank: number;
  /** The counts of its address that it is in. */
  readonly byAddress: readonly string[];
}

/** A session for whoever the password proves; a refusal says the same of everybody else. */
export async function signInWithPassword(
  context: IdentityContext,
  attempt: SignIn,
): Promise<SignedIn | SignInRefusal> {
  if (isOversized(attempt.password) || attempt.login.length > LONGEST_LOGIN) {
    const reason = 'oversized_credentials';
    context.audit.refused({ type: 'login.failed', reason, source: attempt.source });
    return refused('invalid', reason);
  }
  const target = await targetOf(context, attempt);
  try {
    const counted = await reserve(context, attempt, target);
    if (isRefusal(counted)) return counted;
    const keys = [target.account, ...counted.byAddress];
    const outcome = await countedFor(context, keys, () => proveAndSucceed(context, attempt, target, counted));
    return 'failure' in outcome
      ? fail(context, attempt, target, counted.ofAccount, outcome.failure)
      : outcome;
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error;
    return refused('busy', 'hash_queue_full', error.retryAfterSeconds);
  }
}

async function proveAndSucceed(
  context: IdentityContext,
  attempt: SignIn,
  { user, password }: Target,
  { rank, byAddress }: Counted,
): Promise<SignedIn | Failed> {
  // The same time is spent for a user who is not there.
  const isRight = await context.passwordHasher.verify(
    password?.hash,
    normalisePassword(attempt.password),
    rank,
  );
  if (!user) return { failure: 'unknown_user' };
  if (!password || !isRight) return { failure: 'wrong_password' };
  return succeed(context, attempt, { user, hash: password.hash, byAddress });
}

/** Whichever name was typed, the account is counted; a known device has a count of its own (A067, A069). */
async function targetOf(context: IdentityContext, attempt: SignIn): Promise<Target> {
  const user = await findUserByLogin(context.db, loginKey(attempt.login));
  const password = await findPassword(context.db, user?.sub ?? '');
  if (!user)
    return { user, password, account: unknownAccountKey(context, attempt.login), isKnownDevice: false };
  const isKnown = isKnownDevice(context, password, attempt.deviceCookie);
  const account = isKnown ? deviceKey(user.sub) : accountKey(user.sub);
  return { user, password, account, isKnownDevice: isKnown };
}

/** The counts of its address: of every attempt, and of strangers' in an alarm. */
function addressesOf(attempt: SignIn): readonly [string, string] {
  const bucket = addressBucket(attempt.source.address);
  return [`address:${bucket}`, `alarmed-address:${bucket}`];
}

/**
 * What an address tries while it has to wait is told in numbers, and costs a read; so does what would have no place. Throws
 * QueueFullError.
 */
async function reserve(
  context: IdentityContext,
  attempt: SignIn,
  target: Target,
): Promise<Counted | SignInRefusal> {
  const [address] = addressesOf(attempt);
  const { attempts, pause } = await findCount(context, context.db, address);
  if (!pause && !target.isKnownDevice) context.passwordHasher.refuseFull(attempts + 1);
  const outcome = pause ? addressThrottled(pause) : await countAttempt(context, attempt, target);
  if (isRefusal(outcome) && outcome.error === 'throttled') {
    const { reason } = outcome;
    context.audit.refused({ type: 'login.throttled', reason, source: attempt.source });
  }
  return outcome;
}

/** Counts the guess before it is looked at, so that 500 at once are 500. */
async function countAttempt(
  context: IdentityContext,
  attempt: SignIn,
  target: Target,
): Promise<Counted | SignInRefusal> {
  const { isKnownDevice } = target;
  const [address, alarmedAddress] = addressesOf(attempt);
  return context.db.write(async (tx) => {
    const isTight = !isKnownDevice && (await isAlarmed(context, tx));
    if (isTight) {
      const inAlarm = await reserveAttempt(context, tx, alarmedAddress, alarmedAddressPolicy);
      if (!inAlarm.allowed) return addressThrottled(inAlarm);
    }
    const byAddress = await reserveAttempt(context, tx, address, addressPolicy);
    if (!byAddress.allowed) return addressThrottled(byAddress);
    const byAccount = await reserveAttempt(context, tx, target.account, accountPolicy);
    if (byAccount.allowed) {
      const { attempts: ofAccount } = byAccount;
      // Where many wait, those come first who were counted least: no flood from elsewhere stands before them.
      const rank = isKnownDevice ? ofAccount : byAddress.attempts;
      return { ofAccount, rank, byAddress: isTight ? [address, alarmedAddress] : [address] };
    }
    const reason = 'account_throttled';
    const { source } = attempt;
    context.audit.record(tx, { type: 'login.throttled', reason, sub: target.user?.sub, source });
    // A locked account answers as a wrong password does, or it would tell who exists and who is under attack.
    return refused('invalid', reason);
  });
}

function addressThrottled({ retryAfterSeconds }: Pause): SignInRefusal {
  return refused('throttled', 'address_throttled', retryAfterSeconds);
}

async function fail(
  context: IdentityContext,
  attempt: SignIn,
  target: Target,
  attempts: number,
  reason: Failed['failure'],
): Promise<SignInRefusal> {
  const { source } = attempt;
  const isAlarm = await context.db.write(async (tx) => {
    context.audit.record(tx, { type: 'login.failed', reason, sub: target.user?.sub, source });
    // Only its first failures: one account that is guessed at for long is no wave.
    return attempts <= accountPolicy.free && countFailedAccount(context, tx);
  });
  if (isAlarm)
    context.log.warn({ alarm: 'credential_stuffing' }, 'sign-ins to very many accounts are failing');
  return refused('invalid', reason);
}

async function succeed(
  context: IdentityContext,
  attempt: SignIn,
  { user, hash, byAddress }: { user: UserRow; hash: string; byAddress: readonly string[] },
): Promise<SignedIn | Failed> {
  const { source } = attempt;
  const { sub } = user;
  const cookies = { session: attempt.sessionCookie, accounts: attempt.accountsCookie };
  const present = listAccounts(await findAccounts(context, cookies));
  const previous = present.find(({ session }) => session.sub === sub)?.session;
  return context.db.write(async (tx) => {
    const proved = await confirmPassword(tx, sub, hash);
    if ('failure' in proved) return proved;
    const { proof, password } = proved;
    await forgiveAccount(tx, sub);
    // What was not counted for it would be taken from what others tried there.
    for (const key of byAddress) await giveBackAttempt(context, tx, key);
    const started = await startSession(context, tx, { proof, source, previous });
    const others = await keepOthers(context, tx, { present, sub, source });
    context.audit.record(tx, { type: 'login.succeeded', sub, sid: started.session.sid, source });
    return {
      ...started,
      others,
      deviceCookie: deviceCookieFor(context, password, { cookie: attempt.deviceCookie }),
    };
  });
}

function refused(
  error: 'invalid' | 'throttled' | 'busy',
  reason: string,
  retryAfterSeconds = 0,
): SignInRefusal {
  return { ...refuse(error, reason, 'signing in was refused'), retryAfterSeconds };
}
