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
import { createUserAgent, formOf, type UserAgent } from '../../support/user-agent.ts';
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

  test('a sign-in form that another tab outdated continues for its own user only', async () => {
    const agent = visit.newAgent();
    const [first, second] = [await visit.start(agent, app), await visit.start(agent, app)];
    await agent.submit(second, { username: 'alice', password: PASSWORD });
    const { action, fields } = formOf(first, ['password']);
    const { pathname } = new URL(action, server.issuer);
    const origin = { origin: new URL(server.issuer).origin };
    const own = await visit.post(agent, pathname, { ...fields, username: 'alice', password: 'x' }, origin);
    expect(own.status).toBe(303);
    expect(own.location).toMatch(/\/authorize\/resume\?interaction=/);
    const other = await visit.post(
      agent,
      pathname,
      { ...fields, username: 'bob', password: PASSWORD },
      origin,
    );
    expect([other.status, formOf(other, ['password']).fields.username]).toEqual([200, 'bob']);
    expect(other.body).toContain(
      'signed in or out in this browser, or the password was changed. Type your password again',
    );
    expect((await agent.open(visit.at('/account'))).body).toContain('alice');
    // The form that came instead is good.
    const done = await agent.submit(other, { username: 'bob', password: PASSWORD });
    expect(done.body).toContain('id="allow"');
    expect(done.body).toContain('bob');
  });

  test('a sign-in form whose session ended in another tab is shown again, with the typed username', async () => {
    const agent = await visit.signIn();
    const form = await agent.open(visit.at('/login?account=another'));
    await agent.submit(await agent.open(visit.at('/logout')), {});
    const origin = { origin: new URL(server.issuer).origin };
    const { fields } = formOf(form, ['password']);
    const again = await visit.post(
      agent,
      '/login',
      { ...fields, username: 'bob', password: PASSWORD },
      origin,
    );
    expect(formOf(again, ['password']).fields).toMatchObject({ username: 'bob', account: 'another' });
    expect(again.body).toContain('Type your password again');
  });

  test('an outdated sign-in form does not blame another sign-in where there was none', async () => {
    const agent = visit.newAgent();
    const { fields } = formOf(await agent.open(visit.at('/login')), ['password']);
    const origin = { origin: new URL(server.issuer).origin };
    const typed = {
      ...fields,
      csrf: `${'x'.repeat(43)}.${'x'.repeat(43)}`,
      username: 'bob',
      password: PASSWORD,
    };
    const { status, body } = await visit.post(agent, '/login', typed, origin);
    expect([status, body.includes('signed in or out')]).toEqual([200, false]);
    expect(body).toContain('This page was out of date. Type your password again.');
  });

  test('a form of another session in this browser says so, whatever it is for', async () => {
    const origin = { origin: new URL(server.issuer).origin };
    const agent = await visit.signIn();
    const selected = await visit.start(agent, app, { prompt: 'select_account' });
    const forms = [{ path: '/select-account', fields: formOf(selected).fields }, ...(await formsOf(agent))];
    const another = await agent.open(visit.at('/login?account=another'));
    await agent.submit(another, { username: 'bob', password: PASSWORD });
    for (const { path, fields } of forms) {
      const page = await visit.post(agent, path, fields, origin);
      expect([path, page.status, page.body.includes('signed in or out')]).toEqual([path, 403, true]);
      const { csrf = '', ...others } = fields;
      const forged = { ...others, csrf: `${csrf.slice(1)}A` };
      expect((await visit.post(agent, path, forged, origin)).body).not.toContain('signed in or out');
    }
  });

  test('a consent page whose user was signed out elsewhere says so, on submit and on reload', async () => {
    const over = 'You are not signed in here any more';
    const agent = await visit.signIn();
    const consent = await visit.start(agent, app, { prompt: 'consent' });
    await agent.submit(await agent.open(visit.at('/logout')), {});
    expect((await agent.submit(consent, { decision: 'allow' })).body).toContain('signed in or out');
    expect((await agent.open(consent.url)).body).toContain(over);
  });

  test.each(['/consent', '/select-account'])('%s whose session expired says so', async (path) => {
    const agent = await visit.signIn();
    const prompt = path.slice(1).replace('-', '_');
    const [asked, reloaded] = [
      await visit.start(agent, app, { prompt }),
      await visit.start(agent, app, { prompt }),
    ];
    expect(new URL(asked.url).pathname).toBe(path);
    await server.gatehouse.db.write((tx) => tx.run('UPDATE sessions SET idle_expires_at = 1'));
    const button = path === '/consent' ? { decision: 'allow' } : {};
    for (const page of [await agent.submit(asked, button), await agent.open(reloaded.url)]) {
      expect(page.body).toContain('name="password"');
      expect(page.body).toContain('You are not signed in here any more');
    }
  });

  test("a page that was opened at another address of the server names the server's own", async () => {
    const elsewhere = visit.at('/login').replace('localhost', '127.0.0.1');
    const agent = createUserAgent(new URL(elsewhere).origin);
    const { fields } = formOf(await agent.open(elsewhere), ['password']);
    const page = await agent.fetch(elsewhere, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, username: 'alice', password: PASSWORD }),
      headers: { origin: new URL(elsewhere).origin },
    });
    expect(page.status).toBe(403);
    expect(page.body).toContain(`the address of this server is ${server.issuer}`);
  });

  test('a browser without cookies and a different browser get different errors', async () => {
    const started = (await visit.start(visit.newAgent(), app)).url;
    const bare = await visit.newAgent().fetch(started);
    expect([bare.status, bare.body.includes('Cookies are needed')]).toEqual([403, true]);
    const other = visit.newAgent();
    await other.open(visit.at('/login'));
    const foreign = await other.fetch(started);
    expect([foreign.status, foreign.body.includes('Not your sign-in')]).toEqual([403, true]);
  });

  test('a form whose user is signed out already says so, and does not claim that it acted', async () => {
    for (const [path, said] of [
      ['/account/password', 'If you just changed your password'],
      ['/account/sessions', 'You are not signed in here any more'],
      ['/account/sign-out-everywhere', 'You are signed out here'],
    ] as const) {
      const agent = visit.newAgent();
      const page = await agent.follow(await visit.post(agent, path, {}));
      expect([path, page.status, page.body.includes(said)]).toEqual([path, 200, true]);
    }
  });

  test("A058 another browser's token is 403, on the login too", async () => {
    const stolen = formOf(await visit.newAgent().open(visit.at('/login'))).fields;
    const agent = visit.newAgent();
    await agent.open(visit.at('/login'));
    const page = await visit.post(agent, '/login', { ...stolen, username: 'alice', password: PASSWORD });
    expect(page.status).toBe(403);
    expect(agent.cookies.has(agent.names.session)).toBe(false);
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
      '/account',
      '/account/password',
      '/account/sessions',
      '/account/apps',
      '/consent',
    ]) {
      expectPageHeaders(await agent.fetch(visit.at(path)), { leavesOrigin: false });
    }
    expectPageHeaders(await visit.newAgent().fetch(visit.at('/signed-out')), { leavesOrigin: false });
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
