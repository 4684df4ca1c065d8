/** The ID token that a request brings back to say whom it means. OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2 */
import { z } from 'zod';
import { boundedText, numericDate, registeredClaims } from '../../lib/jwt-claim-schemas.ts';
import { verifyJwt } from '../keys/verify-own-jwt.ts';
import { localSid, localSubject } from '../sub-and-sid-for-client.ts';
import type { HintContext } from './context.ts';
import { ID_TOKEN_TYPE } from './sign-id-token.ts';

/** Of an ID token of ours, what it is a hint of. */
export interface HintClaims {
  readonly aud: string;
  readonly sub: string;
  readonly sid?: string | undefined;
}

/** As sign-id-token.ts writes them; claims of scopes are not read. */
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

/** The claims of our ID token that name whom it was issued for. */
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
  const claims = await verifyJwt(context.keys.findFormerKey, token, [ID_TOKEN_TYPE], idTokenClaims);
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
