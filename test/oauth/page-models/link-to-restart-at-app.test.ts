/** Where a person may begin anew at an app: never a page that a stranger chose. RFC 9700 §4.11.2 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setClientDisabled } from '../../../src/oauth/clients/disable-and-enable-client.ts';
import { findAppLink } from '../../../src/oauth/page-models/link-to-restart-at-app.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const redirect_uris = ['https://app.example.com/cb?a'];
const client_uri = 'https://www.example.com/start';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
});
afterAll(() => server.stop());

const linkOf = async (metadata: Record<string, unknown>) => {
  const { client } = await server.client(metadata);
  return findAppLink(server.gatehouse, client.client_id);
};

describe('an app that the operator made', () => {
  it('begins a login by itself, is told by whom, or has a page, or the host of its redirect', async () => {
    const initiate_login_uri = 'https://app.example.com/login?x=1';
    expect(await linkOf({ redirect_uris, initiate_login_uri, client_uri })).toEqual({
      href: `${initiate_login_uri}&iss=${encodeURIComponent(server.issuer)}`,
      host: 'app.example.com',
    });
    expect(await linkOf({ redirect_uris, client_uri })).toEqual({
      href: client_uri,
      host: 'www.example.com',
    });
    expect(await linkOf({ redirect_uris })).toEqual({
      href: 'https://app.example.com/',
      host: 'app.example.com',
    });
  });

  it('has none on a device unless it says so', async () => {
    const native = { redirect_uris: ['http://127.0.0.1/cb'], application_type: 'native' };
    expect(await linkOf(native)).toBeUndefined();
    expect(await linkOf({ ...native, client_uri })).toMatchObject({ href: client_uri });
    expect(await linkOf({ ...native, redirect_uris: ['com.example.app:/cb'] })).toBeUndefined();
  });

  it('has none while it is switched off', async () => {
    const { client } = await server.client({ redirect_uris });
    await setClientDisabled(server.gatehouse, client.client_id, true);
    expect(await findAppLink(server.gatehouse, client.client_id)).toBeUndefined();
  });
});

it('an app that registered itself has none, whatever it says of itself', async () => {
  const response = await fetch(`${server.issuer}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris, client_uri }),
  });
  const { client_id } = await response.json();
  expect(await server.gatehouse.clients.find(client_id)).toBeDefined();
  expect(await findAppLink(server.gatehouse, client_id)).toBeUndefined();
});

it('nobody’s name has none, however long it is', async () => {
  for (const client_id of ['', 'unknown', 'x'.repeat(100_000)])
    expect(await findAppLink(server.gatehouse, client_id), client_id.slice(0, 10)).toBeUndefined();
});
