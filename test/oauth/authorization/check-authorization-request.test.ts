/** What an authorization request may ask for, and what comes of it at the client. OpenID Connect Core §3.1.2.1 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  authorizeUrl,
  CALLBACK,
  confidentialClient,
  newPkce,
  passPages,
  type Registered,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf, type Page, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let app: Registered;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_SESSION_IDLE_SECONDS: '864000' } });
  await server.user();
  await server.user('bob');
  app = await confidentialClient(server, { profile: 'oidc' });
});
afterAll(() => server.stop());

const pkce = newPkce();

function ask(agent: UserAgent, more: Record<string, string> = {}, as = app): Promise<Page> {
  return agent.open(authorizeUrl(server, requestOf(as.client, pkce, more)));
}

const response = (page: Page) => new URL(page.location ?? 'none:').searchParams;

/** The claims of the ID token that an answer leads to. */
async function claimsOf(page: Page, agent: UserAgent, as = app) {
  const parameters = response(page);
  expect(parameters.get('error'), page.body).toBeNull();
  const authorized = { code: parameters.get('code') ?? '', pkce, agent, response: parameters };
  const { body } = await redeem(server, as, authorized);
  return {
    id_token: String(body.id_token),
    ...decodeJwt<{ auth_time: number; nonce?: string }>(body.id_token),
  };
}

/** A browser in which alice signed in and allowed, and what her first ID token said. */
async function signedIn(username = 'alice', as = app) {
  const agent = createUserAgent(server.issuer);
  const claims = await claimsOf(await passPages(agent, await ask(agent, {}, as), username), agent, as);
  server.clock.advance(1000);
  return { agent, claims };
}

describe('prompt', () => {
  it('Z19 login asks for the password once more, fills in who it is, and gives a later auth_time', async () => {
    const { agent, claims } = await signedIn();
    server.clock.advance(2000);
    const page = await ask(agent, { prompt: 'login' });
    expect(formOf(page, ['password']).fields.username).toBe('alice');
    const again = await claimsOf(await passPages(agent, page), agent);
    expect(again.sub).toBe(claims.sub);
    expect(again.auth_time).toBeGreaterThan(claims.auth_time);
  });

  it('Z19 login is not satisfied by coming back without signing in', async () => {
    const { agent } = await signedIn();
    const page = await ask(agent, { prompt: 'login' });
    const resumed = await agent.open(page.url.replace('/login', '/authorize/resume'));
    expect(resumed.body).toContain('name="password"');
  });

  it('Z19 login and consent ask both', async () => {
    const { agent } = await signedIn();
    const consent = await agent.submit(await ask(agent, { prompt: 'login consent' }), {
      username: 'alice',
      password: PASSWORD,
    });
    expect(consent.body).toContain('id="allow"');
    const answered = await agent.submit(consent, { decision: 'allow' });
    expect(response(answered).get('code')).not.toBeNull();
  });

  it('Z18 none is silent: the same sub and auth_time, or login_required', async () => {
    const { agent, claims } = await signedIn();
    const silent = await claimsOf(await ask(agent, { prompt: 'none' }), agent);
    expect([silent.sub, silent.auth_time]).toEqual([claims.sub, claims.auth_time]);
    const stranger = createUserAgent(server.issuer);
    const refused = response(await ask(stranger, { prompt: 'none', state: 'x' }));
    expect([refused.get('error'), refused.get('state')]).toEqual(['login_required', 'x']);
  });

  it('Z18 none together with another value is invalid_request', async () => {
    const { agent } = await signedIn();
    for (const prompt of ['none login', 'consent none', 'none select_account', 'none create']) {
      expect(response(await ask(agent, { prompt })).get('error')).toBe('invalid_request');
    }
  });

  it('Z1 Z18 none by POST from another site is silent too', async () => {
    const { agent } = await signedIn();
    const cookies = [...agent.cookies];
    agent.cookies.clear();
    const body = new URLSearchParams(requestOf(app.client, pkce, { prompt: 'none' }));
    const posted = await agent.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
    for (const [name, value] of cookies) agent.cookies.set(name, value);
    expect(response(await agent.follow(posted)).get('code')).not.toBeNull();
  });
});

describe('max_age', () => {
  it('Z20 an older sign-in is asked for again, and auth_time is recent', async () => {
    const { agent, claims } = await signedIn();
    server.clock.advance(2000);
    const page = await ask(agent, { max_age: '1' });
    expect(page.body).toContain('name="password"');
    const earliest = Math.floor(server.clock.nowMs() / 1000);
    const again = await claimsOf(await passPages(agent, page), agent);
    expect(again.auth_time).toBeGreaterThanOrEqual(Math.max(earliest, claims.auth_time + 2));
    expect(again.auth_time).toBeLessThanOrEqual(Math.floor(server.clock.nowMs() / 1000));
  });

  it('Z20 a sign-in that is recent enough is not, and auth_time is unchanged', async () => {
    const { agent, claims } = await signedIn();
    const again = await claimsOf(await ask(agent, { max_age: '10000' }), agent);
    expect(again.auth_time).toBe(claims.auth_time);
  });

  it('Z20 0 asks always; with prompt=none it is login_required', async () => {
    const { agent } = await signedIn();
    expect((await ask(agent, { max_age: '0' })).body).toContain('name="password"');
    expect(response(await ask(agent, { max_age: '0', prompt: 'none' })).get('error')).toBe('login_required');
  });

  it('Z20 the largest number of an app’s language is any age', async () => {
    const { agent, claims } = await signedIn();
    for (const max_age of ['2147483647', '4294967295', String(Number.MAX_SAFE_INTEGER).slice(1)]) {
      const again = await claimsOf(await ask(agent, { max_age }), agent);
      expect(again.auth_time).toBe(claims.auth_time);
    }
  });

  it('Z20 what is no number of seconds is invalid_request', async () => {
    const agent = createUserAgent(server.issuer);
    for (const max_age of ['-1', '1.5', 'x', '1e3', ' 1']) {
      expect(response(await ask(agent, { max_age })).get('error')).toBe('invalid_request');
    }
  });

  it('Z20 default_max_age of the client holds where the request names none', async () => {
    const strict = await confidentialClient(server, { profile: 'oidc', default_max_age: 60 });
    const { agent } = await signedIn('alice', strict);
    server.clock.advance(60_000);
    expect((await ask(agent, {}, strict)).body).toContain('name="password"');
    const lenient = await ask(agent, { max_age: '10000' }, strict);
    expect(response(lenient).get('code')).not.toBeNull();
  });
});

describe('id_token_hint', () => {
  it('Z21 with prompt=none answers for the same user, although the token has expired', async () => {
    const { agent, claims } = await signedIn();
    const more = { prompt: 'none', id_token_hint: claims.id_token };
    expect((await claimsOf(await ask(agent, more), agent)).sub).toBe(claims.sub);
    server.clock.advance(server.gatehouse.settings.id_token_seconds * 1000 + 60_000);
    expect((await claimsOf(await ask(agent, more), agent)).sub).toBe(claims.sub);
  });

  it('Z21 another user than the hinted one is login_required, and the login form names neither, but mentions it', async () => {
    const bob = await signedIn('bob');
    const { agent } = await signedIn();
    const more = { id_token_hint: bob.claims.id_token };
    expect(response(await ask(agent, { ...more, prompt: 'none' })).get('error')).toBe('login_required');
    const page = await ask(agent, more);
    expect(formOf(page, ['password']).fields.username).toBe('');
    expect(page.body).toContain('The app asks for the account that you used in it before');
    expect((await ask(agent, { prompt: 'login' })).body).not.toContain('The app asks for');
    expect(response(await passPages(agent, page)).get('error')).toBe('login_required');
    const asked = await ask(agent, more);
    expect((await claimsOf(await passPages(agent, asked, 'bob'), agent)).sub).toBe(bob.claims.sub);
  });

  it('Z21 A078 what is not our ID token is refused', async () => {
    const { agent, claims } = await signedIn();
    const [header = '', payload = ''] = claims.id_token.split('.');
    const none = `${btoa('{"alg":"none"}').replaceAll('=', '')}.${payload}.`;
    const { access_token } = (await redeem(server, app, await fresh(agent))).body;
    for (const id_token_hint of [none, `${header}.${payload}.AAAA`, access_token, 'x']) {
      expect(response(await ask(agent, { id_token_hint })).get('error')).toBe('invalid_request');
    }
  });

  async function fresh(agent: UserAgent) {
    const parameters = response(await ask(agent));
    return { code: parameters.get('code') ?? '', pkce, agent, response: parameters };
  }
});

describe('what never makes a difference between yes and no', () => {
  it('Z27 display, ui_locales, claims_locales, acr_values and login_hint, known or not', async () => {
    const { agent } = await signedIn();
    for (const more of [
      { display: 'page' },
      { display: 'popup' },
      { display: 'hologram' },
      { ui_locales: 'se' },
      { ui_locales: 'de-CH fr xx-yy' },
      { claims_locales: 'se' },
      { acr_values: '1 2' },
      { login_hint: 'buffy@example.com' },
      { login_hint: 'x'.repeat(2000) },
    ] as Record<string, string>[]) {
      expect(response(await ask(agent, more)).get('code'), JSON.stringify(more)).not.toBeNull();
    }
  });

  it('Z27 login_hint fills in the form', async () => {
    const page = await ask(createUserAgent(server.issuer), { login_hint: 'alice@example.com' });
    expect(formOf(page, ['password']).fields.username).toBe('alice@example.com');
  });

  it('Z27 login_hint fills in the form as it is, or not at all where it is too long to be a name', async () => {
    for (const [login_hint, filledIn] of [
      [`${'a'.repeat(255)}𠮷@example.com`, true],
      ['x'.repeat(321), false],
    ] as const) {
      const page = await ask(createUserAgent(server.issuer), { login_hint });
      expect(formOf(page, ['password']).fields.username).toBe(filledIn ? login_hint : '');
    }
  });

  it('G5 unknown parameters, and the order of parameters and of scopes', async () => {
    const { agent } = await signedIn();
    const request = { ...requestOf(app.client, pkce), scope: 'profile openid', extra: 'foobar' };
    const reversed = Object.fromEntries(Object.entries(request).reverse());
    const first = await passPages(agent, await agent.open(authorizeUrl(server, reversed)));
    expect(response(first).get('code')).not.toBeNull();
  });

  it('Z17 nonce is echoed, long ones too, and may be absent', async () => {
    const { agent } = await signedIn();
    for (const nonce of ['n', 'x'.repeat(384), 'ü "%']) {
      expect((await claimsOf(await ask(agent, { nonce }), agent)).nonce).toBe(nonce);
    }
    expect(await claimsOf(await ask(agent), agent)).not.toHaveProperty('nonce');
  });

  it('Z24 response_mode query and form_post carry the same answer', async () => {
    const { agent } = await signedIn();
    const byQuery = await ask(agent, { response_mode: 'query', state: 's' });
    expect(response(byQuery).get('state')).toBe('s');
    const { action, fields } = formOf(await ask(agent, { response_mode: 'form_post', state: 's' }), ['code']);
    expect(action).toBe(CALLBACK);
    expect(Object.keys(fields).sort()).toEqual([...response(byQuery).keys()].sort());
  });
});

it('Z29 request, request_uri and registration are refused by name, and a redirect_uri inside changes nothing', async () => {
  const agent = createUserAgent(server.issuer);
  const object = `${btoa('{"alg":"none"}')}.${btoa('{"redirect_uri":"https://evil.test"}')}.`;
  for (const name of ['request', 'request_uri', 'registration']) {
    const page = await ask(agent, { [name]: object, state: 'kept' });
    expect(page.location).toMatch(/^https:\/\/app\.example\.com\/cb\?/);
    expect([response(page).get('error'), response(page).get('state')]).toEqual([
      `${name}_not_supported`,
      'kept',
    ]);
  }
});
