/** RFC 7009 */
import type { RequestSource } from '../../audit/events.ts';
import { revokeGrant } from '../../storage/tables/grants.ts';
import { insertRevokedToken } from '../../storage/tables/revoked-tokens.ts';
import type { BackChannelRequest } from '../back-channel-request.ts';
import { authenticate } from '../clients/authentication/authenticate.ts';
import type { OAuthContext } from '../context.ts';
import { OAuthError } from '../errors.ts';
import { parseParameters } from '../parameters.ts';
import { findEndableToken, type PresentedToken } from '../tokens/presented.ts';
import { type Answer, answerTo } from './answer.ts';
import { audited, type Known } from './audited.ts';

/** §2.1, §2.2: afterwards the token is not in force; an unknown one never was. Throws OAuthError. */
export function revocation(context: OAuthContext, request: BackChannelRequest): Promise<Answer<undefined>> {
  const { source } = request;
  return audited(context, { type: 'token.refused', source }, (known) => revoke(context, request, known));
}

async function revoke(
  context: OAuthContext,
  request: BackChannelRequest,
  known: Known,
): Promise<Answer<undefined>> {
  known.details = { endpoint: '/revoke' };
  const parameters = parseParameters(request.pairs);
  const { client, caller } = await authenticate(context, { parameters, request });
  known.client_id = client.client_id;
  const token = parameters.get('token');
  if (token === undefined) throw new OAuthError('invalid_request', 'missing_token', 'token is missing');
  const presented = await findEndableToken(context, token);
  if (!presented) return answerTo(caller, undefined);
  if (ownerOf(presented) !== client.client_id) {
    throw new OAuthError(
      'invalid_request',
      'token_of_other_client',
      'the token was not issued to this client',
    );
  }
  await revokePresented(context, presented, request.source);
  return answerTo(caller, undefined);
}

/** Ends a token: a refresh token ends its grant and every token of it (§2.1), an access token ends alone. */
export async function revokePresented(
  context: OAuthContext,
  presented: PresentedToken,
  source: RequestSource | undefined,
): Promise<void> {
  const nowMs = context.clock.nowMs();
  await context.db.write(async (tx) => {
    if (presented.kind === 'refresh_token') await revokeGrant(tx, presented.grant.grant_id, nowMs);
    // By a clock that is ahead it is over, and the clean-up of that clock would take the row at once.
    else await insertRevokedToken(tx, presented.claims.jti, Math.max(presented.claims.exp * 1000, nowMs));
    context.audit.record(tx, {
      type: 'token.revoked',
      sub: presented.grant?.sub,
      client_id: ownerOf(presented),
      grant_id: presented.grant?.grant_id,
      source,
      details: { kind: presented.kind },
    });
  });
}

function ownerOf(presented: PresentedToken): string {
  return presented.kind === 'refresh_token' ? presented.grant.client_id : presented.claims.client_id;
}
