/** The first tokens of a grant that a user gave, whatever the client showed for it: a code, or another value spent once. */
import type { IdentityContext } from '../../identity/context.ts';
import type { Tx } from '../../storage/database.ts';
import type { Spent } from '../../storage/spend-row.ts';
import { startGrant } from '../../storage/tables/grants.ts';
import type { Client } from '../clients/client.ts';
import { type Confirmation, writeConfirmation } from '../confirmation-claim.ts';
import { boundGrants } from '../end-all-or-surplus-grants.ts';
import { type GrantProof, grantProven } from '../grant-proof.ts';

export interface FirstUse {
  /** The code, or what else was shown. */
  readonly spent: Spent;
  readonly grantId: string;
  readonly client: Client;
  /** The keys that the request showed. */
  readonly shown: Confirmation | undefined;
  /** What the authorization request brought, for the ID token. OpenID Connect Core §2 */
  readonly nonce: string | undefined;
}

/**
 * In the transaction that spent the value, after it: the grant gets its lifetime and the keys of its refresh tokens, the
 * oldest ends where the user gave the client too many, and the grant is proven. One that is over by then gets none of this:
 * the gate refuses it, and nothing is spent.
 */
export async function startProvenGrant(
  context: Pick<IdentityContext, 'audit' | 'clock' | 'random' | 'settings'>,
  tx: Tx,
  { spent, grantId, client, shown, nonce }: FirstUse,
): Promise<GrantProof> {
  const start = { ...lifeOfGrant(context), confirmation: writeConfirmation(boundTo(client, shown)) };
  await startGrant(tx, grantId, start, context.clock.nowMs());
  await boundGrants(context, tx, grantId);
  return grantProven(spent, grantId, { nonce });
}

/** Without refresh tokens a grant is over when the one access token of its code is. */
function lifeOfGrant({ settings }: Pick<IdentityContext, 'settings'>) {
  const { refresh_token_absolute_seconds, code_seconds, access_token_seconds } = settings;
  return {
    refreshableMs: refresh_token_absolute_seconds * 1000,
    otherMs: (code_seconds + access_token_seconds) * 1000,
  };
}

/** RFC 9449 §5, RFC 8705 §4: a client that proves itself may change its key; nothing else holds the others. */
function boundTo({ confidential }: Client, shown: Confirmation | undefined): Confirmation | undefined {
  return confidential ? undefined : shown;
}
