/** Who may register, what may be registered, and how such a client proves itself. RFC 7591 §3, RFC 7523 */
import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { finishDeletions } from '../../../src/oauth/clients/delete-client-in-pieces.ts';
import { createInitialAccess } from '../../../src/oauth/clients/initial-access-tokens.ts';
import { forgetUnusedClients } from '../../../src/oauth/clients/remove-unused-clients.ts';
import {
  answerOf,
  auditEvents,
  authorizeUrl,
  CALLBACK,
  lastReason,
  newPkce,
  passPages,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';
import { type Members, register, send } from './register.ts';

let open: TestServer;
let closed: TestServer;
let off: TestServer;
let key: { privateKey: CryptoKey; jwk: JWK };

beforeAll(async () => {
  const start = (registration: string) =>
    startServer({
      environment: { GATEHOUSE_REGISTRATION: registration, GATEHOUSE_REGISTRATION_LIMIT: '60' },
    });
  [open, closed, off] = await Promise.all([start('open'), start('token'), startServer()]);
  await open.user();
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  key = { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'one' } };
});
afterAll(() => Promise.all([open, closed, off].map((server) => server.stop())));

describe('who may register', () => {
  it('no client where it is off, and discovery does not name it', async () => {
    expect((await register(off)).status).toBe(404);
    const document = await (await fetch(`${off.issuer}/.well-known/openid-configuration`)).json();
    expect(document).not.toHaveProperty('registration_endpoint');
  });

  it('who has an initial access token, once, until it expires', async () => {
    const token = await createInitialAccess(closed.gatehouse, 60);
    expect((await register(closed)).status).toBe(401);
    expect((await register(closed, {}, 'x'.repeat(52))).status).toBe(401);
    expect((await register(closed, { redirect_uris: ['https://x/#f'] }, token)).status).toBe(400);
    // Refused when the token was spent already, in the same transaction.
    const unsigned = await register(closed, { id_token_signed_response_alg: 'PS256' }, token);
    expect(unsigned.body.error_description).toContain('nothing is signed with PS256');
    const answers = await Promise.all(Array.from({ length: 10 }, () => register(closed, {}, token)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(9);
    const late = await createInitialAccess(closed.gatehouse, 60);
    closed.clock.advance(61_000);
    expect((await register(closed, {}, late)).status).toBe(401);
  });
});

describe('RFC 7591 what is registered', () => {
  it('never holds what the operator alone may set', async () => {
    await open.client({
      client_id: 'api',
      grant_types: ['client_credentials'],
      resources: ['https://api.example.com'],
    });
    const own = {
      first_party: true,
      resources: ['https://mine.example.com'],
      profile: 'fapi2',
      client_secret: 'chosen-by-me-chosen-by-me',
      scope: 'openid everything',
      refresh_token_rotation: false,
    };
    const { body } = await register(open, own);
    const client = await open.gatehouse.clients.find(body.client_id);
    expect(client?.metadata).not.toHaveProperty('refresh_token_rotation');
    expect(client).toMatchObject({
      profile: 'oidc',
      metadata: { first_party: false, resources: [], scope: 'openid' },
    });
    expect(body.client_secret).not.toBe(own.client_secret);
    expect(
      (await register(open, { grant_types: ['client_credentials'], redirect_uris: [] })).body.error,
    ).toBe('invalid_client_metadata');
  });

  it.each([
    ['pyoidc', ['http://localhost:3000/callback']],
    ['oidc-agent', ['http://localhost:4242', 'http://localhost:8080', 'edu.kit.data.oidc-agent:/redirect']],
  ])(
    'an app on this machine is native, also where its library calls it web: %s',
    async (_library, redirect_uris) => {
      const { status, body } = await register(open, { redirect_uris, application_type: 'web' });
      expect([status, body.application_type]).toEqual([201, 'native']);
    },
  );

  it.each([
    ['invalid_redirect_uri', { redirect_uris: [`${CALLBACK}#fragment`] }],
    ['invalid_redirect_uri', { redirect_uris: ['javascript:alert(1)'] }],
    ['invalid_redirect_uri', { redirect_uris: ['https://*.example.com/cb'] }],
    ['invalid_redirect_uri', { redirect_uris: ['/relative'] }],
    [
      'invalid_client_metadata',
      {
        redirect_uris: ['com.evil.app://victim.example/cb'],
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        subject_type: 'pairwise',
      },
    ],
    ['invalid_client_metadata', { redirect_uris: [{ toString: 1, valueOf: 1 }] }],
    ['invalid_client_metadata', { redirect_uris: [[[]]], subject_type: 'pairwise' }],
    ['invalid_client_metadata', { redirect_uris: { length: 1 } }],
    ['invalid_client_metadata', { jwks: { keys: [] } }],
    ['invalid_client_metadata', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['invalid_client_metadata', { token_endpoint_auth_method: 'tls_client_auth' }],
    ['invalid_client_metadata', { id_token_signed_response_alg: 'none' }],
    ['invalid_client_metadata', { initiate_login_uri: 'http://app.example.com/login' }],
    ['invalid_client_metadata', { logo_uri: 'javascript:alert(1)' }],
    ['invalid_client_metadata', { policy_uri: 'data:text/html,x' }],
    ['invalid_client_metadata', { sector_identifier_uri: 'https://127.0.0.1/sector.json' }],
    ['invalid_client_metadata', { response_types: ['token'] }],
    ['invalid_client_metadata', { client_name: 'Evil\u202eapp' }],
    ['invalid_software_statement', { software_statement: 'eyJ' }],
  ])('Y1 Y2 Y7 A077 A106 %s: %j', async (error, metadata) => {
    const { status, body } = await register(open, metadata);
    expect({ status, error: body.error }).toEqual({ status: 400, error });
  });

  it('Y2 jwks and jwks_uri together are refused', async () => {
    const both = { jwks: { keys: [key.jwk] }, jwks_uri: 'https://app.example.com/jwks.json' };
    expect((await register(open, both)).body.error).toBe('invalid_client_metadata');
  });

  it('characters that RFC 6749 §5.2 does not allow in a sentence are replaced', async () => {
    const { error_description } = (await register(open, { scope: 'open\\id' })).body;
    expect(error_description).toContain('RFC 6749 section 3.3');
  });

  it('what is no JSON object is refused', async () => {
    for (const body of ['[]', '"text"', 'null', '{', '']) {
      const answer = await send(`${open.issuer}/register`, 'POST', body || ' ');
      expect(answer.status, body).toBe(400);
    }
    const form = await fetch(`${open.issuer}/register`, {
      method: 'POST',
      body: new URLSearchParams({ a: 'b' }),
    });
    expect(form.status).toBe(415);
    expect((await form.json()).error_description).toContain('application/json');
  });
});

describe('Y4 a client that registered itself', () => {
  it('always needs consent, with a warning, and is kept once a user allowed it', async () => {
    const [{ body: used }, { body: unused }] = [await register(open), await register(open)];
    const pkce = newPkce();
    const agent = createUserAgent(open.issuer);
    const parameters = {
      response_type: 'code',
      client_id: used.client_id,
      redirect_uri: CALLBACK,
      scope: 'openid',
      code_challenge: pkce.code_challenge,
      code_challenge_method: 'S256',
    };
    const login = await agent.open(authorizeUrl(open, parameters));
    expect(login.body).toContain('registered itself');
    const page = await passPages(agent, login);
    const code = new URL(page.location ?? '').searchParams.get('code') ?? '';
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: pkce.code_verifier,
    };
    const authorization = `Basic ${btoa(`${used.client_id}:${used.client_secret}`)}`;
    const token = await fetch(`${open.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { authorization },
    });
    expect(token.status).toBe(200);
    await forgetUnusedClients(open.gatehouse, { registeredBefore: open.clock.nowMs() + 1, usedBefore: 0 });
    await finishDeletions(open.gatehouse.db);
    expect(await open.gatehouse.clients.find(used.client_id)).toBeDefined();
    expect(await open.gatehouse.clients.find(unused.client_id)).toBeUndefined();
  });
});

describe('private_key_jwt', () => {
  const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  let client_id: string;
  // Wrong assertions are counted for ten minutes.
  beforeEach(() => open.clock.advance(700_000));
  beforeAll(async () => {
    const metadata = {
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['client_credentials'],
      jwks: { keys: [key.jwk] },
    };
    client_id = (await open.client(metadata)).client.client_id;
  });

  async function assertion(claims: Members = {}, header: Members = {}): Promise<string> {
    const nowSeconds = Math.floor(open.clock.nowMs() / 1000);
    const all = {
      iss: client_id,
      sub: client_id,
      aud: open.issuer,
      exp: nowSeconds + 60,
      iat: nowSeconds,
      jti: randomUUID(),
      ...claims,
    };
    return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'one', ...header }).sign(key.privateKey);
  }

  async function ask(client_assertion: string, more: Record<string, string> = {}, path = '/token') {
    const form = { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion, ...more };
    return answerOf(
      await fetch(`${open.issuer}${path}`, { method: 'POST', body: new URLSearchParams(form) }),
    );
  }

  it('is taken with the issuer or the token endpoint as its audience, also for introspection', async () => {
    expect((await ask(await assertion())).status).toBe(200);
    expect((await ask(await assertion({ aud: `${open.issuer}/token` }), { client_id })).status).toBe(200);
    expect((await ask(await assertion(), { token: 'x' }, '/introspect')).body).toEqual({ active: false });
    expect((await ask(await assertion({ aud: [open.issuer] }))).status).toBe(200);
    const called = await assertion({ aud: `${open.issuer}/introspect` });
    expect((await ask(called, { token: 'x' }, '/introspect')).body).toEqual({ active: false });
  });

  it('A043 is good once, serially and at once, and at another endpoint', async () => {
    const once = await assertion();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(once)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await ask(once, { token: 'x' }, '/introspect')).body.error).toBe('invalid_client');
    const reasons = (await auditEvents(open)).map(({ reason }) => reason);
    expect(reasons).toContain('assertion_replayed');
  });

  const now = () => Math.floor(open.clock.nowMs() / 1000);
  it.each<[string, () => Members]>([
    ['wrong_assertion_audience', () => ({ aud: [open.issuer, 'https://evil.test'] })],
    ['wrong_assertion_audience', () => ({ aud: [] })],
    ['wrong_assertion_audience', () => ({ aud: `${open.issuer}/introspect` })],
    ['wrong_assertion_audience', () => ({ aud: `${open.issuer}/` })],
    ['wrong_assertion_audience', () => ({ aud: 'https://evil.test' })],
    ['wrong_assertion_subject', () => ({ iss: 'somebody' })],
    ['assertion_expired', () => ({ exp: now() - 300 })],
    ['assertion_expired', () => ({ exp: undefined })],
    ['assertion_too_long', () => ({ exp: now() + 86_400 })],
    ['assertion_not_yet_valid', () => ({ nbf: now() + 61 })],
    ['assertion_not_yet_valid', () => ({ iat: now() + 61 })],
    ['assertion_without_jti', () => ({ jti: undefined })],
  ])('A042 A044 A045 %s is invalid_client', async (reason, claimsOf) => {
    const { status, body } = await ask(await assertion(claimsOf()));
    expect({ status, error: body.error }).toEqual({ status: 401, error: 'invalid_client' });
    expect(await lastReason(open)).toBe(reason);
  });

  it('A044 clocks that differ by ten seconds are let pass', async () => {
    expect((await ask(await assertion({ nbf: now() + 8, iat: now() + 10 }))).status).toBe(200);
  });

  it('A046 A047 other algorithms, other keys and keys in the header prove nothing', async () => {
    const stranger = await generateKeyPair('ES256');
    const jwk = await exportJWK(stranger.publicKey);
    const claims = { iss: client_id, sub: client_id, aud: open.issuer, exp: now() + 60, jti: randomUUID() };
    const foreign = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'one', jwk })
      .sign(stranger.privateKey);
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(new TextEncoder().encode(JSON.stringify(key.jwk).padEnd(64)));
    const [, payload] = foreign.split('.');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    for (const token of [foreign, hmac, none, 'a.b.c', ''])
      expect((await ask(token)).body.error).toBe('invalid_client');
  });

  it('A040 together with another method is invalid_request', async () => {
    const { status, body } = await ask(await assertion(), { client_id, client_secret: 'x'.repeat(30) });
    expect({ status, error: body.error }).toEqual({ status: 400, error: 'invalid_request' });
  });
});
