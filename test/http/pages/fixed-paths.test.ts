/** Fixed places of a host, texts of a page that help, and the way from one account to another. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorizeUrl, confidentialClient, newPkce, type Registered, requestOf } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent } from '../../support/user-agent.ts';
import { type Visit, visitTo } from './visit.ts';

let server: TestServer;
let visit: Visit;
let app: Registered;
beforeAll(async () => {
  server = await startServer();
  visit = visitTo(server);
  await server.user();
  await server.user('bob');
  app = await confidentialClient(server);
});
afterAll(() => server.stop());

describe('fixed paths of the host', () => {
  test('a password manager finds where a password is changed', async () => {
    const found = await visit.newAgent().fetch(visit.at('/.well-known/change-password'));
    expect([found.status, found.location]).toEqual([303, visit.at('/account/password')]);
  });

  test('the icon is found at /favicon.ico', async () => {
    const icon = await visit.newAgent().fetch(visit.at('/favicon.ico'));
    expect(icon.status).toBe(303);
    const { headers } = await fetch(icon.location ?? '');
    expect(headers.get('content-type')).toBe('image/svg+xml');
  });

  test('both are at the root where the issuer has a path', async () => {
    const below = await startServer({ path: '/below' });
    try {
      const { origin } = new URL(below.issuer);
      const { location } = await createUserAgent(origin).fetch(`${origin}/.well-known/change-password`);
      expect(location).toBe(`${below.issuer}/account/password`);
    } finally {
      await below.stop();
    }
  });

  test('the issuer leads to the account, with and without its final slash', async () => {
    const below = await startServer({ path: '/below' });
    try {
      for (const address of [below.issuer, `${below.issuer}/`, server.issuer, `${server.issuer}/`]) {
        const { status, location } = await visit.newAgent().fetch(address);
        const { issuer } = address.startsWith(below.issuer) ? below : server;
        expect([address, status, location]).toEqual([address, 303, `${issuer}/account`]);
      }
      expect((await fetch(below.issuer, { method: 'POST' })).status).toBe(405);
    } finally {
      await below.stop();
    }
  });
});

describe('what a page says', () => {
  test('only a page that asks for a password tells the user to check the address first', async () => {
    const agent = visit.newAgent();
    const login = await agent.open(visit.at('/login'));
    expect(login.body).toContain('your browser’s address bar must show');
    const account = await agent.submit(login, { username: 'alice', password: PASSWORD });
    expect(account.body).not.toContain('address bar');
    expect((await agent.open(visit.at('/account/password'))).body).toContain('address bar');
  });

  test('what happened and what to do are in the page’s language, the details in English', async () => {
    const german = createUserAgent(server.issuer, { 'accept-language': 'de' });
    const { body } = await german.fetch(authorizeUrl(server, { client_id: 'nobody' }));
    expect(body).toContain('<p class="alert" role="alert">Die App, die Sie hierher geschickt hat,');
    expect(body).toMatch(/<dt>Einzelheiten<\/dt><dd lang="en" dir="ltr">client_id names no client/);
  });
});

describe('not you?', () => {
  test('leads from the question to another account and back to the question', async () => {
    const agent = visit.newAgent();
    const login = await agent.open(authorizeUrl(server, requestOf(app.client, newPkce())));
    const consent = await agent.submit(login, { username: 'alice', password: PASSWORD });
    const [, link = ''] = /href="([^"]+)" id="not-you"/.exec(consent.body) ?? [];
    const chooser = await agent.open(visit.at(link.replaceAll('&amp;', '&')));
    const again = await agent.submit(chooser, { account: 'another' });
    const asked = await agent.submit(again, { username: 'bob', password: PASSWORD });
    expect(asked.body).toContain('<bdi>bob</bdi>');
    expect(asked.body).toContain('id="allow"');
  });
});
