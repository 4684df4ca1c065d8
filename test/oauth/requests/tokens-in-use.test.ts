import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  answerOf,
  authorize,
  confidentialClient,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
  userinfo,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const RESOURCE = 'https://api.example.com';
const OTHER_RESOURCE = 'https://other.example.com';
const INACTIVE = { active: false };

let server: TestServer;
let web: Registered;
let spa: Registered;
let api: Registered;
let otherApi: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user('alice', {
    name: 'Alice Adler',
    address: { locality: 'Graz', country: 'Austria' },
    phone_number: '+43 1 2345',
    phone_number_verified: true,
  });
  web = await confidentialClient(server, { scope: 'openid profile email address phone offline_access' });
  spa = await publicClient(server);
  api = await server.client({ grant_types: ['client_credentials'], resources: [RESOURCE] });
  otherApi = await server.client({ grant_types: ['client_credentials'], resources: [OTHER_RESOURCE] });
});
afterAll(() => server.stop());

async function tokens(as = web, more: Record<string, string> = {}) {
  return (await redeem(server, as, await authorize(server, as.client, { more }))).body;
}

const introspect = (token: string, as: Registered, more = {}) =>
  post(server, '/introspect', { token, ...more }, as);

describe('introspection', () => {
  it('N1 the caller must authenticate, and a public client may not ask', async () => {
    const { access_token } = await tokens();
    expect((await post(server, '/introspect', { token: access_token })).status).toBe(401);
    expect((await introspect(access_token, { ...web, client_secret: 'wrong' })).status).toBe(401);
    expect((await introspect(access_token, spa)).status).toBe(401);
  });

  it('N3 the client sees its own token as granted', async () => {
    const { access_token } = await tokens();
    const { body } = await introspect(access_token, web);
    expect(body).toMatchObject({
      active: true,
      token_type: 'Bearer',
      client_id: web.client.client_id,
      scope: 'openid',
      iss: server.issuer,
      aud: server.issuer,
    });
    for (const name of ['sub', 'exp', 'iat', 'jti']) expect(body[name]).toBeDefined();
  });

  it('N2 a resource server sees tokens for it, and no other', async () => {
    const { access_token } = await tokens(web, { resource: RESOURCE });
    expect((await introspect(access_token, api)).body).toMatchObject({ active: true, aud: RESOURCE });
    expect((await introspect(access_token, otherApi)).body).toEqual(INACTIVE);
    const plain = await tokens();
    expect((await introspect(plain.access_token, api)).body).toEqual(INACTIVE);
  });

  it('N2 expired, revoked, unknown and foreign tokens are inactive and nothing else', async () => {
    const first = await tokens();
    await post(server, '/revoke', { token: first.access_token }, web);
    const foreign = await forged();
    for (const token of [first.access_token, 'unknown', `${first.access_token}A`, foreign]) {
      expect((await introspect(token, web)).body).toEqual(INACTIVE);
    }
    const second = await tokens();
    expect((await introspect(second.refresh_token, web)).body).toMatchObject({
      active: true,
      scope: 'openid',
    });
    server.clock.advance(301_000);
    expect((await introspect(second.access_token, web)).body).toEqual(INACTIVE);
  });

  it('N2 K5 an unknown hint is ignored, and a token of another kind in the hint is found', async () => {
    const { access_token, refresh_token } = await tokens();
    for (const token_type_hint of ['nonsense', 'refresh_token', 'access_token']) {
      expect((await introspect(access_token, web, { token_type_hint })).body.active).toBe(true);
      expect((await introspect(refresh_token, web, { token_type_hint })).body.active).toBe(true);
    }
  });

  it('a refresh token that was rotated is inactive', async () => {
    const first = await tokens();
    await refresh(server, web, first.refresh_token);
    expect((await introspect(first.refresh_token, web)).body).toEqual(INACTIVE);
  });
});

/** A token with our claims and kid and somebody else's signature. */
async function forged(): Promise<string> {
  const [{ kid = '' } = {}] = (await server.gatehouse.keys.published()).filter((key) => key.alg === 'ES256');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const nowSeconds = Math.floor(server.clock.nowMs() / 1000);
  return new SignJWT({ client_id: web.client.client_id, scope: 'openid', jti: 'x' })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
    .setIssuer(server.issuer)
    .setAudience(server.issuer)
    .setSubject('somebody')
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + 300)
    .sign(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })));
}

describe('revocation', () => {
  it('K1 POST, authenticated, and only its own tokens', async () => {
    const { access_token } = await tokens();
    expect((await fetch(`${server.issuer}/revoke?token=${access_token}`)).status).toBe(405);
    expect((await post(server, '/revoke', { token: access_token })).status).toBe(401);
    const other = await post(server, '/revoke', { token: access_token }, spa);
    expect([other.status, other.body.error]).toEqual([400, 'invalid_request']);
    expect((await introspect(access_token, web)).body.active).toBe(true);
  });

  it('K2 an unknown token is 200', async () => {
    for (const token of ['unknown', 'eyJ.a.b']) {
      expect((await post(server, '/revoke', { token }, web)).status).toBe(200);
    }
    expect((await post(server, '/revoke', {}, web)).body.error).toBe('invalid_request');
  });

  it('K2 the answer is JSON, since some clients parse an empty answer', async () => {
    const { body, headers } = await post(server, '/revoke', { token: 'unknown' }, web);
    expect([headers.get('content-type'), body]).toEqual([expect.stringContaining('application/json'), {}]);
  });

  it('K3 a refresh token takes its grant and every access token with it, and no other grant', async () => {
    const [first, second] = [await tokens(), await tokens()];
    expect((await post(server, '/revoke', { token: first.refresh_token }, web)).status).toBe(200);
    expect((await introspect(first.access_token, web)).body).toEqual(INACTIVE);
    expect((await refresh(server, web, first.refresh_token)).body.error).toBe('invalid_grant');
    expect((await introspect(second.access_token, web)).body.active).toBe(true);
  });

  it('K3 a refresh token that was rotated ends its grant too, where its own client revokes it', async () => {
    const first = await tokens();
    const second = (await refresh(server, web, first.refresh_token)).body;
    const other = await post(server, '/revoke', { token: first.refresh_token }, spa);
    expect(other.body.error).toBe('invalid_request');
    expect((await introspect(second.access_token, web)).body.active).toBe(true);
    expect((await post(server, '/revoke', { token: first.refresh_token }, web)).status).toBe(200);
    expect((await introspect(second.access_token, web)).body).toEqual(INACTIVE);
    expect((await refresh(server, web, second.refresh_token)).body.error).toBe('invalid_grant');
  });

  it('K5 an access token is revoked alone, whatever the hint', async () => {
    const { access_token, refresh_token } = await tokens();
    await post(server, '/revoke', { token: access_token, token_type_hint: 'nonsense' }, web);
    expect((await introspect(access_token, web)).body).toEqual(INACTIVE);
    expect((await refresh(server, web, refresh_token)).status).toBe(200);
  });
});

describe('userinfo', () => {
  it('W1 GET and POST, by header or form body, never by query', async () => {
    const { access_token } = await tokens();
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await fetch(`${server.issuer}/userinfo`, { headers })).status).toBe(200);
    expect((await fetch(`${server.issuer}/userinfo`, { headers, method: 'POST' })).status).toBe(200);
    expect((await post(server, '/userinfo', { access_token })).status).toBe(200);
    expect((await fetch(`${server.issuer}/userinfo?access_token=${access_token}`)).status).toBe(401);
  });

  it('W2 two carriers are invalid_request', async () => {
    const { access_token } = await tokens();
    const headers = { authorization: `Bearer ${access_token}` };
    const answer = await post(server, '/userinfo', { access_token }, undefined, headers);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  it('W3 no token is a bare challenge, a bad one invalid_token, a weak one insufficient_scope', async () => {
    const bare = await answerOf(await fetch(`${server.issuer}/userinfo`));
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="gatehouse"']);
    const bad = await userinfo(server, 'nonsense');
    expect(bad.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(bad.status).toBe(401);
    const { access_token } = await tokens(web, { scope: 'email' });
    const weak = await userinfo(server, access_token);
    expect(weak.status).toBe(403);
    expect(weak.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  it('W4 sub always, the same as in the ID token, and the claims of each scope with their types', async () => {
    const granted = await tokens(web, { scope: 'openid profile email address phone' });
    const { sub } = JSON.parse(atob(granted.id_token.split('.')[1]));
    const { body } = await userinfo(server, granted.access_token);
    expect(body).toMatchObject({
      sub,
      name: 'Alice Adler',
      preferred_username: 'alice',
      email: 'alice@example.com',
      email_verified: true,
      address: { locality: 'Graz', country: 'Austria' },
      phone_number_verified: true,
    });
    expect(body.updated_at).toBeTypeOf('number');
    const least = await userinfo(server, (await tokens()).access_token);
    expect(least.body).toEqual({ sub });
  });

  it('a token for another resource, or of a client itself, is refused', async () => {
    const { access_token } = await tokens(web, { resource: RESOURCE });
    expect((await userinfo(server, access_token)).status).toBe(401);
    const own = await post(server, '/token', { grant_type: 'client_credentials' }, api);
    expect((await userinfo(server, own.body.access_token)).status).toBe(401);
    const { id_token } = await tokens();
    expect((await userinfo(server, id_token)).status).toBe(401);
  });
});
