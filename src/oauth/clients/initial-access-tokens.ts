/** Initial access tokens: each lets one client register itself. RFC 7591 §1.2, §3 */

import type { IdentityContext } from '../../identity/context.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import { newSecretValue, storageKey } from '../../lib/time-ordered-ids-and-secrets.ts';
import type { Tx } from '../../storage/database.ts';
import { consumeOneTime, findOneTime, insertOneTime } from '../../storage/tables/one-time.ts';
import { OAuthError } from '../errors.ts';
import { tokenChallenge } from '../token-challenge.ts';

const KIND = 'initial_access_token';

/** A new one; only its hash is kept. */
export async function createInitialAccess(
  context: Pick<IdentityContext, 'clock' | 'random' | 'db' | 'audit'>,
  livesSeconds: number,
): Promise<string> {
  const token = newSecretValue(context.clock, context.random);
  const expires_at = context.clock.nowMs() + livesSeconds * 1000;
  const value_key = storageKey(token);
  await context.db.write(async (tx) => {
    await insertOneTime(tx, { kind: KIND, value_key, grant_id: null, payload: '', expires_at });
    context.audit.record(tx, {
      type: 'initial_access_token.created',
      details: { expires_in: livesSeconds },
    });
  });
  return token;
}

/** What a registration needs: nothing where registration is open, or a token, which is spent. */
export type InitialAccess = 'open' | { readonly key: string };

/** What registering takes here; the request was checked to have it. Throws OAuthError. */
export async function checkInitialAccess(
  { settings, db, clock }: Pick<IdentityContext, 'settings' | 'db' | 'clock'>,
  token: string | undefined,
): Promise<InitialAccess> {
  if (settings.registration === 'open') return 'open';
  const key = storageKey(token ?? '');
  const row = await findOneTime(db, KIND, key);
  if (row && row.expires_at > clock.nowMs()) return { key };
  throw wrongToken();
}

/** Spends it in the transaction that makes the client; a refusal where another request spent it first. */
export async function spendInitialAccess(
  { clock }: Pick<IdentityContext, 'clock'>,
  tx: Tx,
  initial: InitialAccess,
): Promise<'provided' | Refusal<'conflict'>> {
  if (initial === 'open' || (await consumeOneTime(tx, KIND, initial.key, clock.nowMs()))) return 'provided';
  return refuse('conflict', 'wrong_initial_access_token', 'the initial access token was used before');
}

/** Throws OAuthError invalid_token for a token that was spent at the same moment. */
export function throwIfSpent({ reason }: Refusal): void {
  if (reason === 'wrong_initial_access_token') throw wrongToken();
}

function wrongToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'wrong_initial_access_token',
    'registration needs an initial access token of the operator that was not used before',
    { challenge: tokenChallenge({ error: 'invalid_token' }) },
  );
}
