import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import {
  auditEvents,
  authorize,
  authorizeUrl,
  CALLBACK,
  confidentialClient,
  newPkce,
  passPages,
  publicClient,
  type Registered,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { grantTypes, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf, type Page } from '../../support/user-agent.ts';

let server: TestServer;
let spa: Registered;
let web: Registered;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_SESSION_ABSOLUTE_SECONDS: '8640000' } });
  await server.user();
  spa = await publicClient(server);
  web = await confidentialClient(server);
});
afterAll(() => server.stop());

type Changes = Record<string, string | string[] | undefined>;

/** One authorization request, redirects not followed. */
function ask(changes: Changes = {}, as = spa): Promise<Page> {
  const request: Changes = { ...requestOf(as.client, newPkce()), ...changes };
  const sent = Object.entries(request).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  );
  return createUserAgent(server.issuer).fetch(authorizeUrl(server, Object.fromEntries(sent)));
}

/** The error that was redirected; everything else fails the test. */
async function redirectedError(changes: Changes, as = spa): Promise<URLSearchParams> {
  const page = await ask(changes, as);
  expect(page.location, page.body).toMatch(/^https:\/\/app\.example\.com\/cb\?/);
  return new URL(page.location ?? '').searchParams;
}

async function expectLocalPage(page: Page): Promise<void> {
  expect(page.status).toBeGreaterThanOrEqual(400);
  expect(page.status).toBeLessThan(500);
  expect(page.location).toBeUndefined();
  expect(page.body).toContain('id="error"');
}

describe('the request', () => {
  it('Z1 GET and form POST both work', async () => {
    const agent = createUserAgent(server.issuer);
    const pkce = newPkce();
    const body = new URLSearchParams(requestOf(spa.client, pkce, { state: 'posted' }));
    const posted = await agent.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
    const answered = await passPages(agent, await agent.follow(posted));
    const response = new URL(answered.location ?? '').searchParams;
    expect(response.get('state')).toBe('posted');
    const code = response.get('code') ?? '';
    expect((await redeem(server, spa, { code, pkce, agent, response })).status).toBe(200);
    expect((await authorize(server, spa.client)).code).not.toBe('');
  });

  it('Z1 a script of another page begins nothing, and a window or a frame does', async () => {
    const address = authorizeUrl(server, requestOf(spa.client, newPkce()));
    const statusFor = async (destination: string) =>
      (await fetch(address, { headers: { 'sec-fetch-dest': destination }, redirect: 'manual' })).status;
    for (const destination of ['empty', 'image', 'script']) expect(await statusFor(destination)).toBe(403);
    for (const destination of ['document', 'iframe']) expect(await statusFor(destination)).toBe(303);
  });

  it('Z1 a POST from another site finds the session at the next GET', async () => {
    const { agent } = await authorize(server, spa.client);
    const cookies = new Map(agent.cookies);
    agent.cookies.clear();
    const body = new URLSearchParams(requestOf(spa.client, newPkce()));
    const posted = await agent.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
    expect(posted.location).toContain('/authorize/resume?');
    for (const [name, value] of cookies) agent.cookies.set(name, value);
    const answered = await agent.follow(posted);
    expect(new URL(answered.location ?? '').searchParams.get('code')).not.toBeNull();
  });

  it('Z7 response_type absent is invalid_request, another is unsupported_response_type', async () => {
    expect((await redirectedError({ response_type: undefined })).get('error')).toBe('invalid_request');
    for (const response_type of ['token', 'code token', 'code id_token', 'id_token', 'none', 'CODE']) {
      expect((await redirectedError({ response_type })).get('error')).toBe('unsupported_response_type');
    }
  });

  it('Z8 a client without the grant is unauthorized_client', async () => {
    const service = await server.client({
      redirect_uris: [CALLBACK],
      grant_types: ['client_credentials'],
      scope: 'read',
    });
    const error = await redirectedError({ scope: 'read' }, service);
    expect(error.get('error')).toBe('unauthorized_client');
  });

  it('Z9 a scope of which the client may have nothing, or that is malformed, is invalid_scope', async () => {
    for (const scope of ['admin', 'opénid', 'openid a"b']) {
      expect((await redirectedError({ scope })).get('error')).toBe('invalid_scope');
    }
  });

  it('Z9 error_description has the characters that it may have, whatever was sent', async () => {
    const resource = 'https://api.example/"\\\u202e\u001b\r\n';
    const description = (await redirectedError({ resource })).get('error_description');
    // RFC 6749 §4.1.2.1
    expect(description).toMatch(/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/);
  });

  it('Z9 without scope the client gets its default', async () => {
    const client = await publicClient(server, { scope: 'email profile' });
    const authorized = await authorize(server, client.client, { more: { scope: '' } });
    expect((await redeem(server, client, authorized)).body.scope).toBe('email profile');
  });

  it('Z10 Z32 state is returned byte for byte, on errors too, and long ones work', async () => {
    const state = `${'s'.repeat(1200)} %20+&=?#/ü"<>`;
    expect((await redirectedError({ response_type: 'token', state })).get('state')).toBe(state);
    const { response } = await authorize(server, spa.client, { more: { state } });
    expect(response.get('state')).toBe(state);
  });

  it('Z11 iss is in success and error responses', async () => {
    expect((await redirectedError({ response_type: 'token' })).get('iss')).toBe(server.issuer);
    expect((await authorize(server, spa.client)).response.get('iss')).toBe(server.issuer);
  });

  it('Z12 A018 a missing code_challenge is invalid_request', async () => {
    const strict = await confidentialClient(server, { profile: 'oauth2.1' });
    for (const as of [spa, strict]) {
      const error = await redirectedError(
        { code_challenge: undefined, code_challenge_method: undefined },
        as,
      );
      expect(error.get('error')).toBe('invalid_request');
    }
  });

  it('Z13 A020 any method but S256 is refused, an absent one too', async () => {
    for (const code_challenge_method of ['plain', 's256', 'S256 ', 'S512', undefined]) {
      expect((await redirectedError({ code_challenge_method })).get('error')).toBe('invalid_request');
    }
  });

  it('Z14 a challenge that is not 43 base64url characters is refused', async () => {
    for (const code_challenge of [
      'a'.repeat(42),
      'a'.repeat(44),
      `${'a'.repeat(42)}=`,
      `${'a'.repeat(42)}+`,
    ]) {
      expect((await redirectedError({ code_challenge })).get('error')).toBe('invalid_request');
    }
  });

  it('G4 a repeated parameter is invalid_request', async () => {
    expect((await redirectedError({ scope: ['openid', 'openid'] })).get('error')).toBe('invalid_request');
    expect((await redirectedError({ nonce: ['a', 'b'] })).get('error')).toBe('invalid_request');
    const twice = await redirectedError({ state: ['a', 'b'] });
    expect([twice.get('error'), twice.get('state')]).toEqual(['invalid_request', null]);
  });

  it('G3 G5 an empty parameter is absent, an unknown one is ignored', async () => {
    const more = { prompt: '', max_age: '', unknown: 'x', request: '', claims: '' };
    expect((await authorize(server, spa.client, { more })).code).not.toBe('');
  });

  it('Z24 response_mode fragment, where an app asks for it', async () => {
    const { agent } = await authorize(server, spa.client);
    const state = 'a&b=c#d';
    const request = requestOf(spa.client, newPkce(), { response_mode: 'fragment', state });
    const { location = '' } = await agent.fetch(authorizeUrl(server, request));
    const [address, answer] = location.split('#', 2);
    expect(address).toBe(spa.client.metadata.redirect_uris[0]);
    const sent = new URLSearchParams(answer);
    expect([sent.get('state'), sent.get('iss'), sent.has('code')]).toEqual([state, server.issuer, true]);
  });

  it('Z24 a confidential client gets no fragment unless it registered it: no server ever sees one', async () => {
    const asked = { response_mode: 'fragment' };
    expect((await redirectedError(asked, web)).get('error')).toBe('invalid_request');
    const registered = await confidentialClient(server, { response_modes: ['fragment'] });
    expect((await ask({ ...asked, response_type: 'token' }, registered)).location).toContain('#error=');
  });

  it('Z24 response_mode is one of those there are', async () => {
    for (const response_mode of ['jwt', 'nonsense']) {
      expect((await redirectedError({ response_mode })).get('error')).toBe('invalid_request');
    }
  });

  it('Z24 a client that registered one response_mode gets no other', async () => {
    const posted = await confidentialClient(server, { response_modes: ['form_post'] });
    const queried = await confidentialClient(server, { response_modes: ['query'] });
    for (const changes of [{}, { response_mode: 'query' }]) {
      const page = await ask({ ...changes, state: 's' }, posted);
      expect(page.location).toBeUndefined();
      expect(formOf(page, ['error']).fields).toMatchObject({ error: 'invalid_request', state: 's' });
    }
    expect((await redirectedError({ response_mode: 'form_post' }, queried)).get('error')).toBe(
      'invalid_request',
    );
    expect((await authorize(server, queried.client)).code).not.toBe('');
    const { location } = await ask({ response_mode: 'form_post' }, posted);
    expect(location).toMatch(/\/login\?/);
  });

  it('form_post answers with a form that needs no script', async () => {
    const agent = createUserAgent(server.issuer);
    const request = requestOf(spa.client, newPkce(), { response_mode: 'form_post', state: 'a"<b>&' });
    const page = await passPages(agent, await agent.open(authorizeUrl(server, request)));
    const form = formOf(page, ['code']);
    expect(form.action).toBe(CALLBACK);
    expect(form.fields).toMatchObject({ state: 'a"<b>&', iss: server.issuer });
    const refused = await ask({ response_mode: 'form_post', response_type: 'token' });
    expect(formOf(refused, ['error']).fields.error).toBe('unsupported_response_type');
  });

  it('Z27 unknown display, ui_locales, claims_locales, acr_values and login_hint never fail', async () => {
    const more = {
      display: 'hologram',
      ui_locales: 'xx',
      claims_locales: 'yy',
      acr_values: 'z',
      login_hint: '<b>"',
    };
    expect((await authorize(server, spa.client, { more })).code).not.toBe('');
  });

  it('Z28 malformed claims are invalid_request', async () => {
    for (const claims of ['{', '[]', 'null', '"x"']) {
      expect((await redirectedError({ claims })).get('error')).toBe('invalid_request');
    }
  });

  it('Z29 request, request_uri and registration are refused by name', async () => {
    for (const name of ['request', 'request_uri', 'registration']) {
      expect((await redirectedError({ [name]: 'x' })).get('error')).toBe(`${name}_not_supported`);
    }
  });

  it('Z15 A057 the stored request wins over whatever is sent on the way', async () => {
    const agent = createUserAgent(server.issuer);
    const login = await agent.open(authorizeUrl(server, requestOf(spa.client, newPkce(), { state: 'mine' })));
    const url = `${login.url}&redirect_uri=https://evil.test/&scope=openid%20email&state=theirs`;
    const answered = await passPages(agent, await agent.open(url));
    expect(answered.location).toMatch(/^https:\/\/app\.example\.com\/cb\?/);
    expect(new URL(answered.location ?? '').searchParams.get('state')).toBe('mine');
  });
});

describe('client_id and redirect_uri', () => {
  it('Z2 G11 an unknown, missing or disabled client is a local page', async () => {
    await expectLocalPage(await ask({ client_id: 'nobody' }));
    await expectLocalPage(await ask({ client_id: undefined }));
    const off = await publicClient(server);
    await setClientDisabled(server.gatehouse, off.client.client_id, true);
    await expectLocalPage(await ask({}, off));
  });

  it('Z4 a refused redirect_uri is shown, and logged for the operator with those that are registered', async () => {
    // Of one minute the first few are events of their own.
    server.clock.advance(61_000);
    const sent = 'https://evil.test/cb?<script>alert(1)</script>';
    const page = await ask({ redirect_uri: sent });
    await expectLocalPage(page);
    expect(page.body).toContain('redirect_uri https://evil.test/cb?&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page.body).not.toContain('<script>alert');
    const registered = spa.client.metadata.redirect_uris.join(' ');
    const about = { client_id: spa.client.client_id, redirect_uri: sent, registered };
    const line = server.lines.map((text) => JSON.parse(text)).findLast(({ msg }) => msg === 'refused');
    expect(line).toMatchObject({ level: 30, reason: 'invalid_redirect_uri', ...about });
    const { client_id, ...details } = about;
    const events = await auditEvents(server);
    expect(events.find(({ reason }) => reason === 'invalid_redirect_uri')).toMatchObject({
      client_id,
      details,
    });
  });

  it('Z2 Z4 a missing redirect_uri is a local page for OpenID and where several are registered', async () => {
    await expectLocalPage(await ask({ redirect_uri: undefined }));
    const two = await publicClient(server, {
      redirect_uris: [CALLBACK, 'https://app.example.com/2'],
      scope: 'email',
    });
    await expectLocalPage(await ask({ redirect_uri: undefined, scope: 'email' }, two));
    const one = await publicClient(server, { scope: 'email' });
    expect((await ask({ redirect_uri: undefined, scope: 'email' }, one)).location).toContain('/login?');
  });

  it('Z3 A001 A002 A003 A004 A005 A006 A009 A011 anything but the registered bytes is a local page that says Invalid redirect', async () => {
    const others = [
      `${CALLBACK}/`,
      `${CALLBACK}2`,
      `${CALLBACK}%20`,
      `${CALLBACK}#`,
      `${CALLBACK}#x`,
      `${CALLBACK}?`,
      `${CALLBACK}?a=b`,
      'https://app.example.com.evil.test/cb',
      'https://evil.test/https://app.example.com/cb',
      'https://app.example.com@evil.test/cb',
      'https://app.example.com:443@evil.test/cb',
      'https://a@@@evil.test/cb',
      'https://app.example.com\\@evil.test/cb',
      'https://app.example.com/\\cb',
      'https://app.example.com%5c/cb',
      'https://app.exa\tmple.com/cb',
      'https:app.example.com/cb',
      '///app.example.com/cb',
      '//app.example.com/cb',
      'https://app.example.com/cb/../x',
      'https://app.example.com/x/../cb',
      'https://app.example.com/cb/..;/x',
      'https://app.example.com/%2e%2e/cb',
      'https://app.example.com/cb;p',
      'https://app.example.com//cb',
      'HTTPS://app.example.com/cb',
      'https://APP.example.com/cb',
      'https://app.example.com/CB',
      'https://app.example.com:443/cb',
      'https://app.example.com./cb',
      'https://app.example.com/%63b',
      'http://app.example.com/cb',
      'javascript:alert(1)',
      'JaVaScRiPt:alert(1)',
      'java\tscript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      'blob:https://app.example.com/cb',
      'file:///etc/passwd',
    ];
    for (const redirect_uri of others) {
      const page = await ask({ redirect_uri });
      await expectLocalPage(page);
      expect(page.body, redirect_uri).toContain('Invalid redirect');
    }
  });

  it('A012 two redirect_uris or client_ids are a local page, in either order, in query and body', async () => {
    for (const pair of [
      [CALLBACK, 'https://evil.test'],
      ['https://evil.test', CALLBACK],
      [CALLBACK, CALLBACK],
    ]) {
      await expectLocalPage(await ask({ redirect_uri: pair }));
    }
    await expectLocalPage(await ask({ client_id: [spa.client.client_id, web.client.client_id] }));
    const body = new URLSearchParams(requestOf(spa.client, newPkce()));
    const url = `${server.issuer}/authorize?redirect_uri=https%3A%2F%2Fevil.test`;
    await expectLocalPage(await createUserAgent(server.issuer).fetch(url, { method: 'POST', body }));
  });

  it('A013 A014 neither a live session nor an error in the request leads to an evil redirect_uri', async () => {
    const { agent } = await authorize(server, spa.client);
    for (const more of [
      {},
      { scope: 'nonsense' },
      { response_type: 'token' },
      { response_mode: 'form_post.jwt' },
    ]) {
      const request = { ...requestOf(spa.client, newPkce(), more), redirect_uri: 'https://evil.test/' };
      await expectLocalPage(await agent.fetch(authorizeUrl(server, request)));
    }
  });

  it('A010 a client without redirect URIs learns nothing', async () => {
    const service = await server.client({ grant_types: ['client_credentials'] });
    await expectLocalPage(await ask({ redirect_uri: 'https://evil.test' }, service));
  });

  it('A007 Z5 the port of a loopback redirect varies, for native clients alone', async () => {
    const metadata = { application_type: 'native', token_endpoint_auth_method: 'none' };
    const native = await server.client({ redirect_uris: ['http://127.0.0.1/cb'], ...metadata });
    for (const redirect_uri of [
      'http://127.0.0.1/cb',
      'http://127.0.0.1:1234/cb',
      'http://127.0.0.1:65000/cb',
    ]) {
      expect((await ask({ redirect_uri }, native)).location).toContain('/login?');
    }
    const others = [
      'http://localhost:1234/cb',
      'http://[::1]:1234/cb',
      'http://127.1:1234/cb',
      'http://2130706433/cb',
      'http://127.0.0.1:65536/cb',
      'http://127.0.0.1:99999/cb',
      'http://127.0.0.1:1234/cb2',
      'http://127.0.0.1:1234/cb?x',
      'https://127.0.0.1:1234/cb',
      'http://127.0.0.1:1234@evil.test/cb',
      'http://127.0.0.1.evil.test/cb',
    ];
    for (const redirect_uri of others) await expectLocalPage(await ask({ redirect_uri }, native));
    const loopbackWeb = await publicClient(server, { redirect_uris: ['http://127.0.0.1:8080/cb'] });
    await expectLocalPage(await ask({ redirect_uri: 'http://127.0.0.1:8081/cb' }, loopbackWeb));
  });

  it('Z6 the query of a registered redirect_uri is kept', async () => {
    const redirect_uri = 'https://app.example.com/cb?dummy1=lorem&dummy2=ipsum';
    const client = await publicClient(server, { redirect_uris: [redirect_uri] });
    const { response } = await authorize(server, client.client);
    expect(response.get('dummy1')).toBe('lorem');
    expect(response.get('dummy2')).toBe('ipsum');
    expect(response.get('code')).not.toBeNull();
  });
});

describe('prompt and consent', () => {
  it('Z18 A078 prompt=none without a session is login_required', async () => {
    expect((await redirectedError({ prompt: 'none' })).get('error')).toBe('login_required');
  });

  it('Z18 prompt=none without consent is consent_required, with it a silent code', async () => {
    const { agent } = await authorize(server, spa.client);
    const other = await publicClient(server);
    const request = requestOf(other.client, newPkce(), { prompt: 'none' });
    const asked = await agent.open(authorizeUrl(server, request));
    expect(new URL(asked.location ?? '').searchParams.get('error')).toBe('consent_required');
    const silent = await agent.open(
      authorizeUrl(server, requestOf(spa.client, newPkce(), { prompt: 'none' })),
    );
    expect(new URL(silent.location ?? '').searchParams.get('code')).not.toBeNull();
  });

  it('Z18 none with another value is invalid_request', async () => {
    for (const prompt of ['none login', 'login none', 'none nonsense']) {
      expect((await redirectedError({ prompt })).get('error')).toBe('invalid_request');
    }
  });

  it('A078 Z21 an id_token_hint of another user is login_required, a foreign one is refused', async () => {
    await server.user('carol');
    const carol = await authorize(server, spa.client, { username: 'carol' });
    const { id_token } = (await redeem(server, spa, carol)).body;
    const { agent } = await authorize(server, spa.client);
    const hinted = await agent.open(
      authorizeUrl(server, requestOf(spa.client, newPkce(), { prompt: 'none', id_token_hint: id_token })),
    );
    expect(new URL(hinted.location ?? '').searchParams.get('error')).toBe('login_required');
    const asked = requestOf(spa.client, newPkce(), { id_token_hint: id_token });
    const somebodyElse = await passPages(agent, await agent.open(authorizeUrl(server, asked)), 'alice');
    expect(new URL(somebodyElse.location ?? '').searchParams.get('error')).toBe('login_required');
    const foreign = `${id_token.slice(0, -8)}AAAAAAAA`;
    expect((await redirectedError({ prompt: 'none', id_token_hint: foreign })).get('error')).toBe(
      'invalid_request',
    );
  });

  it('Z19 prompt=login asks for the password again and gives a later auth_time', async () => {
    const first = await authorize(server, spa.client);
    const before = JSON.parse(atob((await redeem(server, spa, first)).body.id_token.split('.')[1])).auth_time;
    server.clock.advance(60_000);
    const request = requestOf(spa.client, first.pkce, { prompt: 'login' });
    const page = await first.agent.open(authorizeUrl(server, request));
    expect(page.body).toContain('name="password"');
    const answered = await passPages(first.agent, page);
    const response = new URL(answered.location ?? '').searchParams;
    const { body } = await redeem(server, spa, { ...first, code: response.get('code') ?? '', response });
    expect(JSON.parse(atob(body.id_token.split('.')[1])).auth_time).toBeGreaterThan(before);
  });

  it('Z19 prompt=consent asks although it was allowed before', async () => {
    const { agent } = await authorize(server, spa.client);
    const page = await agent.open(
      authorizeUrl(server, requestOf(spa.client, newPkce(), { prompt: 'consent' })),
    );
    expect(page.body).toContain('id="allow"');
  });

  it('single sign-on: one session serves every client in the browser', async () => {
    const { agent } = await authorize(server, spa.client);
    const page = await agent.open(authorizeUrl(server, requestOf(web.client, newPkce())));
    expect(page.body).not.toContain('name="password"');
  });

  it('A076 consent is remembered, and asked again for what is new', async () => {
    const { agent } = await authorize(server, spa.client);
    const again = await agent.fetch(authorizeUrl(server, requestOf(spa.client, newPkce())));
    expect(new URL(again.location ?? '').searchParams.get('code')).not.toBeNull();
    const client = await publicClient(server);
    await authorize(server, client.client, { agent });
    const wider = await agent.open(
      authorizeUrl(server, requestOf(client.client, newPkce(), { scope: 'openid phone' })),
    );
    // Nothing new is left of it.
    expect(wider.location ?? '').toContain('code=');
    const more = await agent.open(
      authorizeUrl(server, requestOf(client.client, newPkce(), { scope: 'openid email' })),
    );
    expect(more.body).toContain('id="allow"');
    expect(more.body).toContain('>new<');
  });

  it('A076 a change of the client asks again', async () => {
    const client = await publicClient(server);
    const { agent } = await authorize(server, client.client);
    await updateClient(server.gatehouse, grantTypes, client.client.client_id, {
      client_name: 'Another name',
    });
    const page = await agent.open(authorizeUrl(server, requestOf(client.client, newPkce())));
    expect(page.body).toContain('id="allow"');
  });

  it('Z30 A076 a native public client is never approved silently', async () => {
    const native = await server.client({
      redirect_uris: ['http://127.0.0.1/cb'],
      application_type: 'native',
      token_endpoint_auth_method: 'none',
    });
    const { agent } = await authorize(server, native.client);
    const page = await agent.open(authorizeUrl(server, requestOf(native.client, newPkce())));
    expect(page.body).toContain('id="allow"');
    const silent = await agent.open(
      authorizeUrl(server, requestOf(native.client, newPkce(), { prompt: 'none' })),
    );
    expect(new URL(silent.location ?? '').searchParams.get('error')).toBe('consent_required');
  });

  it('a first-party confidential client is not asked for', async () => {
    const own = await confidentialClient(server, { first_party: true });
    const { agent } = await authorize(server, spa.client);
    const page = await agent.open(authorizeUrl(server, requestOf(own.client, newPkce())));
    expect(new URL(page.location ?? '').searchParams.get('code')).not.toBeNull();
  });

  it('L16 A077 consent shows client, host, scopes, resource and lifetime, whatever the client calls itself', async () => {
    await server.client({
      grant_types: ['client_credentials'],
      resources: ['https://books.example.com/api'],
    });
    const nasty = await publicClient(server, { client_name: '<script>alert(1)</script>"&' });
    const agent = createUserAgent(server.issuer);
    const request = requestOf(nasty.client, newPkce(), {
      scope: 'openid email',
      resource: 'https://books.example.com/api',
    });
    const login = await agent.open(authorizeUrl(server, request));
    const page = await agent.submit(login, { username: 'alice', password: 'correct horse battery staple' });
    expect(page.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page.body).not.toContain('<script>alert');
    for (const shown of [
      'app.example.com',
      'See your e-mail address',
      'https://books.example.com/api',
      'until you sign out',
    ]) {
      expect(page.body).toContain(shown);
    }
  });

  it('every page shows the whole name of a client, however long', async () => {
    const agent = createUserAgent(server.issuer);
    const client_name = `注文${'の'.repeat(76)}𠮷野家の注文書${'😀'.repeat(17)}`;
    const { client } = await publicClient(server, { client_name });
    const pages = [await agent.open(authorizeUrl(server, requestOf(client, newPkce())))];
    const signedIn = { username: 'alice', password: 'correct horse battery staple' };
    pages.push(await agent.submit(pages[0] as Page, signedIn));
    await agent.submit(pages[1] as Page, { decision: 'allow' });
    pages.push(await agent.open(`${server.issuer}/account/apps`));
    for (const { url, body } of pages)
      expect(body, url).toContain(`<bdi class="client">${client_name}</bdi>`);
  });

  it('deny is access_denied with state and iss, and nothing is remembered', async () => {
    const client = await publicClient(server);
    const agent = createUserAgent(server.issuer);
    const request = requestOf(client.client, newPkce(), { state: 'xyz' });
    const login = await agent.open(authorizeUrl(server, request));
    const consent = await agent.submit(login, {
      username: 'alice',
      password: 'correct horse battery staple',
    });
    const denied = await agent.submit(consent, { decision: 'deny' });
    const response = new URL(denied.location ?? '').searchParams;
    expect(response.get('error')).toBe('access_denied');
    expect(response.get('state')).toBe('xyz');
    expect(response.get('iss')).toBe(server.issuer);
    expect((await agent.open(authorizeUrl(server, request))).body).toContain('id="allow"');
  });
});

describe('the interaction', () => {
  const start = async (agent = createUserAgent(server.issuer)) => ({
    agent,
    page: await agent.open(authorizeUrl(server, requestOf(spa.client, newPkce()))),
  });

  it('A056 another browser cannot use it, signed in or not', async () => {
    const { page } = await start();
    const { agent: victim } = await authorize(server, spa.client);
    for (const path of ['/login', '/consent', '/authorize/resume']) {
      const interaction = new URL(page.url).searchParams.get('interaction');
      const opened = await victim.fetch(`${server.issuer}${path}?interaction=${interaction}`);
      expect(opened.status).toBe(403);
      expect(opened.location).toBeUndefined();
      expect(opened.body).toContain('Not your sign-in');
    }
  });

  it('A060 no stage can be skipped', async () => {
    const { agent, page } = await start();
    const interaction = new URL(page.url).searchParams.get('interaction') ?? '';
    const consent = await agent.fetch(`${server.issuer}/consent?interaction=${interaction}`);
    expect(consent.location).toContain('/authorize/resume?');
    const resumed = await agent.fetch(`${server.issuer}/authorize/resume?interaction=${interaction}`);
    expect(resumed.location).toContain('/login?');
    const empty = await agent.submit(page, { username: '', password: '' });
    expect(empty.body).toContain('name="password"');
    expect(agent.cookies.has(agent.names.session)).toBe(false);
  });

  it('it expires, and it answers once', async () => {
    const { agent, page } = await start();
    const interaction = new URL(page.url).searchParams.get('interaction') ?? '';
    const answered = await passPages(agent, page);
    expect(new URL(answered.location ?? '').searchParams.get('code')).not.toBeNull();
    const again = await agent.fetch(`${server.issuer}/authorize/resume?interaction=${interaction}`);
    await expectLocalPage(again);
    const late = await start();
    server.clock.advance(2 * 3_600_000 + 601_000);
    await expectLocalPage(await late.agent.fetch(late.page.url));
  });

  it('A058 a replayed approval, one without a token and one of another session are refused', async () => {
    const client = await publicClient(server);
    const agent = createUserAgent(server.issuer);
    const login = await agent.open(authorizeUrl(server, requestOf(client.client, newPkce())));
    const consent = await agent.submit(login, {
      username: 'alice',
      password: 'correct horse battery staple',
    });
    const form = formOf(consent, ['decision']);
    const send = (fields: Record<string, string>, headers = {}) =>
      agent.fetch(`${server.issuer}/consent`, { method: 'POST', body: new URLSearchParams(fields), headers });
    const good = { ...form.fields, decision: 'allow' };
    expect((await send({ ...good, csrf: '' })).status).toBe(403);
    expect((await send(good, { origin: 'https://evil.test' })).status).toBe(403);
    expect((await send(good, { origin: 'null' })).status).toBe(403);
    expect((await send(good, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(
      (await agent.fetch(`${server.issuer}/consent?decision=allow&interaction=x`)).location,
    ).toBeUndefined();
    const answered = await agent.submit(consent, { decision: 'allow' });
    expect(answered.location).toContain('code=');
    await expectLocalPage(await send(good));
  });
});
