/** access_token_type: JWT for readers that refuse at+jwt. RFC 9068 §5, RFC 8725 §3.11, §3.12 */
import type { KeyObject } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rotateKeys } from '../../../src/oauth/keys/rotate-and-revoke-keys.ts';
import {
  type Authorized,
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  post,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../../support/flow.ts';
import { ownKey } from '../../support/own-key.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const API = 'https://spring.example.com';
const TYPED = 'https://typed.example.com';
const GOODBYE = 'https://app.example.com/goodbye';

let server: TestServer;
let api: Registered;
let web: Registered;
let authorized: Authorized;
/** Both by one key, with one type. */
let access: string;
let id: string;
let refresh_token: string;
let key: KeyObject;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  api = await server.client({
    grant_types: ['client_credentials'],
    resources: [API],
    access_token_type: 'JWT',
  });
  await server.client({ grant_types: ['client_credentials'], resources: [TYPED] });
});
afterAll(() => server.stop());
beforeEach(async () => {
  web = await confidentialClient(server, {
    scope: 'openid profile read',
    default_resource: API,
    post_logout_redirect_uris: [GOODBYE],
    id_token_signed_response_alg: 'ES256',
  });
  authorized = await authorize(server, web.client, { more: { scope: 'openid read' } });
  const { body } = await redeem(server, web, authorized, { resource: API });
  ({ access_token: access, id_token: id, refresh_token } = body);
  key = await ownKey(server, access);
});

const introspect = async (token: string, as: Registered) =>
  (await post(server, '/introspect', { token }, as)).body;

/** With our own key, what we never sign. */
function signed(claims: Record<string, unknown>, typ = 'JWT'): Promise<string> {
  const { kid = '' } = decodeProtectedHeader(access);
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ, kid }).sign(key);
}

async function hintAtAuthorization(token: string): Promise<string | null> {
  const more = { prompt: 'none', id_token_hint: token };
  const page = await authorized.agent.open(authorizeUrl(server, requestOf(web.client, newPkce(), more)));
  return new URL(page.location ?? '').searchParams.get('error');
}

async function hintAtLogout(token: string) {
  const query = new URLSearchParams({ id_token_hint: token, post_logout_redirect_uri: GOODBYE });
  const page = await authorized.agent.open(`${server.issuer}/logout?${query}`);
  return { redirect: page.location, isAsked: page.body.includes('id="confirm"') };
}

/** Whether anything here takes it for an access token in force. */
async function isAccessToken(token: string): Promise<boolean> {
  const active = await Promise.all([introspect(token, api), introspect(token, web)]);
  return active.some((answer) => answer.active) || (await userinfo(server, token)).status === 200;
}

describe('T17 a resource server with access_token_type JWT', () => {
  it('gets tokens of that type, which are good where at+jwt are', async () => {
    expect(decodeProtectedHeader(access)).toMatchObject({ typ: 'JWT', alg: 'ES256' });
    const jwks = createRemoteJWKSet(new URL(`${server.issuer}/jwks`));
    const currentDate = new Date(server.clock.nowMs());
    await jwtVerify(access, jwks, { issuer: server.issuer, audience: API, typ: 'JWT', currentDate });
    expect(await introspect(access, api)).toMatchObject({ active: true, aud: API });
    expect(await introspect(access, web)).toMatchObject({ active: true });
    await post(server, '/revoke', { token: access }, web);
    expect(await introspect(access, api)).toEqual({ active: false });
  });

  it('others get at+jwt as before: other resources, and this server', async () => {
    const { client } = web;
    const other = await authorize(server, client, { more: { resource: TYPED } });
    const { body } = await redeem(server, web, other);
    expect(decodeProtectedHeader(body.access_token).typ).toBe('at+jwt');
    const plain = (await refresh(server, web, refresh_token)).body;
    expect(decodeProtectedHeader(plain.access_token).typ).toBe('at+jwt');
    expect((await userinfo(server, plain.access_token)).status).toBe(200);
  });

  it('a token that another node signed is good, and after a rotation of keys too', async () => {
    server.gatehouse.verifiedTokens.clear();
    expect(await introspect(access, api)).toMatchObject({ active: true });
    await rotateKeys(server.gatehouse, { now: true });
    expect(await introspect(access, api)).toMatchObject({ active: true });
  });
});

describe('RFC 9068 §5 RFC 8725 §3.12 tokens of one type and one key are told apart', () => {
  it('A027 an ID token is no access token at userinfo, introspection and revocation', async () => {
    expect(decodeProtectedHeader(id)).toEqual(decodeProtectedHeader(access));
    expect(await isAccessToken(id)).toBe(false);
    expect((await post(server, '/revoke', { token: id }, web)).status).toBe(200);
    expect((await refresh(server, web, refresh_token)).status).toBe(200);
  });

  it('A027 an access token is no hint at authorization and logout', async () => {
    expect(await hintAtAuthorization(id)).toBeNull();
    expect(await hintAtAuthorization(access)).toBe('invalid_request');
    expect(await hintAtLogout(access)).toEqual({ redirect: undefined, isAsked: true });
    expect((await hintAtLogout(id)).redirect).toBe(GOODBYE);
  });

  it('an access token of this type is not for userinfo', async () => {
    expect((await userinfo(server, access)).status).toBe(401);
  });

  it('by its members: an ID token whose claims make it look like an access token is none', async () => {
    const { client_id, jti, scope } = decodeJwt(access);
    const dressed: Record<string, unknown> = { ...decodeJwt(id), client_id, jti, scope };
    for (const aud of [API, server.issuer, web.client.client_id]) {
      expect(await isAccessToken(await signed({ ...dressed, aud })), aud).toBe(false);
    }
    const { at_hash, amr, ...undressed } = dressed;
    expect(await isAccessToken(await signed({ ...undressed, aud: API }))).toBe(true);
    for (const member of [{ at_hash }, { amr }, { nonce: 'n' }]) {
      expect(await isAccessToken(await signed({ ...undressed, aud: API, ...member }))).toBe(false);
    }
  });

  it('by its audience: a token for a client is no access token, of either type', async () => {
    for (const typ of ['JWT', 'at+jwt']) {
      const token = await signed({ ...decodeJwt(access), aud: web.client.client_id }, typ);
      expect(await isAccessToken(token), typ).toBe(false);
    }
  });

  it('by its members: an access token for a client is no hint', async () => {
    const { client_id, ...others } = decodeJwt(access);
    const sid = decodeJwt(id).sid;
    const aud = web.client.client_id;
    const hint = await signed({ ...others, aud, sid });
    const access_token = await signed({ ...others, aud, sid, client_id });
    expect(await hintAtAuthorization(hint)).toBeNull();
    expect(await hintAtAuthorization(access_token)).toBe('invalid_request');
    expect((await hintAtLogout(access_token)).redirect).toBeUndefined();
    expect((await hintAtLogout(hint)).redirect).toBe(GOODBYE);
  });

  it('by its audience: a token for a resource is no hint', async () => {
    const hint = await signed({ ...decodeJwt(id), aud: API });
    expect(await hintAtAuthorization(hint)).toBe('invalid_request');
    expect((await hintAtLogout(hint)).redirect).toBeUndefined();
  });
});
