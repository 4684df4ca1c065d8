/** Initial access tokens: each lets one client register itself. RFC 7591 §1.2, §3 */
import { newSecretValue, storageKey } from '../../lib/ids.ts';
import { consumeOneTime, findOneTime, insertOneTime } from '../../storage/tables/one-time.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';

const KIND = 'initial_access_token';

/** A new one; only its hash is kept. */
export async function createInitialAccess(context: OAuthContext, livesSeconds: number): Promise<string> {
  const token = newSecretValue(context.clock, context.random);
  const expires_at = context.clock.nowMs() + livesSeconds * 1000;
  const value_key = storageKey(token);
  await context.db.write((tx) =>
    insertOneTime(tx, { kind: KIND, value_key, grant_id: null, payload: '', expires_at }),
  );
  return token;
}

/** The key of the token that must be spent; undefined where anybody may register. Throws OAuthError. */
export async function checkInitialAccess(
  { settings, db, clock }: OAuthContext,
  token: string | undefined,
): Promise<string | undefined> {
  if (settings.registration === 'open') return undefined;
  const key = storageKey(token ?? '');
  const row = await findOneTime(db, KIND, key);
  if (row && row.expires_at > clock.nowMs()) return key;
  throw wrongToken();
}

/** Throws OAuthError where somebody else was first. */
export async function spendInitialAccess(
  { db, clock }: OAuthContext,
  key: string | undefined,
): Promise<void> {
  if (key === undefined) return;
  if (!(await db.write((tx) => consumeOneTime(tx, KIND, key, clock.nowMs())))) throw wrongToken();
}

function wrongToken(): OAuthError {
  return new OAuthError(
    'invalid_token',
    'wrong_initial_access_token',
    'registration needs an initial access token of the operator that was not used before',
    { challenge: 'Bearer realm="gatehouse", error="invalid_token"' },
  );
}
