/** Apps that register themselves as the clients of the Model Context Protocol do: from a browser, or on somebody's device. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAccess } from '../../../src/oauth/access/stored-access.ts';
import { listLiveGrants } from '../../../src/storage/tables/live-grants.ts';
import { authorize, CALLBACK } from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const LOOPBACK = 'http://127.0.0.1:33418/callback';
const STANDARD = 'openid profile email address phone groups roles offline_access';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({
    environment: {
      GATEHOUSE_REGISTRATION: 'open',
      GATEHOUSE_SCOPES: JSON.stringify({
        'mcp:tools': { sentence: 'Use your tools', self_registration: true },
        admin: 'Administer everything',
      }),
    },
  });
  await server.user();
});
afterAll(() => server.stop());

async function register(metadata: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ client_name: 'Inspector', token_endpoint_auth_method: 'none', ...metadata }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('application_type', () => {
  it.each([
    [[LOOPBACK], 'native'],
    [['com.example.app:/callback'], 'native'],
    [['https://vscode.dev/redirect', LOOPBACK], 'native'],
    [[CALLBACK], 'web'],
  ])('of %j is %s', async (redirect_uris, application_type) => {
    const { status, body } = await register({ redirect_uris });
    expect([status, body.application_type]).toEqual([201, application_type]);
  });

  it('is the registered value, unless its redirects lead to the machine itself', async () => {
    const said = async (application_type: string, uri: string) =>
      (await register({ redirect_uris: [uri], application_type })).body.application_type;
    expect(await said('native', CALLBACK)).toBe('native');
    expect(await said('web', CALLBACK)).toBe('web');
    expect(await said('web', 'com.example.app:/callback')).toBe('native');
  });
});

it('grant types that are not supported are left out of the answer; where none is left they are refused', async () => {
  const device = 'urn:ietf:params:oauth:grant-type:device_code';
  const some = {
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token', device, 'implicit'],
  };
  expect((await register(some)).body.grant_types).toEqual(['authorization_code', 'refresh_token']);
  const none = await register({ redirect_uris: [CALLBACK], grant_types: [device] });
  expect([none.status, none.body.error]).toEqual([400, 'invalid_client_metadata']);
});

it('an empty registration is refused with what is missing, and names no grant that it did not ask for', async () => {
  for (const metadata of [{}, { token_endpoint_auth_method: undefined }]) {
    const { status, body } = await register(metadata);
    expect([status, body.error]).toEqual([400, 'invalid_redirect_uri']);
    expect(body.error_description).toContain('redirect_uri');
    expect(body.error_description).not.toContain('client_credentials');
  }
});

it('an empty string is an absent member', async () => {
  const empty = { client_uri: '', logo_uri: '', tos_uri: '', policy_uri: '', scope: '', software_id: '' };
  const { status, body } = await register({ redirect_uris: [CALLBACK], ...empty });
  expect(status).toBe(201);
  expect(body).not.toHaveProperty('client_uri');
  expect(body.scope).toBe(`${STANDARD} mcp:tools`);
});

describe('scope', () => {
  const scopeOf = async (registered: object, asked: string) => {
    const { body } = await register({ redirect_uris: [CALLBACK], ...registered });
    const client = await server.gatehouse.clients.find(body.client_id);
    if (!client) throw new Error('not registered');
    const { code, response } = await authorize(server, client, { more: { scope: asked } });
    const [grant] = await listLiveGrants(server.gatehouse.db, server.clock.nowMs(), { limit: 1 });
    const granted = grant && parseAccess(grant.access).scope.join(' ');
    return { listed: body.scope, granted: code === '' ? response.get('error') : granted };
  };

  it('a registration that names none may ask for the standard ones and those that were opened', async () => {
    const { listed, granted } = await scopeOf({}, 'openid email mcp:tools admin');
    expect([listed, granted]).toEqual([`${STANDARD} mcp:tools`, 'openid email mcp:tools']);
  });

  it('a request that names none gets openid and those that were opened', async () => {
    expect((await scopeOf({}, '')).granted).toBe('openid mcp:tools');
  });

  it('a registration that names some is held to them', async () => {
    const { listed, granted } = await scopeOf({ scope: 'openid email admin' }, 'openid email mcp:tools');
    expect([listed, granted]).toEqual(['openid email', 'openid email']);
  });

  it.each(['read', 'mcp.read mcp.write', 'admin', ' '])(
    'a registration that names none of them (%j) is as one that names none',
    async (scope) => {
      const { listed, granted } = await scopeOf({ scope }, 'mcp:tools offline_access');
      expect([listed, granted]).toEqual([`${STANDARD} mcp:tools`, 'mcp:tools offline_access']);
    },
  );
});

it('an app in a browser registers from any origin, without credentials', async () => {
  const origin = 'http://localhost:6274';
  const preflight = await fetch(`${server.issuer}/register`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,mcp-protocol-version',
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version');
  for (const { headers } of [preflight, await register({ redirect_uris: [LOOPBACK] }, { origin })]) {
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  }
});
