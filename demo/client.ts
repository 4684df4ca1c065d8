/** What an app does: the authorization code flow with PKCE, step by step and checked. RFC 6749, RFC 7636, RFC 9207 */
import { createHash, randomBytes } from 'node:crypto';
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { Recorder } from './exchange.ts';
import type { Stage } from './stage.ts';

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

export interface Metadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly userinfo_endpoint: string;
  readonly introspection_endpoint: string;
  readonly revocation_endpoint: string;
  readonly jwks_uri: string;
}

/** What the app keeps between the request and its answer. */
export interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly code_verifier: string;
}

export function check(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`not as the specification says: ${sentence}`);
}

const secretText = () => randomBytes(32).toString('base64url');
const s256 = (text: string) => createHash('sha256').update(text).digest('base64url');

/** RFC 8414 §3.3 */
export async function discover(recorder: Recorder, stage: Stage): Promise<Metadata> {
  const response = await recorder.fetch(`${stage.issuer}/.well-known/openid-configuration`);
  const metadata = (await response.json()) as Metadata;
  check(metadata.issuer === stage.issuer, 'the discovery document names the issuer that was asked');
  return metadata;
}

/** RFC 6749 §4.1.1 */
export function authorizationUrl(stage: Stage, metadata: Metadata, more: Record<string, string> = {}) {
  const pending: Pending = { state: secretText(), nonce: secretText(), code_verifier: secretText() };
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: stage.client_id,
    redirect_uri: stage.redirect_uri,
    scope: 'openid profile email',
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: s256(pending.code_verifier),
    code_challenge_method: 'S256',
    ...more,
  });
  return { url: `${metadata.authorization_endpoint}?${query}`, pending };
}

/** RFC 6749 §4.1.2, RFC 9207 §2.4 */
export function readCode(stage: Stage, response: URLSearchParams, pending: Pending): string {
  check(response.get('state') === pending.state, 'state comes back byte for byte');
  check(response.get('iss') === stage.issuer, 'iss names the issuer');
  const error = response.get('error');
  check(error === null, `no error, but ${error}: ${response.get('error_description')}`);
  return response.get('code') ?? '';
}

async function call(
  recorder: Recorder,
  stage: Stage,
  url: string,
  body: Record<string, string>,
): Promise<Response> {
  const credentials = Buffer.from(`${stage.client_id}:${stage.client_secret}`).toString('base64');
  const headers = { authorization: `Basic ${credentials}` };
  return recorder.fetch(url, { method: 'POST', headers, body: new URLSearchParams(body) });
}

async function tokensFrom(response: Response): Promise<Tokens> {
  check(response.status === 200, `the token endpoint answers 200, not ${response.status}`);
  check(response.headers.get('cache-control') === 'no-store', 'tokens are not stored by caches');
  return (await response.json()) as Tokens;
}

/** RFC 6749 §4.1.3 */
export async function redeem(
  recorder: Recorder,
  stage: Stage,
  metadata: Metadata,
  code: string,
  pending: Pending,
) {
  const { redirect_uri } = stage;
  const body = { grant_type: 'authorization_code', code, redirect_uri, code_verifier: pending.code_verifier };
  return tokensFrom(await call(recorder, stage, metadata.token_endpoint, body));
}

/** RFC 6749 §6 */
export async function refresh(recorder: Recorder, stage: Stage, metadata: Metadata, refresh_token: string) {
  return tokensFrom(
    await call(recorder, stage, metadata.token_endpoint, { grant_type: 'refresh_token', refresh_token }),
  );
}

/** OpenID Connect Core §3.1.3.7 */
export async function checkIdToken(
  recorder: Recorder,
  stage: Stage,
  metadata: Metadata,
  tokens: Tokens,
  nonce: string | undefined,
): Promise<JWTPayload> {
  const keys = (await (await recorder.fetch(metadata.jwks_uri)).json()) as JSONWebKeySet;
  const { payload } = await jwtVerify(tokens.id_token, createLocalJWKSet(keys), {
    issuer: stage.issuer,
    audience: stage.client_id,
  });
  if (nonce !== undefined) check(payload.nonce === nonce, 'the ID token carries the nonce');
  const half = createHash('sha256')
    .update(tokens.access_token)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
  check(payload.at_hash === half, 'at_hash belongs to the access token');
  return payload;
}

/** OpenID Connect Core §5.3 */
export async function userinfo(
  recorder: Recorder,
  metadata: Metadata,
  access_token: string,
): Promise<Response> {
  return recorder.fetch(metadata.userinfo_endpoint, { headers: { authorization: `Bearer ${access_token}` } });
}

/** RFC 7662 §2 */
export async function introspect(recorder: Recorder, stage: Stage, metadata: Metadata, token: string) {
  const response = await call(recorder, stage, metadata.introspection_endpoint, { token });
  return (await response.json()) as { active: boolean; sub?: string };
}

/** RFC 7009 §2 */
export async function revoke(
  recorder: Recorder,
  stage: Stage,
  metadata: Metadata,
  token: string,
): Promise<void> {
  const response = await call(recorder, stage, metadata.revocation_endpoint, { token });
  check(response.status === 200, 'revocation answers 200');
}
