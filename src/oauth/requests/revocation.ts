/** RFC 7009 */
import type { RequestSource } from '../../audit/request-source.ts';
import type { IdentityContext } from '../../identity/context.ts';
import type { Tx } from '../../storage/database.ts';
import { revokeGrant } from '../../storage/tables/grants.ts';
import { insertRevokedToken } from '../../storage/tables/revoked-tokens.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { asClient, settle, writeAs } from '../clients/authentication/run-as-client-spending-jtis.ts';
import type { Client } from '../clients/client.ts';
import { OAuthError } from '../errors.ts';
import { type Parameters, parseParameters } from '../parameters.ts';
import { findEndableToken, type PresentedContext, type PresentedToken } from '../tokens/presented-token.ts';
import { type Answer, answerTo } from './answer-to-proven-caller.ts';
import { type Known, recordRefusals } from './audit-refusals.ts';
import type { RevocationContext } from './context.ts';

/** §2.1, §2.2: afterwards the token is not in force; an unknown one never was. Throws OAuthError. */
export function revocation(
  context: RevocationContext,
  request: BackChannelRequest,
): Promise<Answer<undefined>> {
  const { source } = request;
  return recordRefusals(context, { type: 'token.refused', source }, (known) =>
    revoke(context, request, known),
  );
}

async function revoke(
  context: RevocationContext,
  request: BackChannelRequest,
  known: Known,
): Promise<Answer<undefined>> {
  known.details = { endpoint: '/revoke' };
  const parameters = parseParameters(request.pairs);
  return asClient(context, { parameters, request }, async (authenticated) => {
    known.client_id = authenticated.client.client_id;
    const presented = await findOwn(context, authenticated.client, parameters);
    if (!presented) return answerTo(await settle(context, authenticated), undefined);
    return writeAs(context, authenticated, async (tx, caller) => {
      await revokePresented(context, tx, presented, request.source);
      return answerTo(caller, undefined);
    });
  });
}

async function findOwn(
  context: PresentedContext,
  { client_id }: Client,
  parameters: Parameters,
): Promise<PresentedToken | undefined> {
  const token = parameters.get('token');
  if (token === undefined) throw new OAuthError('invalid_request', 'missing_token', 'token is missing');
  const presented = await findEndableToken(context, token);
  if (!presented || ownerOf(presented) === client_id) return presented;
  throw new OAuthError('invalid_request', 'token_of_other_client', 'the token was not issued to this client');
}

/** Ends a token: a refresh token ends its grant and every token of it (§2.1), an access token ends alone. */
export async function revokePresented(
  context: Pick<IdentityContext, 'audit' | 'clock'>,
  tx: Tx,
  presented: PresentedToken,
  source: RequestSource | undefined,
): Promise<void> {
  const nowMs = context.clock.nowMs();
  if (presented.kind === 'refresh_token') await revokeGrant(tx, presented.grant.grant_id, nowMs);
  // On a node whose clock is ahead the token has expired, and the clean-up there would delete the row at once.
  else await insertRevokedToken(tx, presented.claims.jti, Math.max(presented.claims.exp * 1000, nowMs));
  context.audit.record(tx, {
    type: 'token.revoked',
    sub: presented.grant?.sub,
    client_id: ownerOf(presented),
    grant_id: presented.grant?.grant_id,
    source,
    details: { kind: presented.kind },
  });
}

function ownerOf(presented: PresentedToken): string {
  return presented.kind === 'refresh_token' ? presented.grant.client_id : presented.claims.client_id;
}
