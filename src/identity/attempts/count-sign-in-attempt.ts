/** Counts an attempt to sign in before the input is checked: by its address and by the account. ASVS V6.3.1 */
import type { RequestSource } from '../../audit/request-source.ts';
import { addressBucket } from '../../lib/address-bucket.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import type { Tx } from '../../storage/database.ts';
import type { AttemptContext, IdentityContext } from '../context.ts';
import { countFailedAccount, isAlarmed } from './stuffing-alarm.ts';
import {
  accountPolicy,
  addressPolicy,
  alarmedAddressPolicy,
  type ThrottlePolicy,
} from './throttle-policies.ts';
import { findCount, giveBackAttempt, type Pause, reserveAttempt } from './throttling.ts';

/** The account that an attempt is for. */
export interface Aim {
  /** undefined where no user has the name. */
  readonly sub: string | undefined;
  /** The key of the throttle that counts it. */
  readonly countedAs: string;
  /** Whether the browser is a known device of this user: the stricter limits of an alarm do not apply to it. */
  readonly isKnown: boolean;
}

export interface Attempt {
  readonly source: RequestSource;
  readonly aim: Aim;
  readonly policy: ThrottlePolicy;
  /** Throws QueueFullError where the queue has no place for this rank. */
  refuseFull?(rank: number): void;
}

/** The counts of an attempt: that of its account, and the rank that decides its place in the queue. */
export interface Counted {
  readonly ofAccount: number;
  readonly rank: number;
  /** The keys of the address counts that include it. */
  readonly byAddress: readonly string[];
}

export interface Paused extends Pause {
  readonly by: 'address' | 'account';
}

/** The keys of its address: for every attempt, and for those from unknown browsers during an alarm. */
function addressesOf({ source }: Attempt): readonly [string, string] {
  const bucket = addressBucket(source.address);
  return [`address:${bucket}`, `alarmed-address:${bucket}`];
}

/**
 * Counts the attempt, or says when to try again. An attempt from an address that must wait, or one without a place in the
 * queue, costs a single read; the audit has the number of the former. Throws QueueFullError.
 */
export async function countAttempt(
  context: Pick<IdentityContext, 'audit' | 'clock' | 'db'>,
  attempt: Attempt,
): Promise<Counted | Paused> {
  const [address] = addressesOf(attempt);
  const { attempts, pause } = await findCount(context, context.db, address);
  if (!pause && !attempt.aim.isKnown) attempt.refuseFull?.(attempts + 1);
  const outcome = pause ? pausedBy('address', pause) : await countInTurn(context, attempt);
  if ('by' in outcome && outcome.by === 'address') {
    const reason = 'address_throttled';
    context.audit.refused({ type: 'login.throttled', reason, source: attempt.source });
  }
  return outcome;
}

/** Counts the guess before it is checked, so that 500 parallel guesses count as 500. */
async function countInTurn(
  context: Pick<IdentityContext, 'audit' | 'clock' | 'db'>,
  attempt: Attempt,
): Promise<Counted | Paused> {
  const { isKnown, countedAs, sub } = attempt.aim;
  const [address, alarmedAddress] = addressesOf(attempt);
  return context.db.write(async (tx) => {
    const isTight = !isKnown && (await isAlarmed(context, tx));
    if (isTight) {
      const inAlarm = await reserveAttempt(context, tx, alarmedAddress, alarmedAddressPolicy);
      if (!inAlarm.allowed) return pausedBy('address', inAlarm);
    }
    const byAddress = await reserveAttempt(context, tx, address, addressPolicy);
    if (!byAddress.allowed) return pausedBy('address', byAddress);
    const byAccount = await reserveAttempt(context, tx, countedAs, attempt.policy);
    if (byAccount.allowed) {
      const { attempts: ofAccount } = byAccount;
      // The lowest rank is served first: a flood from another address does not delay users with few attempts.
      const rank = isKnown ? ofAccount : byAddress.attempts;
      return { ofAccount, rank, byAddress: isTight ? [address, alarmedAddress] : [address] };
    }
    const reason = 'account_throttled';
    context.audit.record(tx, { type: 'login.throttled', reason, sub, source: attempt.source });
    return pausedBy('account', byAccount);
  });
}

/** Takes back the counts of a successful attempt: they would reduce the tries of other users at the address. */
export async function giveBackToAddress(
  context: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  counted: Counted,
): Promise<void> {
  for (const key of counted.byAddress) await giveBackAttempt(context, tx, key);
}

/** Records that the attempt failed. */
export async function countFailure(
  context: AttemptContext,
  { aim: { sub }, source }: Attempt,
  { ofAccount }: Counted,
  reason: Reason,
): Promise<void> {
  const isAlarm = await context.db.write(async (tx) => {
    context.audit.record(tx, { type: 'login.failed', reason, sub, source });
    // Only the first failures of an account count: many guesses at one account are not credential stuffing.
    return ofAccount <= accountPolicy.free && countFailedAccount(context, tx);
  });
  if (isAlarm)
    context.log.warn({ alarm: 'credential_stuffing' }, 'sign-ins to very many accounts are failing');
}

function pausedBy(by: Paused['by'], { allowed, retryAfterSeconds }: Pause): Paused {
  return { by, allowed, retryAfterSeconds };
}
