/** Signs an access token as a JWT. RFC 9068 §2.2 */
import { sha256 } from '../../lib/sha256-and-hmac.ts';
import type { Admitted } from '../gate-before-issuing.ts';
import type { SigningKeys } from '../keys/signing-and-published-keys.ts';
import { subjectFor } from '../sub-and-sid-for-client.ts';
import type { AccessTokenClaims } from './access-token-claims-schema.ts';
import { makeJti } from './access-token-jti-contents.ts';
import type { TokenMakingContext } from './context.ts';
import { releaseClaims } from './released-claims.ts';

/** What was signed here need not be verified here. */
export async function signAccessToken(
  context: TokenMakingContext,
  admitted: Admitted,
  keys: SigningKeys,
): Promise<string> {
  const iat = Math.floor(context.clock.nowMs() / 1000);
  const { client, grant } = admitted;
  const { scope } = admitted.access;
  const jti = await makeJti(context, admitted);
  // The protocol's own claims come last, so that nothing overwrites them.
  const claims: AccessTokenClaims = {
    ...(grant && (await releaseClaims(context, { client, grant, scope }, 'access_token'))),
    iss: context.settings.issuer,
    // RFC 9068 §2.2: the client itself where no user takes part.
    sub: grant ? subjectFor(context, client, grant.sub) : client.client_id,
    aud: admitted.audience,
    client_id: client.client_id,
    ...(scope.length > 0 && { scope: scope.join(' ') }),
    iat,
    exp: iat + context.settings.access_token_seconds,
    jti,
    ...(grant && { auth_time: Math.floor(grant.auth_time / 1000) }),
    ...(grant && grant.acr !== null && { acr: grant.acr }),
    ...(admitted.confirmation && { cnf: admitted.confirmation }),
  };
  const key = keys.signing(admitted.accessTokenAlg);
  const token = await key.sign(admitted.accessTokenType, { ...claims });
  context.verifiedTokens.set(sha256(token), { claims, revision: undefined, characters: token.length });
  return token;
}
