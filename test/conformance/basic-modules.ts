/** The modules that the Basic plan and the Form Post Basic plan share. */
import { createHash, randomBytes } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf } from '../support/flow.ts';
import { alice } from './alice.ts';
import { type Op, startOp } from './op.ts';
import {
  askToken,
  askUserinfo,
  type Client,
  redeem,
  register,
  requestTo,
  responseOf,
  signIn,
  walk,
} from './relying-party.ts';

const scopeClaims = {
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
} as const;

export function describeBasicModules(plan: string, response_mode: 'form_post' | undefined): void {
  describe(plan, () => {
    let op: Op;
    let client: Client;
    let second: Client;
    let post: Client;
    const mode = { response_mode };
    const go = (more = {}, options = {}) => signIn(op, client, { ...mode, ...more }, options);

    beforeAll(async () => {
      op = await startOp();
      client = await register(op);
      second = await register(op);
      post = await register(op, { token_endpoint_auth_method: 'client_secret_post' });
    });
    afterAll(() => op.stop());

    it('oidcc-server', async () => {
      const { body, claims, authorized } = await go();
      expect((authorized.response.get('code') ?? '').length).toBeGreaterThanOrEqual(22);
      expect(body.access_token.length).toBeGreaterThanOrEqual(22);
      for (const claim of Object.values(scopeClaims).flat()) expect(claims).not.toHaveProperty(claim);
      expect((await askUserinfo(op, body.access_token)).body).toEqual({ sub: claims.sub });
    });

    it('oidcc-server-client-secret-post', async () => {
      expect((await signIn(op, post, mode)).claims.aud).toBe(post.client_id);
    });

    it('oidcc-response-type-missing', async () => {
      const browser = op.newBrowser();
      const opened = await browser.open(requestTo(op, client, { ...mode, response_type: undefined }).url);
      const { page } = await walk(browser, opened);
      expect(responseOf(page, client).get('error')).toMatch(/^(unsupported_response_type|invalid_request)$/);
    });

    it('oidcc-idtoken-signature', async () => {
      expect(client.id_token_signed_response_alg ?? 'RS256').toBe('RS256');
      await go();
    });

    it('oidcc-idtoken-unsigned (not advertised, so skipped there)', () => {
      expect(op.metadata.id_token_signing_alg_values_supported).not.toContain('none');
    });

    it('oidcc-userinfo-get, -post-header, -post-body', async () => {
      const { body, claims } = await go();
      const { access_token } = body;
      const inBody = { method: 'POST', body: new URLSearchParams({ access_token }) };
      for (const answer of [
        await askUserinfo(op, access_token),
        await askUserinfo(op, access_token, 'POST'),
        await answerOf(await op.send(op.metadata.userinfo_endpoint, inBody)),
      ]) {
        expect(answer).toMatchObject({ status: 200, body: { sub: claims.sub } });
        expect(answer.headers.get('content-type')).toContain('application/json');
      }
    });

    it('oidcc-ensure-request-without-nonce-succeeds-for-code-flow', async () => {
      expect((await go({ nonce: undefined })).claims).not.toHaveProperty('nonce');
    });

    it.each(['profile', 'email', 'address', 'phone'] as const)('oidcc-scope-%s', async (scope) => {
      const { body } = await go({ scope: `openid ${scope}` });
      const { body: userinfo } = await askUserinfo(op, body.access_token);
      expect(Object.keys(userinfo).sort()).toEqual(['sub', ...scopeClaims[scope]].sort());
      expectTypes(userinfo);
    });

    it('oidcc-scope-all', async () => {
      const { body } = await go({ scope: 'openid profile email address phone' });
      const { body: userinfo } = await askUserinfo(op, body.access_token);
      expect(userinfo).toMatchObject({ ...alice.claims, email: alice.email });
      expectTypes(userinfo);
    });

    it('oidcc-claims-essential', async () => {
      const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
      const { body } = await go({ claims });
      expect((await askUserinfo(op, body.access_token)).body.name).toBe(alice.claims.name);
    });

    it.each([
      ['oidcc-ensure-request-with-unknown-parameter-succeeds', { extra: 'foobar' }],
      ['oidcc-display-page', { display: 'page' }],
      ['oidcc-display-popup', { display: 'popup' }],
      ['oidcc-ui-locales', { ui_locales: 'se' }],
      ['oidcc-claims-locales', { claims_locales: 'se' }],
      ['oidcc-login-hint', { login_hint: 'buffy@example.com' }],
      ['oidcc-ensure-request-with-acr-values-succeeds', { acr_values: '1 2' }],
      ['oidcc-ensure-request-with-acr-values-succeeds (all)', { acr_values: 'urn:mace:incommon:iap:silver' }],
    ])('%s', async (_module, parameters) => {
      await go(parameters);
    });

    it('oidcc-prompt-login', async () => {
      const first = await go();
      op.server.clock.advance(2000);
      const again = await go({ prompt: 'login' }, { browser: first.authorized.browser });
      expect(again.authorized.signIns).toBe(1);
      expect(again.claims.sub).toBe(first.claims.sub);
      expect(again.claims.auth_time).toBeGreaterThan(first.claims.auth_time);
    });

    it('oidcc-prompt-none-not-logged-in', async () => {
      const page = await op.newBrowser().open(requestTo(op, client, { ...mode, prompt: 'none' }).url);
      expect(responseOf(page, client).get('error')).toBe('login_required');
    });

    it('oidcc-prompt-none-logged-in', async () => {
      const first = await go();
      const again = await go({ prompt: 'none' }, { browser: first.authorized.browser });
      expect(again.authorized.signIns).toBe(0);
      expect(again.claims).toMatchObject({ sub: first.claims.sub, auth_time: first.claims.auth_time });
    });

    it('oidcc-max-age-1', async () => {
      const first = await go();
      op.server.clock.advance(2000);
      const again = await go({ max_age: '1' }, { browser: first.authorized.browser });
      expect(again.authorized.signIns).toBe(1);
      expect(again.claims.auth_time).toBeGreaterThan(first.claims.auth_time);
      expect(op.server.clock.nowMs() / 1000 - again.claims.auth_time).toBeLessThan(5);
    });

    it('oidcc-max-age-10000', async () => {
      const first = await go();
      const again = await go({ max_age: '10000' }, { browser: first.authorized.browser });
      expect(again.authorized.signIns).toBe(0);
      expect(again.claims).toMatchObject({ sub: first.claims.sub, auth_time: first.claims.auth_time });
    });

    it('oidcc-id-token-hint', async () => {
      const first = await go();
      const id_token_hint = first.body.id_token;
      const again = await go({ prompt: 'none', id_token_hint }, { browser: first.authorized.browser });
      expect(again.claims.sub).toBe(first.claims.sub);
    });

    it('oidcc-alternate-happy-flow', async () => {
      const { parameters } = requestTo(op, client, { ...mode, scope: 'email openid' });
      const reversed = new URLSearchParams(Object.entries(parameters).reverse());
      const browser = op.newBrowser();
      const opened = await browser.open(`${op.metadata.authorization_endpoint}?${reversed}`);
      const { page } = await walk(browser, opened);
      const response = responseOf(page, client);
      const { status } = await redeem(op, client, { browser, parameters, signIns: 1, response });
      expect(status).toBe(200);
    });

    it('oidcc-ensure-post-request-succeeds', async () => {
      const { parameters } = requestTo(op, client, mode);
      const browser = op.newBrowser();
      const body = new URLSearchParams(parameters);
      const headers = { origin: op.site.origin, 'sec-fetch-site': 'cross-site' };
      const posted = await browser.fetch(op.metadata.authorization_endpoint, {
        method: 'POST',
        body,
        headers,
      });
      const { page } = await walk(browser, await browser.follow(posted));
      const response = responseOf(page, client);
      expect((await redeem(op, client, { browser, parameters, signIns: 1, response })).status).toBe(200);
    });

    it('oidcc-ensure-request-with-valid-pkce-succeeds', async () => {
      const code_verifier = randomBytes(32).toString('base64url');
      const code_challenge = createHash('sha256').update(code_verifier).digest('base64url');
      await go({ code_challenge, code_challenge_method: 'S256' }, { token: { code_verifier } });
    });

    it('oidcc-codereuse', async () => {
      const { authorized } = await go();
      expect(await redeem(op, client, authorized)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
    });

    it('oidcc-codereuse-30seconds', async () => {
      const { authorized, body } = await go();
      op.server.clock.advance(30_000);
      expect(await redeem(op, client, authorized)).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      });
      expect((await askUserinfo(op, body.access_token)).status).toBe(401);
    });

    it('oidcc-ensure-registered-redirect-uri', async () => {
      const redirect_uri = `${op.site.origin}/callback/${randomBytes(5).toString('hex')}`;
      const page = await op.newBrowser().open(requestTo(op, client, { ...mode, redirect_uri }).url);
      expect(page).toMatchObject({ status: 400, location: undefined });
      expect(page.body).toContain('Invalid redirect');
    });

    it('oidcc-ensure-request-object-with-redirect-uri', async () => {
      const request = await unsignedRequest({ redirect_uri: client.redirect_uris[0] });
      const redirect_uri = `${op.site.origin}/elsewhere`;
      const page = await op.newBrowser().open(requestTo(op, client, { ...mode, request, redirect_uri }).url);
      expect(page).toMatchObject({ status: 400, location: undefined });
    });

    it('oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported', async () => {
      const request = await unsignedRequest({ state: 'inside', nonce: 'inside' });
      const browser = op.newBrowser();
      const { page } = await walk(
        browser,
        await browser.open(requestTo(op, client, { ...mode, request }).url),
      );
      expect(responseOf(page, client).get('error')).toBe('request_not_supported');
    });

    it('oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported', async () => {
      const request_uri = `${op.site.origin}/request.jwt`;
      const browser = op.newBrowser();
      const { url } = requestTo(op, client, { ...mode, request_uri });
      const { page } = await walk(browser, await browser.open(url));
      expect(responseOf(page, client).get('error')).toBe('request_uri_not_supported');
      expect(op.site.requests.filter(({ path }) => path === '/request.jwt')).toEqual([]);
    });

    it('oidcc-refresh-token', async () => {
      const { body, claims } = await go({ scope: 'openid offline_access', prompt: 'consent' });
      const { refresh_token } = body;
      const grant_type = 'refresh_token';
      const foreign = await askToken(op, second, { grant_type, refresh_token });
      expect(foreign).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      const refreshed = await askToken(op, client, { grant_type, refresh_token });
      expect(refreshed.status).toBe(200);
      if (refreshed.body.id_token !== undefined) {
        const [, payload = ''] = refreshed.body.id_token.split('.');
        const { iss, aud, sub } = JSON.parse(Buffer.from(payload, 'base64url').toString());
        expect({ iss, aud, sub }).toEqual({ iss: claims.iss, aud: claims.aud, sub: claims.sub });
      }
    });

    it('the person may refuse', async () => {
      const browser = op.newBrowser();
      const { url } = requestTo(op, client, mode);
      const { authorized } = await go({}, { browser });
      expect(authorized.signIns).toBe(1);
      const asked = await browser.open(`${url}&prompt=consent`);
      const page = await browser.submit(asked, { decision: 'deny' });
      expect(responseOf(page, client).get('error')).toBe('access_denied');
    });
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a JSON answer
function expectTypes(userinfo: Record<string, any>): void {
  for (const [name, value] of Object.entries(userinfo)) {
    if (name === 'address') expect(value).toBeTypeOf('object');
    else if (name === 'updated_at') expect(value).toBeTypeOf('number');
    else if (name.endsWith('_verified')) expect(value).toBeTypeOf('boolean');
    else expect(value).toBeTypeOf('string');
  }
}

/** An alg that nobody advertises stands for unsigned: this library makes none. */
async function unsignedRequest(claims: Record<string, unknown>): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256');
  const signed = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
  const [, payload] = signed.split('.');
  return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
}
