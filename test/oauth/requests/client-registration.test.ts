import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createInitialAccess } from '../../../src/oauth/clients/initial-access-tokens.ts';
import { finishDeletions, forgetUnusedClients } from '../../../src/oauth/clients/remove-clients.ts';
import { registerClient } from '../../../src/oauth/requests/client-registration.ts';
import { countRegisteredClients } from '../../../src/storage/tables/clients.ts';
import { backChannelRequest } from '../../support/back-channel.ts';
import {
  type Answer,
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

type Members = Record<string, unknown>;
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

async function send(url: string, method: string, body?: unknown, token?: string): Promise<Answer> {
  const headers: Record<string, string> = {
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const text = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  return answerOf(await fetch(url, { method, headers, ...text }));
}

const register = (server: TestServer, metadata: Members = {}, token?: string) =>
  send(`${server.issuer}/register`, 'POST', { redirect_uris: [CALLBACK], ...metadata }, token);

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

  it('any client where it is open, up to the limits, and each refusal is an audit event', async () => {
    const own = await startServer({
      environment: { GATEHOUSE_REGISTRATION: 'open', GATEHOUSE_REGISTRATION_LIMIT: '2' },
    });
    expect((await register(own)).status).toBe(201);
    expect((await register(own)).status).toBe(201);
    const { status, headers } = await register(own);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await lastReason(own)).toBe('registration_limit');
    await own.stop();
  });

  it('is counted exactly when many wait for a slow list at once, and a token that made nothing stays good', async () => {
    const environment = { GATEHOUSE_REGISTRATION: 'token', GATEHOUSE_REGISTRATION_LIMIT: '5' };
    const own = await startServer({ environment });
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () => createInitialAccess(own.gatehouse, 3600)),
    );
    const waiting: (() => void)[] = [];
    const outbound: typeof own.gatehouse.outbound = async () => {
      await new Promise<void>((go) => {
        if (waiting.push(go) === tokens.length) for (const each of waiting) each();
      });
      return { status: 200, headers: {}, body: Buffer.from(JSON.stringify([CALLBACK])) };
    };
    const json = { redirect_uris: [CALLBACK], sector_identifier_uri: 'https://app.example.com/list.json' };
    const made = await Promise.allSettled(
      tokens.map((token) =>
        registerClient(
          { ...own.gatehouse, outbound },
          backChannelRequest({ json, headers: { authorization: `Bearer ${token}` } }),
        ),
      ),
    );
    const refused = made.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map(({ reason }) => reason.reason)).toEqual(Array(15).fill('registration_limit'));
    expect(await countRegisteredClients(own.gatehouse.db)).toBe(5);
    await forgetUnusedClients(own.gatehouse, { registeredBefore: own.clock.nowMs() + 1, usedBefore: 0 });
    const again = tokens[made.findIndex(({ status }) => status === 'rejected')];
    expect((await register(own, {}, again)).status).toBe(201);
    await own.stop();
  });
});

describe('RFC 7591 what is registered', () => {
  it('is answered with 201, every default, and the secrets once', async () => {
    const { status, body, headers } = await register(open, { client_name: 'An app', unknown_member: 1 });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(body).toMatchObject({
      client_name: 'An app',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
      client_secret_expires_at: 0,
      registration_client_uri: `${open.issuer}/register/${body.client_id}`,
    });
    expect(body).not.toHaveProperty('unknown_member');
    const rows = JSON.stringify(await open.gatehouse.db.all('SELECT * FROM clients'));
    expect(rows).not.toContain(body.registration_access_token);
    expect(rows).not.toContain(body.client_secret);
  });

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

describe('RFC 7592 Y3 the registration afterwards', () => {
  it('is read, replaced and deleted by its own token alone', async () => {
    const { body: mine } = await register(open, { client_uri: 'https://app.example.com' });
    const { body: other } = await register(open);
    const { registration_client_uri: uri, registration_access_token: token, client_id } = mine;
    for (const wrong of [undefined, 'nonsense', other.registration_access_token, mine.client_secret]) {
      expect((await send(uri, 'GET', undefined, wrong)).status).toBe(401);
      expect((await send(uri, 'DELETE', undefined, wrong)).status).toBe(401);
    }
    expect((await send(uri, 'GET', undefined, token)).body).toMatchObject({
      client_id,
      client_uri: 'https://app.example.com',
    });
    const replaced = await send(
      uri,
      'PUT',
      { client_id, client_name: 'New', redirect_uris: [CALLBACK] },
      token,
    );
    expect(replaced).toMatchObject({ status: 200, body: { client_id, client_name: 'New' } });
    expect(replaced.body).not.toHaveProperty('client_uri');
    expect(
      (await send(uri, 'PUT', { client_id: other.client_id, redirect_uris: [CALLBACK] }, token)).status,
    ).toBe(400);
    expect(
      (await send(uri, 'PUT', { client_id, redirect_uris: ['http://evil.test'] }, token)).body.error,
    ).toBe('invalid_redirect_uri');
    // RFC 7592 §2.2: client_secret must be the current one.
    const named = (client_secret: unknown) =>
      send(uri, 'PUT', { client_id, redirect_uris: [CALLBACK], client_secret }, token);
    for (const wrong of ['one of my own', 7])
      expect((await named(wrong)).body.error).toBe('invalid_client_metadata');
    expect((await named(mine.client_secret)).status).toBe(200);
    // An empty text is no body; the type goes with it all the same.
    expect((await send(uri, 'PUT', '', token)).status).toBe(400);
    expect((await send(uri, 'DELETE', '', token)).status).toBe(204);
    expect((await send(uri, 'GET', undefined, token)).status).toBe(401);
  });

  it('gives a secret, once, where the new method needs one and none is there', async () => {
    const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [key.jwk] } };
    const { body } = await register(open, keys);
    expect(body).not.toHaveProperty('client_secret');
    const { registration_client_uri: uri, registration_access_token: token, client_id } = body;
    const put = () => send(uri, 'PUT', { client_id, redirect_uris: [CALLBACK] }, token);
    const replaced = (await put()).body;
    expect(replaced).toMatchObject({ token_endpoint_auth_method: 'client_secret_basic' });
    const secretIs = async (secret: string) =>
      answerOf(
        await fetch(`${open.issuer}/introspect`, {
          method: 'POST',
          body: new URLSearchParams({ token: 'x' }),
          headers: { authorization: `Basic ${btoa(`${client_id}:${secret}`)}` },
        }),
      );
    expect((await secretIs(replaced.client_secret)).status).toBe(200);
    expect((await put()).body).not.toHaveProperty('client_secret');
    expect((await secretIs(replaced.client_secret)).status).toBe(200);
  });

  it('§2.2 null leaves a member out, also those that are looked at first', async () => {
    const nulls = { sector_identifier_uri: null, software_statement: null, client_name: null, scope: null };
    const { status, body } = await register(open, nulls);
    expect(status).toBe(201);
    const { registration_client_uri: uri, registration_access_token: token, client_id } = body;
    const put = { client_id, redirect_uris: [CALLBACK], ...nulls };
    expect((await send(uri, 'PUT', put, token)).status).toBe(200);
  });

  it('is asked about as often as an address may, and wrong tokens keep no right one out', async () => {
    const own = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
    const { body } = await register(own);
    const { registration_client_uri: uri, registration_access_token: token } = body;
    const ask = async (with_: string, method = 'GET') => {
      const { status, headers } = await send(uri, method, method === 'PUT' ? {} : undefined, with_);
      return { status, waits: Number(headers.get('retry-after')) > 0 };
    };
    for (let asked = 0; asked < 200; asked += 1) expect((await ask('wrong')).status).toBe(401);
    expect(await ask('wrong')).toEqual({ status: 429, waits: true });
    expect((await ask(token)).status).toBe(200);
    for (let asked = 1; asked < 200; asked += 1) await ask(token);
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect({ method, ...(await ask(token, method)) }).toEqual({ method, status: 429, waits: true });
    expect((await register(own)).status).toBe(201);
    own.clock.advance(660_000);
    expect((await ask(token)).status).toBe(200);
    await own.stop();
  });

  it('a client that an operator made has none, and a disabled one cannot enable itself', async () => {
    const { client } = await open.client({ redirect_uris: [CALLBACK] });
    expect((await send(`${open.issuer}/register/${client.client_id}`, 'GET', undefined, '')).status).toBe(
      401,
    );
    const { body } = await register(open);
    await open.gatehouse.db.write((tx) =>
      tx.run('UPDATE clients SET disabled_at = 1 WHERE client_id = $1', body.client_id),
    );
    await open.client({ redirect_uris: [CALLBACK] });
    const put = { client_id: body.client_id, redirect_uris: [CALLBACK] };
    expect(
      (await send(body.registration_client_uri, 'PUT', put, body.registration_access_token)).status,
    ).toBe(401);
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
