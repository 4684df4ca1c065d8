/** Scope as clients send it: too much, at the wrong place, or none. RFC 6749 §3.3 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOfPersonAlone } from '../../src/oauth/parse-and-narrow-scope.ts';
import { refuseScope } from '../../src/oauth/refused-scope.ts';
import {
  authorize,
  confidentialClient,
  post,
  publicClient,
  type Registered,
  redeem,
  refresh,
} from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let app: Registered;
let service: Registered;

beforeAll(async () => {
  server = await startServer();
  await server.user();
  app = await confidentialClient(server, { scope: 'openid email read', first_party: true });
  service = await server.client({ grant_types: ['client_credentials'], scope: 'read write' });
});
afterAll(() => server.stop());

const tokensFor = async (scope: string, more: Record<string, string> = {}) =>
  redeem(server, app, await authorize(server, app.client, { more: { scope } }), more);
const credentials = (scope: string) =>
  post(server, '/token', { grant_type: 'client_credentials', scope }, service);

describe('Z9 a scope that is not allowed is left out, and the answer shows it', () => {
  it('at the authorization endpoint', async () => {
    const { body } = await tokensFor('openid phone read nobody:knows');
    expect(body.scope).toBe('openid read');
    expect(decodeJwt(body.access_token).scope).toBe('openid read');
  });

  it('at refresh', async () => {
    const { body } = await tokensFor('openid read');
    const again = await refresh(server, app, body.refresh_token, { scope: 'openid email' });
    expect([again.status, again.body.scope]).toEqual([200, 'openid']);
  });

  it('for a client of its own', async () => {
    expect((await credentials('write admin')).body.scope).toBe('write');
  });
});

describe('scopes about a person, which libraries ask for by themselves', () => {
  it.each(['openid', 'openid profile', 'groups'])(
    '%s is left out of a token of a client for itself',
    async (asked) => {
      const { status, body } = await credentials(asked);
      expect([status, body.scope]).toEqual([200, undefined]);
      expect(typeof body.access_token).toBe('string');
    },
  );

  it('together with another scope too', async () => {
    expect((await credentials('openid read')).body.scope).toBe('read');
  });

  it('are refused, with the way out, where the profile takes all or nothing', () => {
    expect(isOfPersonAlone('oidc', 'openid profile')).toBe(true);
    expect(isOfPersonAlone('fapi2', 'openid profile')).toBe(false);
    expect(refuseScope(service.client, 'openid profile', ['read'], 'for itself').description).toBe(
      'scope openid profile is about a person, and this client acts for itself: leave it out',
    );
  });
});

describe('Z9 where nothing is left it is invalid_scope', () => {
  it('at the authorization endpoint', async () => {
    const { response } = await authorize(server, app.client, { more: { scope: 'phone nobody:knows' } });
    expect([response.get('error'), response.get('code')]).toEqual(['invalid_scope', null]);
    expect(response.get('error_description')).toContain('openid email read');
  });

  it('at refresh, which spends nothing', async () => {
    const { body } = await tokensFor('openid read');
    const refused = await refresh(server, app, body.refresh_token, { scope: 'email' });
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_scope']);
    expect((await refresh(server, app, body.refresh_token)).status).toBe(200);
  });

  it('for a client of its own', async () => {
    const { body } = await credentials('admin');
    expect(body.error).toBe('invalid_scope');
    expect(body.error_description).toMatch(/may not have the scope admin for itself; it may have only: read/);
  });
});

it('invalid_scope names what was asked for, what the client is allowed, and who can allow it more', async () => {
  const said = async (scope: string, asked: string) => {
    const { client } = await publicClient(server, { scope });
    const { response } = await authorize(server, client, { more: { scope: asked } });
    return response.get('error_description')?.replaceAll(client.client_id, 'ID');
  };
  expect(await said('openid read', 'admin write')).toBe(
    'this client may not have the scope admin write; it may have only: openid read',
  );
  expect(await said('', 'openid')).toBe(
    'this client may not have the scope openid; it may have none. The operator gives it some: client update ID --scope',
  );
  expect(await said('read', 'a\\b')).toMatch(/^scope must be words/);
});

it('at code redemption scope is no parameter', async () => {
  const { status, body } = await tokensFor('openid read', { scope: 'openid email phone' });
  expect([status, body.scope]).toEqual([200, 'openid read']);
});

it('a token without a scope has no scope member in the answer, and none in introspection', async () => {
  const bare = await server.client({ grant_types: ['client_credentials'], scope: '' });
  const { body } = await post(server, '/token', { grant_type: 'client_credentials' }, bare);
  expect(body).not.toHaveProperty('scope');
  expect(decodeJwt(body.access_token)).not.toHaveProperty('scope');
  const told = await post(server, '/introspect', { token: body.access_token }, bare);
  expect(told.body).toMatchObject({ active: true });
  expect(told.body).not.toHaveProperty('scope');
});

it('Z18 unknown values of prompt and display are ignored; none stays alone', async () => {
  const ask = async (more: Record<string, string>) => {
    const { response } = await authorize(server, app.client, { more });
    return response.get('error') ?? (response.get('code') === null ? 'nothing' : 'code');
  };
  expect(await ask({ prompt: 'create', display: 'hologram' })).toBe('code');
  expect(await ask({ prompt: 'none create' })).toBe('invalid_request');
});
