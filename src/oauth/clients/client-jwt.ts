/**
 * JWTs that clients sign with their own keys. The order is that of what a wrong one costs: bounds and types, what it
 * says, its key, and the signature last. RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725 §3
 */
import type { JWK } from 'jose';
import { z } from 'zod';
import { type ProfileName, profiles } from '../../config/profiles.ts';
import { type JoseHeader, type JwtParts, readJwt, registeredClaims } from '../../lib/jwt-parts.ts';
import { isRefusal } from '../../lib/outcome.ts';
import { isSignedByForeignKey, type SigningAlgorithm, signingAlgorithms } from '../keys/signature.ts';
import type { Client } from './client.ts';
import type { KeysAway } from './client-keys.ts';
import type { ClientJwtContext } from './context.ts';
import { openPublicKey } from './public-key.ts';

/** Clocks differ; A044: 10 s are let pass, a minute is not. */
export const SKEW_SECONDS = 30;
const LONGEST = 16_384;
/** Without a kid, or where several keys have the same; a rotation has two or three at once. */
const MOST_TRIED = 4;

const clientJwtClaims = z.object(registeredClaims);

/** Of the right types, and not verified. */
export type ClientJwt = JwtParts<z.output<typeof clientJwtClaims>>;

declare const isVerified: unique symbol;

/** Signed by the client for this use, by all the rules. Made by {@link verifyClientJwt} alone. */
export interface VerifiedClientJwt extends ClientJwt {
  readonly [isVerified]: true;
  readonly client: Client;
}

/** What one kind of these JWTs is held to, beside being the client's. */
export interface ClientJwtRules {
  /** What typ may be where it is there, in lower case and without "application/". RFC 7515 §4.1.9, RFC 8725 §3.11 */
  readonly types: readonly string[];
  /** The one that the client registered; undefined: any that is offered. */
  readonly alg: SigningAlgorithm | undefined;
  /** aud is one of these, as one text or, unless the profile forbids it, as a list of that one. */
  readonly audiences: readonly string[];
  /** From now to exp. */
  readonly longestSeconds: number;
}

export type ClientJwtFault =
  | 'wrong_typ'
  | 'wrong_alg'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'too_long'
  | 'not_yet_valid'
  | 'no_keys'
  | 'unusable_key'
  | 'too_many_keys'
  | 'wrong_signature';

/** Undefined for what is no JWT, is too long, or has a member of a wrong type. */
export function readClientJwt(text: string): ClientJwt | undefined {
  return readJwt(text, LONGEST, clientJwtClaims);
}

/** What the client signed for this use, or why it is not that. */
export async function verifyClientJwt(
  context: ClientJwtContext,
  client: Client,
  jwt: ClientJwt,
  rules: ClientJwtRules,
): Promise<VerifiedClientJwt | ClientJwtFault | KeysAway> {
  const fault = findHeaderFault(jwt.header, rules) ?? findClaimsFault(context, client, jwt, rules);
  if (fault !== undefined) return fault;
  const signature = await checkSignature(context, client, jwt);
  return signature === 'right' ? ({ ...jwt, client } as VerifiedClientJwt) : signature;
}

function findHeaderFault({ alg, typ }: JoseHeader, rules: ClientJwtRules): ClientJwtFault | undefined {
  if (!isOffered(alg) || (rules.alg !== undefined && rules.alg !== alg)) return 'wrong_alg';
  const type = typ?.toLowerCase().replace(/^application\//, '');
  return type === undefined || rules.types.includes(type) ? undefined : 'wrong_typ';
}

function isOffered(alg: string): alg is SigningAlgorithm {
  return (signingAlgorithms as readonly string[]).includes(alg);
}

function findClaimsFault(
  { clock }: ClientJwtContext,
  { client_id, profile }: Client,
  { claims }: ClientJwt,
  { audiences, longestSeconds }: ClientJwtRules,
): ClientJwtFault | undefined {
  const nowSeconds = clock.nowMs() / 1000;
  const { iss, exp, iat = 0, nbf = 0 } = claims;
  const aud = onlyAudience(profile, claims.aud);
  if (iss !== client_id) return 'wrong_issuer';
  if (aud === undefined || !audiences.includes(aud)) return 'wrong_audience';
  if (exp === undefined || exp <= nowSeconds - SKEW_SECONDS) return 'expired';
  if (exp > nowSeconds + longestSeconds + SKEW_SECONDS) return 'too_long';
  return Math.max(iat, nbf) > nowSeconds + SKEW_SECONDS ? 'not_yet_valid' : undefined;
}

/** RFC 7519 §4.1.3: a list of one says the same as the one; with a second name it could be shown elsewhere too. */
function onlyAudience(profile: ProfileName, aud: ClientJwt['claims']['aud']): string | undefined {
  if (!Array.isArray(aud)) return aud;
  return aud.length === 1 && profiles[profile].assertionAudience !== 'issuer' ? aud[0] : undefined;
}

/** A047: the key is one that is registered; what the header says of keys is never looked at. */
async function checkSignature(
  { clientKeys }: ClientJwtContext,
  client: Client,
  { header, signed, signature }: ClientJwt,
): Promise<'right' | ClientJwtFault | KeysAway> {
  const { kid } = header;
  const keys = await clientKeys.of(client, (key) => kid === undefined || key.kid === kid);
  if (isRefusal(keys)) return keys;
  if (keys.length === 0) return 'no_keys';
  const candidates = keys.filter((key) => mayVerify(key, header));
  const tried = candidates.slice(0, MOST_TRIED).map(openPublicKey);
  const usable = tried.filter((key) => typeof key !== 'string');
  if (tried.length > 0 && usable.length === 0) return 'unusable_key';
  for (const key of usable) {
    if (await isSignedByForeignKey(header.alg as SigningAlgorithm, key, signed, signature)) return 'right';
  }
  return candidates.length > MOST_TRIED ? 'too_many_keys' : 'wrong_signature';
}

/** RFC 7518 §3.1, RFC 8037 §3.1: which keys an algorithm is for. */
const KEY_KINDS: Readonly<Record<SigningAlgorithm, { readonly kty: string; readonly crv?: string }>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
};

/** RFC 7517 §4.2 to §4.5 */
function mayVerify(key: JWK, { alg, kid }: JoseHeader): boolean {
  const { kty, crv } = KEY_KINDS[alg as SigningAlgorithm];
  return (
    key.kty === kty &&
    (crv === undefined || key.crv === crv) &&
    (kid === undefined || key.kid === undefined || key.kid === kid) &&
    (key.use === undefined || key.use === 'sig') &&
    (key.key_ops === undefined || key.key_ops.includes('verify')) &&
    (key.alg === undefined || key.alg === alg)
  );
}
