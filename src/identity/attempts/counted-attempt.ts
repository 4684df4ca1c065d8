/** One attempt to prove who one is, counted before it is looked at: by its address and by whom it is aimed at. ASVS V6.3.1 */

import type { RequestSource } from '../../audit/events.ts';
import { addressBucket } from '../../lib/ip.ts';
import type { Reason } from '../../lib/reason.ts';
import type { Tx } from '../../storage/database.ts';
import type { AttemptContext, IdentityContext } from '../context.ts';
import { countFailedAccount, isAlarmed } from './stuffing-alarm.ts';
import {
  accountPolicy,
  addressPolicy,
  alarmedAddressPolicy,
  findCount,
  giveBackAttempt,
  type Pause,
  reserveAttempt,
  type ThrottlePolicy,
} from './throttling.ts';

/** What one attempt is aimed at. */
export interface Aim {
  /** undefined where the name is nobody's. */
  readonly sub: string | undefined;
  /** The throttle that counts it. */
  readonly countedAs: string;
  /** The browser is known to be this person's: what an alarm demands of unknown ones does not hold for it. */
  readonly isKnown: boolean;
}

export interface Attempt {
  readonly source: RequestSource;
  readonly aim: Aim;
  readonly policy: ThrottlePolicy;
  /** Throws QueueFullError where an attempt of this rank would have no place. */
  refuseFull?(rank: number): void;
}

/** How often it was counted: by its account, and by what decides whose turn it is. */
export interface Counted {
  readonly ofAccount: number;
  readonly rank: number;
  /** The counts of its address that it is in. */
  readonly byAddress: readonly string[];
}

export interface Paused extends Pause {
  readonly by: 'address' | 'account';
}

/** The counts of its address: of every attempt, and of those from unknown browsers in an alarm. */
function addressesOf({ source }: Attempt): readonly [string, string] {
  const bucket = addressBucket(source.address);
  return [`address:${bucket}`, `alarmed-address:${bucket}`];
}

/**
 * Counts the attempt, or says when to come back. What an address tries while it has to wait is told in numbers, and costs a
 * read; so does what would have no place. Throws QueueFullError.
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

/** Counts the guess before it is looked at, so that 500 at once are 500. */
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
      // Where many wait, those come first who were counted least: no flood from elsewhere stands before them.
      const rank = isKnown ? ofAccount : byAddress.attempts;
      return { ofAccount, rank, byAddress: isTight ? [address, alarmedAddress] : [address] };
    }
    const reason = 'account_throttled';
    context.audit.record(tx, { type: 'login.throttled', reason, sub, source: attempt.source });
    return pausedBy('account', byAccount);
  });
}

/** A success: what was not given back to its address would be taken from what others try there. */
export async function giveBackToAddress(
  context: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  counted: Counted,
): Promise<void> {
  for (const key of counted.byAddress) await giveBackAttempt(context, tx, key);
}

/** Notes that the attempt proved nobody. */
export async function countFailure(
  context: AttemptContext,
  { aim: { sub }, source }: Attempt,
  { ofAccount }: Counted,
  reason: Reason,
): Promise<void> {
  const isAlarm = await context.db.write(async (tx) => {
    context.audit.record(tx, { type: 'login.failed', reason, sub, source });
    // Only its first failures: one account that is guessed at for long is no wave.
    return ofAccount <= accountPolicy.free && countFailedAccount(context, tx);
  });
  if (isAlarm)
    context.log.warn({ alarm: 'credential_stuffing' }, 'sign-ins to very many accounts are failing');
}

function pausedBy(by: Paused['by'], { allowed, retryAfterSeconds }: Pause): Paused {
  return { by, allowed, retryAfterSeconds };
}
