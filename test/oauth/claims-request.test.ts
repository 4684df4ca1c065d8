/** The claims request parameter. OpenID Connect Core §5.5 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkClaimsRequest } from '../../src/oauth/claims-request.ts';
import { descriptionText } from '../../src/oauth/errors.ts';
import {
  authorize,
  authorizeUrl,
  confidentialClient,
  lastReason,
  newPkce,
  passPages,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../support/server.ts';
import { createUserAgent, type UserAgent } from '../support/user-agent.ts';

let server: TestServer;
let web: Registered;
let sub: string;
let alice: UserAgent;

beforeAll(async () => {
  server = await startServer();
  ({ sub } = await server.user('alice', { name: 'Alice', nickname: 'Al', phone_number: '+43 316 1' }));
  await server.user('berta');
  web = await confidentialClient(server, { scope: 'openid profile email' });
  alice = createUserAgent(server.issuer);
  await signIn({});
});
afterAll(() => server.stop());

async function signIn(claims: unknown, more: Record<string, string> = {}) {
  const asked = { claims: JSON.stringify(claims), ...more };
  const { body } = await redeem(
    server,
    web,
    await authorize(server, web.client, { more: asked, agent: alice }),
  );
  return {
    body,
    idToken: decodeJwt(body.id_token),
    userinfo: (await userinfo(server, body.access_token)).body,
  };
}

/** The error that comes back without a page. */
async function silentError(claims: string, more: Record<string, string> = {}) {
  const asked = requestOf(web.client, newPkce(), { claims, prompt: 'none', ...more });
  const { location } = await alice.open(authorizeUrl(server, asked));
  return new URL(location ?? '').searchParams.get('error');
}

describe('what is asked for one by one', () => {
  it('is in the place that it was requested for, and nothing else is', async () => {
    const asked = {
      userinfo: { name: { essential: true } },
      id_token: { email: null, auth_time: { essential: true } },
    };
    const { idToken, userinfo: claims } = await signIn(asked);
    expect(claims).toEqual({ sub, name: 'Alice' });
    expect(idToken).toMatchObject({ email: 'alice@example.com', auth_time: expect.any(Number) });
    expect(idToken).not.toHaveProperty('name');
  });

  it('is added to what the scopes give', async () => {
    const { userinfo: claims } = await signIn({ userinfo: { nickname: null } }, { scope: 'openid email' });
    expect(claims).toEqual({ sub, nickname: 'Al', email: 'alice@example.com', email_verified: true });
  });

  it('is left out where it has another value than requested, never an error', async () => {
    const asked = {
      userinfo: {
        name: { value: 'Alice' },
        nickname: { value: 'Allie', essential: true },
        email: { values: ['a@b.example', 'alice@example.com'] },
        preferred_username: { values: ['bob'] },
      },
    };
    expect((await signIn(asked)).userinfo).toEqual({ sub, name: 'Alice', email: 'alice@example.com' });
  });

  it('unknown claims and members are ignored, also essential ones', async () => {
    const asked = {
      userinfo: {
        shoe_size: { essential: true },
        'name#ja-Kana-JP': null,
        name: { why: 'x' },
        toString: null,
      },
      id_token: { __proto__x: null },
      attributes: 7,
    };
    expect((await signIn(asked)).userinfo).toEqual({ sub, name: 'Alice' });
  });

  it('beyond the scopes that the client is registered for is not given', async () => {
    expect((await signIn({ userinfo: { phone_number: { essential: true } } })).userinfo).toEqual({ sub });
  });

  it('is released after a refresh, and stored on the grant only where something was requested', async () => {
    const { body } = await signIn({ userinfo: { name: null }, id_token: { email: null } });
    const renewed = (await refresh(server, web, body.refresh_token)).body;
    expect((await userinfo(server, renewed.access_token)).body).toEqual({ sub, name: 'Alice' });
    expect(decodeJwt(renewed.id_token).email).toBe('alice@example.com');
    await signIn({ userinfo: { shoe_size: null } });
    const last = await server.gatehouse.db.get<{ access: string }>(
      'SELECT access FROM grants ORDER BY grant_id DESC LIMIT 1',
    );
    expect(JSON.parse(last?.access ?? '')).toEqual({ scope: ['openid'] });
  });

  it('never sets a claim of the protocol', async () => {
    const asked = {
      id_token: { iss: { value: 'https://evil.test' }, aud: { value: 'x' }, acr: null, sid: null },
    };
    expect((await signIn(asked)).idToken).toMatchObject({
      iss: server.issuer,
      aud: web.client.client_id,
      sub,
    });
  });
});

describe('consent', () => {
  it('the page lists what is asked beyond the scopes; it is remembered, and asked again for more', async () => {
    const agent = createUserAgent(server.issuer);
    const { client } = await confidentialClient(server, { scope: 'openid profile email' });
    const open = (claims: unknown, more = {}) =>
      agent.open(
        authorizeUrl(server, requestOf(client, newPkce(), { claims: JSON.stringify(claims), ...more })),
      );
    const login = await open({ userinfo: { name: null }, id_token: { email: null } });
    const page = await agent.submit(login, { username: 'alice', password: PASSWORD });
    expect(page.body).toContain('Your full name');
    expect(page.body).toContain('Your e-mail address');
    expect(page.body).not.toContain('See your e-mail address');
    await agent.submit(page, { decision: 'allow' });
    const again = await open({ userinfo: { name: null } }, { prompt: 'none' });
    expect(new URL(again.location ?? '').searchParams.get('code')).not.toBeNull();
    const more = await open({ userinfo: { name: null, nickname: null } });
    expect(more.body).toMatch(/Your nickname<\/bdi> <strong class="badge">/);
    expect(more.body).not.toMatch(/Your full name<\/bdi> <strong/);
    const silent = await open({ userinfo: { gender: null } }, { prompt: 'none' });
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('consent_required');
    const apps = await agent.open(`${server.issuer}/account/apps`);
    expect(apps.body).toContain('Your full name');
  });

  it('what a consented scope holds is not asked again', async () => {
    await signIn({}, { scope: 'openid profile' });
    expect(await silentError('{"userinfo":{"given_name":null}}')).toBeNull();
  });
});

describe('malformed', () => {
  it.each([
    'x',
    '[]',
    '"name"',
    'null',
    '{"userinfo": []}',
    '{"userinfo": "name"}',
    '{"userinfo": null}',
    '{"userinfo": {"name": "Alice"}}',
    '{"userinfo": {"name": true}}',
    '{"id_token": {"acr": {"essential": "yes"}}}',
    '{"id_token": {"acr": {"values": "1"}}}',
    '{"id_token": {"acr": {"values": []}}}',
    '{"id_token": {"sub": {"value": 7}}}',
    '{"id_token": {"sub": {"values": ["a", "b"]}}}',
    '{"userinfo": {"email": null}, "userinfo": {"name": null}}',
    '{"userinfo": {"name": {"value": "\\ud800"}}}',
  ])('Z28 %s is invalid_request', async (claims) => {
    expect(await silentError(claims)).toBe('invalid_request');
    expect(await lastReason(server)).toBe('malformed_claims');
  });

  it.each([
    ['name', 'claims is no JSON; it is a JSON object whose members userinfo and id_token are objects'],
    ['{"userinfo":{"email":true}}', 'received boolean; it is a JSON object'],
  ])('the refusal of %s says what is wrong, in characters that it can be sent in', (claims, told) => {
    const { description } = checkClaimsRequest(claims) as { description: string };
    expect(description).toContain(told);
    expect(descriptionText(description)).not.toMatch(/['?]/);
  });
});

describe('sub', () => {
  it('the user who is asked for gets an answer', async () => {
    const { idToken } = await signIn(
      { id_token: { sub: { value: sub, essential: true } } },
      { prompt: 'none' },
    );
    expect(idToken.sub).toBe(sub);
  });

  it('A078 another user is login_required, silently and after a login', async () => {
    const claims = JSON.stringify({ id_token: { sub: { value: sub } } });
    const agent = createUserAgent(server.issuer);
    const open = (more = {}) =>
      agent.open(authorizeUrl(server, requestOf(web.client, newPkce(), { claims, ...more })));
    const { location } = await passPages(agent, await open(), 'berta');
    expect(new URL(location ?? '').searchParams.get('error')).toBe('login_required');
    const silent = await open({ prompt: 'none' });
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('login_required');
    expect(await silentError('{"userinfo":{"sub":{"value":"nobody"}}}')).toBe('login_required');
  });

  it('id_token_hint and claims that name different users are refused', async () => {
    const { body } = await signIn({});
    const claims = '{"id_token":{"sub":{"value":"somebody else"}}}';
    expect(await silentError(claims, { id_token_hint: body.id_token })).toBe('invalid_request');
    expect(await lastReason(server)).toBe('conflicting_subjects');
  });
});

it('M11 discovery announces the parameter', async () => {
  const document = await (await fetch(`${server.issuer}/.well-known/openid-configuration`)).json();
  expect(document).toMatchObject({ claims_parameter_supported: true });
});
