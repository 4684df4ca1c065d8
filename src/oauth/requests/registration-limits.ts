/** How many registrations an address may ask for. */
import type { RequestSource } from '../../audit/request-source.ts';
import { registrationPolicy } from '../../identity/attempts/throttle-policies.ts';
import { findPause, reserveAttempt } from '../../identity/attempts/throttling.ts';
import type { IdentityContext } from '../../identity/context.ts';
import { addressBucket } from '../../lib/address-bucket.ts';
import { isRefusal, type Refusal, refuse } from '../../lib/outcome.ts';
import type { Reason } from '../../lib/refusal-reason.ts';
import type { Reader } from '../../storage/database.ts';
import { countRegisteredClients } from '../../storage/tables/clients.ts';
import { OAuthError } from '../errors.ts';

/** Throws OAuthError where this address asked too often, or no more clients can be registered. */
export async function limitRegistrations(
  context: Pick<IdentityContext, 'clock' | 'db' | 'settings'>,
  source: RequestSource,
): Promise<void> {
  await limitRequests(context, `registration:${addressBucket(source.address)}`);
  if (isRefusal(await checkLimit(context, context.db))) throw limitReached();
}

/** Asked before anything is fetched, and again in the transaction that makes the client. */
export async function checkLimit(
  { settings }: Pick<IdentityContext, 'settings'>,
  db: Reader,
): Promise<'room' | Refusal<'conflict'>> {
  if ((await countRegisteredClients(db)) < settings.registration_limit) return 'room';
  return refuse('conflict', 'registration_limit', 'no more clients can be registered');
}

/** Before anything is fetched. */
export async function limitRequests(
  context: Pick<IdentityContext, 'clock' | 'db'>,
  key: string,
): Promise<void> {
  const attempt =
    (await findPause(context, context.db, key)) ??
    (await context.db.write(async (tx) => {
      await tx.lockTableOnRetry?.('throttles');
      return reserveAttempt(context, tx, key, registrationPolicy);
    }));
  if (!attempt.allowed) {
    const { retryAfterSeconds } = attempt;
    throw tooMany(
      'too_many_registrations',
      'too many requests about registrations from this address',
      retryAfterSeconds,
    );
  }
}

/** 429: the operator's limit of registered clients is reached. */
export function limitReached(): OAuthError {
  return tooMany('registration_limit', 'no more clients can be registered; ask the operator', 3600);
}

function tooMany(reason: Reason, description: string, retryAfterSeconds: number): OAuthError {
  return new OAuthError('temporarily_unavailable', reason, description, { status: 429, retryAfterSeconds });
}
