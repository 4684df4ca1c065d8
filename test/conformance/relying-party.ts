/** What the plans' relying party does: registers, sends a browser to the provider, redeems, verifies, asks. */
import { createHash, randomBytes } from 'node:crypto';
import {
  type CryptoKey,
  createLocalJWKSet,
  decodeProtectedHeader,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { expect } from 'vitest';
import { type Answer, answerOf, basic } from '../support/flow.ts';
import { formOf, type Page, type UserAgent } from '../support/user-agent.ts';
import { credentials, type Op } from './op.ts';

// biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at member by member
type Members = Record<string, any>;

export interface Client extends Members {
  readonly client_id: string;
  readonly client_secret: string;
  readonly redirect_uris: readonly string[];
}

/** The key of a client with private_key_jwt, and its kid. */
export interface ClientKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/** RFC 7591 §3.1, as it is answered. */
export async function tryRegister(op: Op, metadata: Members = {}): Promise<Answer> {
  const body = JSON.stringify({
    client_name: 'Conformance suite',
    redirect_uris: [`${op.site.origin}/callback`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...metadata,
  });
  const headers = { 'content-type': 'application/json' };
  return answerOf(await op.send(op.metadata.registration_endpoint, { method: 'POST', headers, body }));
}

export async function register(op: Op, metadata: Members = {}): Promise<Client> {
  const { status, body } = await tryRegister(op, metadata);
  if (status !== 201) throw new Error(`registration: ${status} ${JSON.stringify(body)}`);
  return body;
}

export interface Sent {
  readonly url: string;
  readonly parameters: Members;
}

/** An authorization request; a parameter that is undefined is left out. */
export function requestTo(op: Op, client: Client, more: Members = {}): Sent {
  const parameters: Members = {
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: client.redirect_uris[0],
    scope: 'openid',
    state: randomBytes(16).toString('base64url'),
    nonce: randomBytes(16).toString('base64url'),
    ...more,
  };
  for (const name of Object.keys(parameters)) if (parameters[name] === undefined) delete parameters[name];
  return { url: `${op.metadata.authorization_endpoint}?${new URLSearchParams(parameters)}`, parameters };
}

/** Fills in every page that is shown until the browser is sent to the client; counts the sign-ins. */
export async function walk(browser: UserAgent, opened: Page): Promise<{ page: Page; signIns: number }> {
  let page = opened;
  let signIns = 0;
  for (let step = 0; step < 6; step += 1) {
    if (page.body.includes('name="password"')) {
      page = await browser.submit(page, credentials);
      signIns += 1;
    } else if (page.body.includes('id="allow"')) page = await browser.submit(page, { decision: 'allow' });
    else break;
  }
  return { page, signIns };
}

export interface Authorized {
  readonly browser: UserAgent;
  readonly parameters: Members;
  readonly signIns: number;
  /** The authorization response, by query or form_post. */
  readonly response: URLSearchParams;
}

export async function authorize(
  op: Op,
  client: Client,
  more: Members = {},
  browser = op.newBrowser(),
): Promise<Authorized> {
  const { url, parameters } = requestTo(op, client, more);
  const { page, signIns } = await walk(browser, await browser.open(url));
  const response = responseOf(page, client);
  expect(response.get('state')).toBe(parameters.state ?? null);
  expect(response.get('iss')).toBe(op.issuer);
  return { browser, parameters, signIns, response };
}

/** What the client receives; throws where the browser was not sent to one of its redirect URIs. */
export function responseOf(page: Page, client: Client): URLSearchParams {
  const { location } = page;
  const target = location ?? (page.status === 200 && page.body.includes('<form') ? formOf(page).action : '');
  const uri = client.redirect_uris.find((candidate) => target.startsWith(candidate));
  if (uri === undefined)
    throw new Error(`not sent to the client: ${page.status} ${page.url} ${target}\n${page.body}`);
  return location === undefined ? new URLSearchParams(formOf(page).fields) : new URL(location).searchParams;
}

/** A request to the token endpoint, authenticated as the client is registered. */
export async function askToken(op: Op, client: Client, form: Members, key?: ClientKey): Promise<Answer> {
  const { client_id, client_secret, token_endpoint_auth_method: method } = client;
  const body = new URLSearchParams(form);
  const headers: Record<string, string> = {};
  if (method === 'client_secret_basic') headers.authorization = basic(client_id, client_secret);
  if (method === 'client_secret_post')
    for (const [name, value] of Object.entries({ client_id, client_secret })) body.set(name, value);
  if (method === 'private_key_jwt' && key) {
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', await signAssertion(op, client_id, key));
  }
  return answerOf(await op.send(op.metadata.token_endpoint, { method: 'POST', headers, body }));
}

/** RFC 7523 §3; the audience is the token endpoint, as the plans send it. */
export function signAssertion(
  op: Op,
  client_id: string,
  key: ClientKey,
  audience = op.metadata.token_endpoint,
): Promise<string> {
  const nowSeconds = Math.floor(op.server.clock.nowMs() / 1000);
  return new SignJWT({ jti: randomBytes(16).toString('base64url') })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid })
    .setIssuer(client_id)
    .setSubject(client_id)
    .setAudience(audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + 60)
    .sign(key.privateKey);
}

export function redeem(
  op: Op,
  client: Client,
  { response, parameters }: Authorized,
  key?: ClientKey,
  more: Members = {},
) {
  const code = response.get('code');
  if (code === null) throw new Error(`no code: ${response}`);
  const { redirect_uri } = parameters;
  return askToken(op, client, { grant_type: 'authorization_code', code, redirect_uri, ...more }, key);
}

export interface Tokens {
  readonly body: Members;
  readonly claims: JWTPayload & Members;
  readonly authorized: Authorized;
}

/** The whole flow, every answer checked. */
export async function signIn(
  op: Op,
  client: Client,
  more: Members = {},
  { browser, key, token = {} }: { browser?: UserAgent; key?: ClientKey; token?: Members } = {},
): Promise<Tokens> {
  const authorized = await authorize(op, client, more, browser);
  const { status, headers, body } = await redeem(op, client, authorized, key, token);
  if (status !== 200) throw new Error(`token: ${status} ${JSON.stringify(body)}`);
  expect(headers.get('cache-control')).toContain('no-store');
  expect(headers.get('content-type')).toContain('application/json');
  expect(body.token_type.toLowerCase()).toBe('bearer');
  expect(body.expires_in).toBeGreaterThan(0);
  const claims = await verifyIdToken(op, client, body, authorized.parameters.nonce);
  return { body, claims, authorized };
}

/** OpenID Connect Core §3.1.3.7, §3.1.3.8 */
export async function verifyIdToken(op: Op, client: Client, body: Members, nonce?: string) {
  const jwks = (await (await op.send(op.metadata.jwks_uri)).json()) as { keys: JWK[] };
  const currentDate = new Date(op.server.clock.nowMs());
  const expected = { issuer: op.issuer, audience: client.client_id, currentDate };
  const { payload } = await jwtVerify(body.id_token, createLocalJWKSet(jwks), expected);
  expect(decodeProtectedHeader(body.id_token)).toMatchObject({
    alg: client.id_token_signed_response_alg ?? 'RS256',
  });
  expect(decodeProtectedHeader(body.id_token).kid).toBeTypeOf('string');
  if (nonce !== undefined) expect(payload.nonce).toBe(nonce);
  if (payload.at_hash !== undefined) expect(payload.at_hash).toBe(halfHash(body.access_token));
  return payload as JWTPayload & Members;
}

function halfHash(token: string): string {
  return createHash('sha256').update(token).digest().subarray(0, 16).toString('base64url');
}

/** UserInfo, by the header. */
export async function askUserinfo(
  op: Op,
  access_token: string,
  method: 'GET' | 'POST' = 'GET',
): Promise<Answer> {
  const headers = { authorization: `Bearer ${access_token}` };
  return answerOf(await op.send(op.metadata.userinfo_endpoint, { method, headers }));
}
