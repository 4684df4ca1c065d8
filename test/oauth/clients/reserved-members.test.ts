/** Redirect URIs that hold what an answer holds. RFC 9700 §4.1, RFC 9207 §2.4 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsCheck } from '../../../src/commands/doctor/clients-redirect-and-resource-faults.ts';
import { raiseRevision } from '../../../src/storage/revision-and-restore-times.ts';
import { updateClient } from '../../../src/storage/tables/clients.ts';
import {
  answerOf,
  authorize,
  authorizeUrl,
  confidentialClient,
  newPkce,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  await server.user();
});
afterAll(() => server.stop());

const CB = 'https://app.example.com/cb';
const RESERVED: readonly [query: string, member: string][] = [
  ['code=abc', 'code'],
  ['code', 'code'],
  ['code=', 'code'],
  ['%63ode=abc', 'code'],
  ['%63%6f%64%65', 'code'],
  ['a=1&state=x', 'state'],
  ['a=1;state=x', 'state'],
  ['a;code', 'code'],
  ['iss=https://evil.example', 'iss'],
  ['ISS=x', 'iss'],
  ['error=access_denied', 'error'],
  ['error_description=x', 'error_description'],
  ['error.description=x', 'error_description'],
  ['error%20description=x', 'error_description'],
  ['error_uri=x', 'error_uri'],
  ['response=x', 'response'],
  ['session_state=x', 'session_state'],
  ['id_token=x', 'id_token'],
  ['access_token=x', 'access_token'],
  ['code[]=x', 'code'],
  ['code%5B%5D=x', 'code'],
  ['+code=x', 'code'],
  [']code=x', 'code'],
  ['[]code=x', 'code'],
  ['[[code]]=x', 'code'],
  ['%5D%5Bstate=x', 'state'],
  ['a?x&code=1', 'code'],
];
const FREE = [
  'a=code',
  'coded=1',
  'country_code=de',
  'my-state=1',
  'a=1&b=2',
  'statement',
  '',
  'q=a%26code%3D1',
];

async function register(metadata: object) {
  const body = JSON.stringify(metadata);
  const headers = { 'content-type': 'application/json' };
  return answerOf(await fetch(`${server.issuer}/register`, { method: 'POST', body, headers }));
}

describe('a redirect URI with a member of an answer', () => {
  test.each(RESERVED)('?%s is refused when it is registered', async (query, member) => {
    const uri = `${CB}?${query}`;
    for (const metadata of [
      { redirect_uris: [uri] },
      { redirect_uris: [CB], post_logout_redirect_uris: [uri] },
    ]) {
      await expect(confidentialClient(server, metadata)).rejects.toThrow(
        /query member|characters that no URI/,
      );
    }
    if (/[[\]]/.test(query)) return;
    await expect(confidentialClient(server, { redirect_uris: [uri] })).rejects.toThrow(
      `the query member ${member}`,
    );
  });

  test('is refused when a client registers itself, and of a native app', async () => {
    const { status, body } = await register({ redirect_uris: [`${CB}?code`] });
    expect([status, body.error]).toEqual([400, 'invalid_redirect_uri']);
    expect(body.error_description).toContain('has the query member code');
    const native = { application_type: 'native', token_endpoint_auth_method: 'none' };
    for (const uri of ['com.example.app:/cb?iss=x', 'com.example.app:cb?iss=x', 'http://127.0.0.1/cb?iss=x'])
      await expect(confidentialClient(server, { ...native, redirect_uris: [uri] })).rejects.toThrow(
        'query member iss',
      );
  });

  test('is no way out for a client that was registered before', async () => {
    const { client } = await confidentialClient(server);
    const uri = `${CB}?code=planted`;
    const metadata = JSON.stringify({ ...client.metadata, redirect_uris: [uri] });
    await server.gatehouse.db.write((tx) => updateClient(tx, { ...client, metadata, updated_at: 1 }));
    server.clock.advance(5000);
    await expect
      .poll(() => clientsCheck.run(server.gatehouse), { timeout: 10_000 })
      .toMatchObject({ status: 'WARN', evidence: expect.stringContaining(client.client_id) });
    for (const redirect_uri of [uri, undefined]) {
      const { redirect_uri: _, ...request } = requestOf(client, newPkce(), { scope: 'profile' });
      const sent = { ...request, ...(redirect_uri !== undefined && { redirect_uri }) };
      await expect
        .poll(
          async () => {
            const page = await createUserAgent(server.issuer).fetch(authorizeUrl(server, sent));
            return [
              page.status,
              page.location,
              /query member code/.test(page.body),
              /Invalid redirect/.test(page.body),
            ];
          },
          { timeout: 10_000 },
        )
        .toEqual([400, undefined, true, true]);
    }
  });

  test('A009 is none with a scheme that is denied either, to sign in or to sign out', async () => {
    const app = await confidentialClient(server);
    const { client } = app;
    const authorized = await authorize(server, client);
    const { id_token } = (await redeem(server, app, authorized)).body;
    const uri = 'search-ms:query=x';
    const uris = { redirect_uris: [uri], post_logout_redirect_uris: [uri] };
    const metadata = JSON.stringify({ ...client.metadata, ...uris });
    await server.gatehouse.db.write(async (tx) => {
      await updateClient(tx, { ...client, metadata, updated_at: 1 });
      await raiseRevision(tx);
    });
    const asked = authorizeUrl(server, { ...requestOf(client, newPkce()), redirect_uri: uri });
    const page = await createUserAgent(server.issuer).fetch(asked);
    expect([page.status, page.location]).toEqual([400, undefined]);
    const query = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: uri });
    const out = await authorized.agent.fetch(`${server.issuer}/logout?${query}`);
    expect(out.location ?? '').not.toContain('search-ms');
    expect(out.body).not.toContain('="search-ms');
    expect(await clientsCheck.run(server.gatehouse)).toMatchObject({
      status: 'WARN',
      evidence: expect.stringContaining(client.client_id),
    });
  });

  test.each(FREE)('?%s is allowed', async (query) => {
    const app = await confidentialClient(server, { redirect_uris: [`${CB}?${query}`] });
    const authorized = await authorize(server, app.client);
    expect((await redeem(server, app, authorized)).status).toBe(200);
  });
});

test('a page that is notified of sign-outs has no iss and sid of its own', async () => {
  for (const query of ['iss=x', 'a;sid', '%73id=1'])
    await expect(
      confidentialClient(server, { redirect_uris: [CB], frontchannel_logout_uri: `${CB}?${query}` }),
    ).rejects.toThrow('query member');
});
