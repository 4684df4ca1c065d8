/** Whom an access token is for: one resource, or this server. RFC 8707 §2.2 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRefusal } from '../../src/lib/outcome.ts';
import { accessTo } from '../../src/oauth/access/access-set-operations.ts';
import { writeAccess } from '../../src/oauth/access/stored-access.ts';
import type { Client } from '../../src/oauth/clients/client.ts';
import { setClientDisabled } from '../../src/oauth/clients/disable-and-enable-client.ts';
import { findAudience } from '../../src/oauth/find-access-token-audience.ts';
import { USERINFO } from '../../src/oauth/find-requested-resources.ts';
import { isUserinfoFirst } from '../../src/oauth/requests/introspection.ts';
import { CALLBACK } from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';

const [BOOKS, FILMS, OFF] = ['https://books.example', 'https://films.example/', 'https://off.example'];

let server: TestServer;
let app: Client;
let service: Client;
beforeAll(async () => {
  server = await startServer();
  const api = { grant_types: ['client_credentials'] };
  await server.client({ ...api, resources: [BOOKS], access_token_type: 'JWT' });
  await server.client({ ...api, resources: [FILMS] });
  const off = await server.client({ ...api, resources: [OFF] });
  app = (await server.client({ redirect_uris: [CALLBACK], default_resource: BOOKS })).client;
  service = (await server.client({ ...api, default_resource: FILMS })).client;
  await setClientDisabled(server.gatehouse, off.client.client_id, true);
});
afterAll(() => server.stop());

async function told(
  client: Client,
  granted: readonly string[] | undefined,
  resources: readonly string[] = [],
) {
  const { gatehouse } = server;
  const access = granted && accessTo({ resources: granted });
  const found = await findAudience(gatehouse, gatehouse.db, { client, granted: access, resources });
  return isRefusal(found) ? found.reason : found.audience;
}

describe('a grant whose token request names no resource', () => {
  it('is for the first that was granted, or for this server', async () => {
    expect(await told(app, [FILMS, BOOKS])).toBe(FILMS);
    expect(await told(app, [])).toBe(server.issuer);
    expect(await told(app, [USERINFO, BOOKS])).toBe(server.issuer);
  });

  it('is not valid where that resource is gone or switched off since', async () => {
    expect(await told(app, [OFF])).toBe('resource_withdrawn');
    expect(await told(app, ['https://gone.example'])).toBe('resource_withdrawn');
  });
});

describe('a token request that names a resource', () => {
  it('gets that one where it was granted, as it is registered', async () => {
    expect(await told(app, [BOOKS, FILMS], [FILMS])).toBe(FILMS);
    expect(await told(app, [BOOKS], [`${BOOKS}/`])).toBe(BOOKS);
  });

  it('gets none that was not granted, none that is switched off, and never two', async () => {
    expect(await told(app, [BOOKS], [FILMS])).toBe('resource_not_granted');
    expect(await told(app, [], [BOOKS])).toBe('resource_not_granted');
    expect(await told(app, [USERINFO], [BOOKS])).toBe('resource_not_granted');
    expect(await told(app, [BOOKS, FILMS], [BOOKS, FILMS])).toBe('several_resources');
    expect(await told(app, [BOOKS], [BOOKS, BOOKS])).toBe('several_resources');
    expect(await told(app, [OFF], [OFF])).not.toBe(OFF);
  });
});

describe('a client that acts for itself', () => {
  it('gets the resource that it names, or its default, or this server', async () => {
    expect(await told(service, undefined, [BOOKS])).toBe(BOOKS);
    expect(await told(service, undefined)).toBe(FILMS);
    const { default_resource, ...metadata } = service.metadata;
    expect(await told({ ...service, metadata }, undefined)).toBe(server.issuer);
  });
});

it('the token has the form that the resource is registered with, and this server’s its own', async () => {
  const { gatehouse } = server;
  const find = (granted: readonly string[]) =>
    findAudience(gatehouse, gatehouse.db, {
      client: app,
      granted: accessTo({ resources: granted }),
      resources: [],
    });
  expect(await find([BOOKS])).toMatchObject({ accessTokenType: 'JWT', accessTokenAlg: 'ES256' });
  expect(await find([FILMS])).toMatchObject({ accessTokenType: 'at+jwt', accessTokenAlg: 'ES256' });
  expect(await find([])).toMatchObject({ accessTokenType: 'at+jwt', accessTokenAlg: 'ES256' });
});

it('an API learns that a token is for userinfo first where its default_resource waits behind', () => {
  const grant = (...resources: string[]) => ({ access: writeAccess(accessTo({ resources })) });
  const api = { ...app, metadata: { ...app.metadata, resources: [BOOKS] } };
  expect(isUserinfoFirst(grant(USERINFO, BOOKS), api)).toBe(true);
  expect(isUserinfoFirst(grant(USERINFO, FILMS), api)).toBe(false);
  expect(isUserinfoFirst(grant(BOOKS, USERINFO), api)).toBe(false);
  expect(isUserinfoFirst(grant(USERINFO), api)).toBe(false);
  expect(isUserinfoFirst(undefined, api)).toBe(false);
});
