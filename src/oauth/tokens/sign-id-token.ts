/** ID tokens. OpenID Connect Core §2, §3.1.3.6, §12.2 */
import { hash } from 'node:crypto';
import { isRefusal } from '../../lib/outcome.ts';
import { IN_CLEAR } from '../clients/working-encryption-key.ts';
import { throwRefusal } from '../errors.ts';
import type { Admitted } from '../gate-before-issuing.ts';
import { encryptJwt } from '../keys/encrypt-jwt.ts';
import type { SigningAlgorithm } from '../keys/make-and-verify-signatures.ts';
import { sidFor, subjectFor } from '../sub-and-sid-for-client.ts';
import type { TokenMakingContext } from './context.ts';
import type { IssuingKeys } from './issuing-keys.ts';
import { releaseClaims } from './released-claims.ts';

/** The `typ` in its header. */
export const ID_TOKEN_TYPE = 'JWT';

/** OpenID Connect Core §3.1.2.1: whether an ID token is among what is issued. */
export function hasIdToken({ grant, access }: Pick<Admitted, 'grant' | 'access'>): boolean {
  return grant !== undefined && access.scope.includes('openid');
}

/**
 * The ID token of a grant with scope openid. `access_token` is the one issued beside it; the keys were opened
 * before anything was spent.
 */
export async function signIdToken(
  context: TokenMakingContext,
  admitted: Admitted,
  access_token: string,
  { signing, encryption }: IssuingKeys,
): Promise<string | undefined> {
  const { grant, client, proof } = admitted;
  if (!grant || !hasIdToken(admitted)) return undefined;
  const iat = Math.floor(context.clock.nowMs() / 1000);
  const alg = client.metadata.id_token_signed_response_alg;
  const released = await releaseClaims(context, { client, grant, scope: admitted.access.scope }, 'id_token');
  const signed = await signing(alg).sign(ID_TOKEN_TYPE, {
    // The protocol's own claims come after, so that nothing overwrites them.
    ...released,
    iss: context.settings.issuer,
    sub: subjectFor(context, client, grant.sub),
    aud: client.client_id,
    iat,
    exp: iat + context.settings.id_token_seconds,
    auth_time: Math.floor(grant.auth_time / 1000),
    amr: JSON.parse(grant.amr),
    ...(grant.acr !== null && { acr: grant.acr }),
    at_hash: hashOfToken(access_token, alg),
    ...(grant.sid !== null && { sid: sidFor(context, client, grant.sid) }),
    ...(proof.kind === 'grant' && proof.nonce !== undefined && { nonce: proof.nonce }),
  });
  if (encryption === IN_CLEAR) return signed;
  if (isRefusal(encryption)) throwRefusal(encryption);
  return encryptJwt(signed, encryption.key, encryption, 'JWT');
}

/** at_hash: the left half of the hash that the algorithm uses; Ed25519 hashes with SHA-512. */
function hashOfToken(token: string, alg: SigningAlgorithm): string {
  const digest = hash(alg === 'EdDSA' ? 'sha512' : 'sha256', token, 'buffer');
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
