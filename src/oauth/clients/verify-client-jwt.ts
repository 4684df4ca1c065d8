/**
 * JWTs that clients sign, with their own keys or with a secret. The order is that of what a wrong one costs: bounds and types, what it
 * says, its key, and the signature last. RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725 §3
 */
import type { JWK } from 'jose';
import type { z } from 'zod';
import type { registeredClaims } from '../../lib/jwt-claim-schemas.ts';
import { type Checked, checkInOrder, isRefusal, PASSED } from '../../lib/outcome.ts';
import { type JoseHeader, type JwtParts, readJwt } from '../../lib/read-unverified-jwt.ts';
import {
  isSignedByForeignKey,
  type SigningAlgorithm,
  signingAlgorithms,
} from '../keys/make-and-verify-signatures.ts';
import { isMacAlgorithm, isMacOf, type MacAlgorithm } from '../keys/verify-hs256.ts';
import type { KeysAway } from './cached-client-jwks.ts';
import type { Client } from './client.ts';
import type { ClientJwtContext } from './context.ts';
import { openPublicKey } from './public-key.ts';

/** Clocks differ; A044: 10 s are let pass, a minute is not. */
export const SKEW_SECONDS = 30;

/** Without a kid, or where several keys have the same; a rotation has two or three at once. */
const MOST_TRIED = 4;

/** What is checked of every kind, where it is there. */
export type RegisteredClaims = z.output<z.ZodObject<typeof registeredClaims>>;

/** How one kind of these JWTs is read; whose it is need not be known yet. */
export interface ClientJwtShape<Claims extends RegisteredClaims> {
  readonly claims: z.ZodType<Claims>;
  /** In characters. */
  readonly longest: number;
}

/** Of the right types, and not verified. */
export type ClientJwt<Claims extends RegisteredClaims = RegisteredClaims> = JwtParts<Claims>;

declare const isVerified: unique symbol;

/** An optional one is held to the same rule where it is there. */
export type Presence = 'required' | 'optional';

type CheckedClaim = 'iss' | 'aud' | 'exp' | 'jti';

/** Of each that is checked; iss is the client's client_id; sub is left to who asks. */
export type Presences = Readonly<Record<'typ' | CheckedClaim, Presence>>;

/** The claims that rules with these presences require. */
type RequiredBy<Of extends Presences> = {
  [Name in CheckedClaim]: Of[Name] extends 'required' ? Name : never;
}[CheckedClaim];

/**
 * Signed by the client for this use, by all the rules. `Required` are claims that it has, since its rules required them.
 * Made by {@link verifyClientJwt} alone.
 */
export interface VerifiedClientJwt<
  Claims extends RegisteredClaims = RegisteredClaims,
  Required extends CheckedClaim = never,
> extends ClientJwt<Claims & { readonly [Name in Required]: NonNullable<Claims[Name]> }> {
  readonly [isVerified]: true;
  readonly client: Client;
}

/** The word for a JWT whose age does not count. */
export const OF_ANY_AGE = 'of any age';

/** The word for the keys that the client registered, in jwks or jwks_uri. */
export const PUBLIC_KEYS = 'public keys of the client';

/** By a public key no MAC is verified, and by a secret no signature: RFC 8725 §2.1, §3.1. */
export type ClientJwtKeys = typeof PUBLIC_KEYS | { readonly secrets: readonly string[] };

/** Whose JWT it must be, and what shows that. */
export interface ClientJwtSigner {
  readonly client: Client;
  readonly keys: ClientJwtKeys;
}

/** What a client may sign with. RFC 7518 §3.1 */
export type ClientJwtAlgorithm = SigningAlgorithm | MacAlgorithm;

/** What one kind of these JWTs is held to, beside being the client's: each says all of it. */
export interface ClientJwtRules<Of extends Presences = Presences> {
  /** What typ may be, in lower case and without "application/". RFC 7515 §4.1.9, RFC 8725 §3.11 */
  readonly types: readonly string[];
  readonly presence: Of;
  /** Those that this kind may be signed with. RFC 8725 §3.1 */
  readonly algorithms: readonly ClientJwtAlgorithm[];
  /** The one of them that the client registered; undefined: any. */
  readonly alg: string | undefined;
  /** aud is one of these. */
  readonly audiences: readonly string[];
  /** Whether aud may be a list of that one, or is one text alone. */
  readonly audienceForm: 'text' | 'text or list of one';
  /** From now to exp. */
  readonly longestSeconds: number;
  /** From iat to now; with a number iat is required. */
  readonly oldestSeconds: number | typeof OF_ANY_AGE;
}

export type ClientJwtFault =
  | 'without_jti'
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
export function readClientJwt<Claims extends RegisteredClaims>(
  text: string,
  { claims, longest }: ClientJwtShape<Claims>,
): ClientJwt<Claims> | undefined {
  return readJwt(text, longest, claims);
}

/** What the client signed for this use, or why it is not that. */
export async function verifyClientJwt<Claims extends RegisteredClaims, Of extends Presences>(
  context: ClientJwtContext,
  signer: ClientJwtSigner,
  jwt: ClientJwt<Claims>,
  rules: ClientJwtRules<Of>,
): Promise<VerifiedClientJwt<Claims, RequiredBy<Of>> | ClientJwtFault | KeysAway> {
  const { client, keys } = signer;
  const nowSeconds = context.clock.nowMs() / 1000;
  const checked = checkInOrder<ClientJwtFault>(
    () => checkJti(jwt.claims, rules),
    () => checkHeader(jwt.header, rules),
    () => checkParties(client, jwt.claims, rules),
    () => checkTimes(jwt.claims, rules, nowSeconds),
  );
  if (checked !== PASSED) return checked;
  const signature =
    keys === PUBLIC_KEYS ? await checkSignature(context, client, jwt) : checkMac(keys.secrets, jwt);
  return signature === PASSED ? ({ ...jwt, client } as VerifiedClientJwt<Claims, RequiredBy<Of>>) : signature;
}

function checkJti({ jti = '' }: RegisteredClaims, { presence }: ClientJwtRules): Checked<ClientJwtFault> {
  return jti === '' && presence.jti !== 'optional' ? 'without_jti' : PASSED;
}

function checkHeader({ alg, typ }: JoseHeader, rules: ClientJwtRules): Checked<ClientJwtFault> {
  const isOffered = (rules.algorithms as readonly string[]).includes(alg);
  if (!isOffered || (rules.alg !== undefined && rules.alg !== alg)) return 'wrong_alg';
  if (typ === undefined) return rules.presence.typ === 'optional' ? PASSED : 'wrong_typ';
  return rules.types.includes(typ.toLowerCase().replace(/^application\//, '')) ? PASSED : 'wrong_typ';
}

function isSigningAlgorithm(alg: string): alg is SigningAlgorithm {
  return (signingAlgorithms as readonly string[]).includes(alg);
}

function checkParties(
  { client_id }: Client,
  { iss, aud }: RegisteredClaims,
  { presence, audiences, audienceForm }: ClientJwtRules,
): Checked<ClientJwtFault> {
  if (iss === undefined ? presence.iss !== 'optional' : iss !== client_id) return 'wrong_issuer';
  if (aud === undefined) return presence.aud === 'optional' ? PASSED : 'wrong_audience';
  const only = onlyAudience(aud, audienceForm);
  return only !== undefined && audiences.includes(only) ? PASSED : 'wrong_audience';
}

/** RFC 7519 §4.1.3: a list of one says the same as the one; with a second name it could be shown elsewhere too. */
function onlyAudience(
  aud: string | readonly string[],
  form: ClientJwtRules['audienceForm'],
): string | undefined {
  if (typeof aud === 'string') return aud;
  return aud.length === 1 && form === 'text or list of one' ? aud[0] : undefined;
}

function checkTimes(
  { exp, iat, nbf = 0 }: RegisteredClaims,
  { presence, longestSeconds, oldestSeconds }: ClientJwtRules,
  nowSeconds: number,
): Checked<ClientJwtFault> {
  if (exp === undefined ? presence.exp !== 'optional' : exp <= nowSeconds - SKEW_SECONDS) return 'expired';
  if (exp !== undefined && exp > nowSeconds + longestSeconds + SKEW_SECONDS) return 'too_long';
  if (Math.max(iat ?? 0, nbf) > nowSeconds + SKEW_SECONDS) return 'not_yet_valid';
  if (oldestSeconds === OF_ANY_AGE) return PASSED;
  return iat !== undefined && iat >= nowSeconds - oldestSeconds - SKEW_SECONDS ? PASSED : 'expired';
}

/** A047: the key is one that is registered; what the header says of keys is never looked at. */
async function checkSignature(
  { clientKeys }: ClientJwtContext,
  client: Client,
  { header, signed, signature }: ClientJwt,
): Promise<Checked<ClientJwtFault | KeysAway>> {
  const { alg, kid } = header;
  if (!isSigningAlgorithm(alg)) return 'wrong_alg';
  const keys = await clientKeys.of(client, (key) => kid === undefined || key.kid === kid);
  if (isRefusal(keys)) return keys;
  if (keys.length === 0) return 'no_keys';
  const candidates = keys.filter((key) => mayVerify(key, { alg, kid }));
  const tried = candidates.slice(0, MOST_TRIED).map(openPublicKey);
  const usable = tried.filter((key) => typeof key !== 'string');
  if (tried.length > 0 && usable.length === 0) return 'unusable_key';
  for (const key of usable) {
    if (await isSignedByForeignKey(alg, key, signed, signature)) return PASSED;
  }
  return candidates.length > MOST_TRIED ? 'too_many_keys' : 'wrong_signature';
}

/** RFC 7518 §3.2: the key is each text of `secrets`, as it is; for a client's secret it is the stored hash. */
function checkMac(
  secrets: readonly string[],
  { header: { alg }, signed, signature }: ClientJwt,
): Checked<ClientJwtFault> {
  if (!isMacAlgorithm(alg)) return 'wrong_alg';
  if (secrets.length === 0) return 'no_keys';
  return secrets.some((secret) => isMacOf(alg, secret, signed, signature)) ? PASSED : 'wrong_signature';
}

/** RFC 7518 §3.1, RFC 8037 §3.1: which keys an algorithm is for. */
const KEY_KINDS: Readonly<Record<SigningAlgorithm, { readonly kty: string; readonly crv?: string }>> = {
  ES256: { kty: 'EC', crv: 'P-256' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
};

/** RFC 7517 §4.2 to §4.5 */
function mayVerify(
  key: JWK,
  { alg, kid }: { readonly alg: SigningAlgorithm; readonly kid: string | undefined },
): boolean {
  const { kty, crv } = KEY_KINDS[alg];
  return (
    key.kty === kty &&
    (crv === undefined || key.crv === crv) &&
    (kid === undefined || key.kid === undefined || key.kid === kid) &&
    (key.use === undefined || key.use === 'sig') &&
    (key.key_ops === undefined || key.key_ops.includes('verify')) &&
    (key.alg === undefined || key.alg === alg)
  );
}
