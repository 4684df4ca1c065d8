/** ID tokens. OpenID Connect Core §2, §3.1.3.6, §12.2 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { boundedText, numericDate, registeredClaims } from '../../lib/jwt-parts.ts';
import { isRefusal } from '../../lib/outcome.ts';
import { IN_CLEAR } from '../clients/encryption-key.ts';
import { throwRefusal } from '../errors.ts';
import type { Admitted } from '../gate.ts';
import { encryptJwt } from '../keys/encrypt-jwt.ts';
import type { SigningAlgorithm } from '../keys/signature.ts';
import { verifyJwt } from '../keys/verify-jwt.ts';
import { localSid, localSubject, sidFor, subjectFor } from '../pairwise-subject.ts';
import type { HintContext, TokenMakingContext } from './context.ts';
import type { IssuingKeys } from './issuing-keys.ts';
import { releaseClaims } from './released-claims.ts';
import type { HintClaims } from './shortened-id-token-hint.ts';

const TYPE = 'JWT';

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
  const signed = await signing(alg).sign(TYPE, {
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

/** As {@link signIdToken} writes them; what scopes give beside them is not looked at. */
const idTokenClaims = z.object({
  ...registeredClaims,
  iss: boundedText(2048),
  sub: boundedText(2048),
  aud: boundedText(512),
  sid: boundedText(512).optional(),
  auth_time: numericDate.optional(),
  acr: z.string().optional(),
  amr: z.array(z.string()).max(100).optional(),
  nonce: z.string().optional(),
  at_hash: z.string().optional(),
  // RFC 9068 §2.2: of an access token, whatever its type.
  client_id: z.never().optional(),
});

/** What an ID token of ours says of who it was for. */
export interface HintedSession {
  readonly client_id: string;
  /** The person's own sub. */
  readonly sub: string;
  /** The session's own sid. */
  readonly sid: string | undefined;
}

/** An ID token that we signed, expired or not; undefined for anything else. Core §3.1.2.1 id_token_hint, RPL §4 */
export async function verifyIdTokenHint(
  context: HintContext,
  token: string,
): Promise<HintClaims | undefined> {
  const claims = await verifyJwt(context.keys.findFormerKey, token, [TYPE], idTokenClaims);
  return claims?.iss === context.settings.issuer ? claims : undefined;
}

/** Whom the claims of such an ID token mean; undefined where there is no such client or person. */
export async function hintedSession(
  context: HintContext,
  claims: HintClaims,
): Promise<HintedSession | undefined> {
  const client = await context.clients.find(claims.aud);
  const sub = client && localSubject(context, client, claims.sub);
  if (!client || sub === undefined) return undefined;
  const sid = claims.sid === undefined ? undefined : localSid(context, client, claims.sid);
  return { client_id: client.client_id, sub, sid };
}

/** The person's own sub behind an ID token that we signed. */
export async function subjectOfIdToken(context: HintContext, token: string): Promise<string | undefined> {
  const claims = await verifyIdTokenHint(context, token);
  return claims && (await hintedSession(context, claims))?.sub;
}

/** at_hash: the left half of the hash that the algorithm uses; Ed25519 hashes with SHA-512. */
function hashOfToken(token: string, alg: SigningAlgorithm): string {
  const digest = hash(alg === 'EdDSA' ? 'sha512' : 'sha256', token, 'buffer');
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
