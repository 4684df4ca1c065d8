import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  authorizeUrl,
  confidentialClient,
  newPkce,
  publicClient,
  type Registered,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { formOf, type UserAgent } from '../../support/user-agent.ts';
import { expectPageHeaders, type Visit, visitTo } from './visit.ts';

let server: TestServer;
let visit: Visit;
let app: Registered;

beforeAll(async () => {
  server = await startServer();
  visit = visitTo(server);
  await server.user();
  await server.user('bob');
  app = await publicClient(server);
});
afterAll(() => server.stop());

describe('forms', () => {
  async function formsOf(agent: UserAgent): Promise<{ path: string; fields: Record<string, string> }[]> {
    const consent = await visit.start(agent, app, { prompt: 'consent' });
    const paths = ['/logout', '/account/password', '/account/sessions'];
    const forms = await Promise.all(
      paths.map(async (path) => ({
        path,
        fields: formOf(await agent.open(visit.at(path)), ['csrf']).fields,
      })),
    );
    return [{ path: '/consent', fields: { ...formOf(consent).fields, decision: 'allow' } }, ...forms];
  }

  test("L11 A058 a form without its token, with another form's, or from elsewhere is 403 and does nothing", async () => {
    const agent = await visit.signIn();
    await visit.signIn(); // a second session, that must not end
    const forms = await formsOf(agent);
    const tokens = forms.map(({ fields }) => fields.csrf ?? '');
    expect(new Set(tokens).size).toBe(forms.length);
    for (const [index, { path, fields }] of forms.entries()) {
      const { csrf: _, ...bare } = fields;
      const attempts: [Record<string, string>, Record<string, string>][] = [
        [bare, {}],
        [{ ...fields, csrf: tokens[(index + 1) % tokens.length] ?? '' }, {}],
        [fields, { origin: 'https://evil.example' }],
        [fields, { origin: 'null' }],
        [fields, { 'sec-fetch-site': 'cross-site' }],
      ];
      for (const [sent, headers] of attempts) {
        const page = await visit.post(agent, path, sent, headers);
        expect([path, page.status]).toEqual([path, 403]);
        expectPageHeaders(page, { leavesOrigin: false });
      }
    }
    expect((await agent.fetch(visit.at('/account'))).status).toBe(200);
  });

  test('a sign-in form that another tab made out of date leads on, as whoever is signed in', async () => {
    const agent = visit.newAgent();
    const [first, second] = [await visit.start(agent, app), await visit.start(agent, app)];
    await agent.submit(second, { username: 'alice', password: PASSWORD });
    const { action, fields } = formOf(first, ['password']);
    const sent = { ...fields, username: 'bob', password: PASSWORD };
    const page = await visit.post(agent, new URL(action, server.issuer).pathname, sent);
    expect(page.status).toBe(303);
    expect(page.location).toMatch(/\/authorize\/resume\?interaction=/);
    // Nobody else signed in by it.
    expect((await agent.open(visit.at('/account'))).body).toContain('alice');
  });

  test("A058 another browser's token is 403, on the login too", async () => {
    const stolen = formOf(await visit.newAgent().open(visit.at('/login'))).fields;
    const agent = visit.newAgent();
    await agent.open(visit.at('/login'));
    const page = await visit.post(agent, '/login', { ...stolen, username: 'alice', password: PASSWORD });
    expect(page.status).toBe(403);
    expect(agent.cookies.has('gatehouse_session')).toBe(false);
    const bare = await visit.post(visit.newAgent(), '/login', {
      ...stolen,
      username: 'alice',
      password: PASSWORD,
    });
    expect(bare.status).toBe(403);
  });

  test('A058 consent is not given by GET, twice, or without a decision', async () => {
    const agent = await visit.signIn('bob');
    const consent = await visit.start(agent, app, { prompt: 'consent' });
    const { fields } = formOf(consent);
    expect((await agent.fetch(`${consent.url}&decision=allow&csrf=${fields.csrf}`)).body).toContain(
      'id="allow"',
    );
    expect((await visit.post(agent, '/consent', fields)).status).toBe(400);
    const done = await agent.submit(consent, { decision: 'allow' });
    expect(done.location).toContain('code=');
    const again = await visit.post(agent, '/consent', { ...fields, decision: 'allow' });
    expect([again.status, again.location]).toEqual([400, undefined]);
  });
});

describe('every page', () => {
  test('G12 A059 has its headers; only what leaves our origin goes without form-action', async () => {
    const agent = await visit.signIn();
    const consent = await visit.start(agent, app, { prompt: 'consent' });
    expect(consent.body).toContain('id="allow"');
    expectPageHeaders(consent, { leavesOrigin: true });
    expectPageHeaders(await visit.newAgent().open(visit.at('/login')), { leavesOrigin: true });
    for (const path of [
      '/logout',
      '/signed-out',
      '/account',
      '/account/password',
      '/account/sessions',
      '/account/apps',
      '/consent',
    ]) {
      expectPageHeaders(await agent.fetch(visit.at(path)), { leavesOrigin: false });
    }
  });

  test('A077 A059 loads nothing from elsewhere, and shows a hostile client_name as text', async () => {
    const client_name = '<script src=https://evil.example/x></script>';
    const hostile = await confidentialClient(server, { client_name });
    const agent = visit.newAgent();
    const login = await agent.open(authorizeUrl(server, requestOf(hostile.client, newPkce())));
    const consent = await agent.submit(login, { username: 'alice', password: PASSWORD });
    for (const page of [login, consent]) {
      expect(page.body).not.toContain('<script src=https');
      const sources = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source);
      expect(sources.length).toBeGreaterThan(0);
      for (const source of sources) expect(source).toMatch(/^\/(?!\/)/);
    }
  });
});
