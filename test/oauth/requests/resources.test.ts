/** What a token is for: resource, its other name, its two spellings, and the default of a client. RFC 8707 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { updateClient } from '../../../src/oauth/clients/create-and-update-clients.ts';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import {
  auditEvents,
  authorize,
  authorizeUrl,
  confidentialClient,
  lastReason,
  newPkce,
  post,
  type Registered,
  redeem,
  refresh,
  requestOf,
  userinfo,
} from '../../support/flow.ts';
import { grantTypes, PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

const BOOKS = 'https://books.example.com/api';
const HOST = 'https://host.example.com';
const OTHER = 'https://other.example.com';

let server: TestServer;
let books: Registered;
let web: Registered;
let service: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  books = await server.client({ grant_types: ['client_credentials'], resources: [BOOKS] });
  await server.client({ grant_types: ['client_credentials'], resources: [HOST, OTHER] });
  service = await server.client({ grant_types: ['client_credentials'], scope: 'read' });
});
afterAll(() => server.stop());
beforeEach(async () => {
  web = await confidentialClient(server, { scope: 'openid profile read' });
});

const introspect = async (token: string, as: Registered) =>
  (await post(server, '/introspect', { token }, as)).body;

async function tokens(
  as: Registered,
  { asked = {}, redeemed = {} }: { asked?: Record<string, string>; redeemed?: Record<string, string> } = {},
) {
  const authorized = await authorize(server, as.client, { more: asked });
  expect(authorized.response.get('error_description')).toBeNull();
  return (await redeem(server, as, authorized, redeemed)).body;
}

const asService = async (more: Record<string, string>) =>
  (await post(server, '/token', { grant_type: 'client_credentials', ...more }, service)).body;
const audienceOf = ({ access_token }: { access_token: string }) => decodeJwt(access_token).aud;

describe('audience', () => {
  it('Z25 T15 is another name for a registered resource, at authorization, token and refresh', async () => {
    const first = await tokens(web, { asked: { audience: BOOKS, scope: 'read' } });
    expect(audienceOf(first)).toBe(BOOKS);
    expect(await introspect(first.access_token, books)).toMatchObject({ active: true, aud: BOOKS });
    const again = await refresh(server, web, first.refresh_token, { audience: BOOKS });
    expect(audienceOf(again.body)).toBe(BOOKS);
    expect(audienceOf(await asService({ audience: BOOKS }))).toBe(BOOKS);
  });

  it('T15 together with resource must be the same one', async () => {
    expect(audienceOf(await asService({ audience: BOOKS, resource: BOOKS }))).toBe(BOOKS);
    expect((await asService({ audience: OTHER, resource: BOOKS })).error).toBe('invalid_target');
    expect(await lastReason(server)).toBe('several_resources');
  });

  it('Z25 that is unknown is invalid_target, and the sentence names the fix', async () => {
    const refused = await asService({ audience: 'https://nobody.example.com' });
    expect(refused.error).toBe('invalid_target');
    expect(refused.error_description).toMatch(/https:\/\/nobody\.example\.com.*client update .*--resource/);
    expect((await asService({ audience: 'books' })).error).toBe('invalid_target');
    const { response } = await authorize(server, web.client, { more: { audience: 'https://nobody.test' } });
    expect(response.get('error')).toBe('invalid_target');
  });

  it('T9 T15 at refresh is one of the grant, no other', async () => {
    const first = await tokens(web, { asked: { audience: BOOKS, scope: 'read' } });
    const refused = await refresh(server, web, first.refresh_token, { audience: OTHER });
    expect(refused.body.error).toBe('invalid_target');
    expect(refused.body.error_description).toContain(BOOKS);
    expect(await lastReason(server)).toBe('resource_not_granted');
  });
});

describe('https://host and https://host/', () => {
  it.each([HOST, `${HOST}/`])('Z25 are one resource: %s', async (resource) => {
    // As it is registered, since its server compares that.
    expect(audienceOf(await asService({ resource }))).toBe(HOST);
    const first = await tokens(web, { asked: { resource, scope: 'read' } });
    expect(audienceOf(first)).toBe(HOST);
    for (const spelling of [HOST, `${HOST}/`]) {
      const again = await refresh(server, web, first.refresh_token, { resource: spelling });
      expect(audienceOf(again.body), spelling).toBe(HOST);
      first.refresh_token = again.body.refresh_token;
    }
  });

  it('but a path is a path', async () => {
    expect((await asService({ resource: `${BOOKS}/` })).error).toBe('invalid_target');
  });

  it('a grant and a consent of one spelling are good in the other, when it is registered anew', async () => {
    const resource = 'https://respelt.example.com';
    const api = await server.client({ grant_types: ['client_credentials'], resources: [resource] });
    const authorized = await authorize(server, web.client, { more: { resource, scope: 'read' } });
    const first = (await redeem(server, web, authorized)).body;
    await updateClient(server.gatehouse, grantTypes, api.client.client_id, { resources: [`${resource}/`] });
    const again = await refresh(server, web, first.refresh_token);
    expect(audienceOf(again.body)).toBe(`${resource}/`);
    expect(await introspect(again.body.access_token, api)).toMatchObject({ active: true });
    const request = requestOf(web.client, newPkce(), { resource, scope: 'read', prompt: 'none' });
    const page = await authorized.agent.open(authorizeUrl(server, request));
    expect(new URL(page.location ?? '').searchParams.get('error')).toBeNull();
  });
});

describe('default_resource', () => {
  beforeEach(async () => {
    web = await confidentialClient(server, { scope: 'openid profile read', default_resource: BOOKS });
  });

  it('serves a grant without openid whose requests name no resource', async () => {
    const first = await tokens(web, { asked: { scope: 'read' } });
    expect(audienceOf(first)).toBe(BOOKS);
    expect(await introspect(first.access_token, books)).toMatchObject({ active: true, aud: BOOKS });
    expect(audienceOf((await refresh(server, web, first.refresh_token)).body)).toBe(BOOKS);
  });

  it('serves a client that acts for itself', async () => {
    const own = await server.client({ grant_types: ['client_credentials'], default_resource: `${HOST}/` });
    const { body } = await post(server, '/token', { grant_type: 'client_credentials' }, own);
    expect(audienceOf(body)).toBe(HOST);
  });

  it('with openid serves a token request that names it, and userinfo still works', async () => {
    const authorized = await authorize(server, web.client, { more: { scope: 'openid read' } });
    const first = (await redeem(server, web, authorized)).body;
    expect(audienceOf(first)).toBe(server.issuer);
    expect((await userinfo(server, first.access_token)).status).toBe(200);
    const second = (await refresh(server, web, first.refresh_token, { resource: BOOKS })).body;
    expect(audienceOf(second)).toBe(BOOKS);
    expect(await introspect(second.access_token, books)).toMatchObject({ active: true, aud: BOOKS });
    const third = (await refresh(server, web, second.refresh_token)).body;
    expect((await userinfo(server, third.access_token)).status).toBe(200);
    const atOnce = await tokens(web, { asked: { scope: 'openid' }, redeemed: { audience: BOOKS } });
    expect(audienceOf(atOnce)).toBe(BOOKS);
  });

  it('gives way to what the request names', async () => {
    const first = await tokens(web, { asked: { scope: 'openid read', resource: OTHER } });
    expect(audienceOf(first)).toBe(OTHER);
    const refused = await refresh(server, web, first.refresh_token, { resource: BOOKS });
    expect(refused.body.error).toBe('invalid_target');
  });

  it('L16 is shown on the consent page, and never added to what was allowed before', async () => {
    const before = await confidentialClient(server, { scope: 'openid read' });
    const authorized = await authorize(server, before.client, { more: { scope: 'openid read' } });
    const first = (await redeem(server, before, authorized)).body;
    const { client_id } = before.client;
    await updateClient(server.gatehouse, grantTypes, client_id, { default_resource: BOOKS });
    const refused = await refresh(server, before, first.refresh_token, { resource: BOOKS });
    expect(refused.body.error).toBe('invalid_target');
    const request = requestOf(before.client, newPkce(), { scope: 'openid read' });
    const page = await authorized.agent.open(authorizeUrl(server, request));
    expect(page.body).toContain('id="allow"');
    expect(page.body).toContain(BOOKS);
    const next = (await redeem(server, before, await authorize(server, before.client))).body;
    const asked = await refresh(server, before, next.refresh_token, { resource: BOOKS });
    expect(audienceOf(asked.body)).toBe(BOOKS);
  });

  it('that is withdrawn is refused by name, at the authorization endpoint and at the token endpoint', async () => {
    const resource = 'https://going.example.com';
    const api = await server.client({ grant_types: ['client_credentials'], resources: [resource] });
    const app = await confidentialClient(server, {
      scope: 'read',
      default_resource: resource,
      grant_types: ['authorization_code', 'client_credentials', 'refresh_token'],
    });
    const first = await tokens(app, { asked: { scope: 'read' } });
    await setClientDisabled(server.gatehouse, api.client.client_id, true);
    const { response } = await authorize(server, app.client, { more: { scope: 'read' } });
    expect(response.get('error')).toBe('invalid_target');
    expect(response.get('error_description')).toContain(`${resource}, the default_resource`);
    const own = await post(server, '/token', { grant_type: 'client_credentials' }, app);
    expect(own.body.error).toBe('invalid_target');
    expect(await lastReason(server)).toBe('unknown_default_resource');
    expect((await refresh(server, app, first.refresh_token)).body.error).toBe('invalid_grant');
    expect(await lastReason(server)).toBe('resource_withdrawn');
  });

  it('a browser that is shown the page knows what the app gets', async () => {
    const agent = createUserAgent(server.issuer);
    const request = requestOf(web.client, newPkce(), { scope: 'read' });
    const login = await agent.open(authorizeUrl(server, request));
    const page = await agent.submit(login, { username: 'alice', password: PASSWORD });
    expect(page.body).toContain(BOOKS);
  });
});

describe('a token that is shown to an API that it is not for', () => {
  it('an API that is shown one for no resource gets inactive; the operator gets the reason', async () => {
    const plain = await tokens(web, { asked: { scope: 'openid' } });
    expect(await introspect(plain.access_token, books)).toEqual({ active: false });
    const [event] = await auditEvents(server);
    expect(event).toMatchObject({ type: 'introspection.refused', reason: 'token_for_no_resource' });
  });

  it('userinfo that is shown one for a resource names that reason', async () => {
    const first = await tokens(web, { asked: { scope: 'openid', resource: BOOKS } });
    const refused = await userinfo(server, first.access_token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('is for a resource');
    expect(await lastReason(server)).toBe('token_for_resource');
  });
});
