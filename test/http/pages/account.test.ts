import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authorize, publicClient, type Registered } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { formOf } from '../../support/user-agent.ts';
import { type Visit, visitTo } from './visit.ts';

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

describe('signing out', () => {
  test('L23 A154 after it no account page opens, the old cookie is invalid, and prompt=none is login_required', async () => {
    const agent = await visit.signIn();
    const old = agent.cookies.get(agent.names.session) ?? '';
    const confirm = await agent.open(visit.at('/logout'));
    expect(confirm.body).toContain('id="confirm"');
    const out = await agent.submit(confirm, {});
    expect(out.url).toBe(visit.at('/signed-out'));
    expect(out.body).toContain('Signed out');
    expect(agent.cookies.has(agent.names.session)).toBe(false);
    agent.cookies.set(agent.names.session, old);
    for (const path of ['/account', '/account/sessions'])
      expect(new URL((await agent.fetch(visit.at(path))).location ?? '').pathname).toBe('/login');
    const silent = new URL((await visit.start(agent, app, { prompt: 'none' })).location ?? '');
    expect(silent.searchParams.get('error')).toBe('login_required');
    expect((await agent.open(visit.at('/logout'))).body).toContain('Signed out');
  });
});

describe('the account', () => {
  test('L11 a session of another user cannot be ended', async () => {
    const bob = await visit.signIn('bob');
    const sid = await server.gatehouse.db.get<{ sid: string }>(
      "SELECT sid FROM sessions JOIN users USING (sub) WHERE username = 'bob' ORDER BY sid DESC LIMIT 1",
    );
    const agent = await visit.signIn();
    const { fields } = formOf(await agent.open(visit.at('/account/sessions')), ['csrf']);
    expect((await visit.post(agent, '/account/sessions', { ...fields, sid: sid?.sid ?? '' })).status).toBe(
      303,
    );
    expect((await bob.fetch(visit.at('/account'))).status).toBe(200);
  });

  test('pages for a lost device say that apps keep their access, and where to end it', async () => {
    const agent = await visit.signIn();
    for (const path of ['/account/sessions', '/account/password', '/account/sign-out-everywhere']) {
      const { body } = await agent.open(visit.at(path));
      expect(body, path).toContain('An app that you allowed to keep its access keeps it when you sign out.');
      expect(body, path).toContain('href="/account/apps"');
    }
  });

  test('an app with access is listed, and its access can be ended', async () => {
    const agent = visit.newAgent();
    await authorize(server, app.client, { agent });
    const apps = await agent.open(visit.at('/account/apps'));
    expect(apps.body).toContain('Test app');
    const after = await agent.submit(apps, { client_id: app.client.client_id });
    expect(after.status).toBe(200);
    expect((await visit.start(agent, app)).body).toContain('id="allow"');
  });

  test('a changed password is valid at once, and a refused one is shown with the reason', async () => {
    await server.user('carol');
    const agent = await visit.signIn('carol');
    const open = () => agent.open(visit.at('/account/password'));
    const change = async (current: string, next: string, again = next) =>
      agent.submit(await open(), {
        current_password: current,
        new_password: next,
        new_password_again: again,
      });
    for (const page of [
      await change('wrong wrong wrong', 'a longer sentence of words'),
      await change(PASSWORD, 'short'),
      await change(PASSWORD, 'a longer sentence of words', 'another'),
    ]) {
      expect(page.body).toContain('role="alert"');
    }
    const changed = await change(PASSWORD, 'a longer sentence of words');
    expect(changed.url).toBe(visit.at('/account/sessions'));
    expect(changed.body).toContain('Your password was changed');
    expect((await agent.fetch(visit.at('/account'))).status).toBe(200);
  });
});

describe('changing the password', () => {
  test('after a mistake the choice is kept, and the wrong field is marked and has the focus', async () => {
    const agent = await visit.signIn('bob');
    const page = await agent.open(visit.at('/account/password'));
    expect(page.body).toMatch(/id="end_other_sessions"[^>]* checked/);
    const { csrf = '' } = formOf(page, ['new_password']).fields;
    const change = (fields: Record<string, string>) =>
      visit.post(agent, '/account/password', { csrf, ...fields });
    const fresh = 'a quite new passphrase';
    const wrong = await change({
      current_password: 'not it',
      new_password: fresh,
      new_password_again: fresh,
    });
    expect(wrong.body).not.toMatch(/id="end_other_sessions"[^>]* checked/);
    expect(wrong.body).toMatch(
      /id="current_password"[^>]* aria-invalid="true" aria-describedby="problem" autofocus/,
    );
    const unlike = await change({
      current_password: PASSWORD,
      new_password: fresh,
      new_password_again: 'another',
      end_other_sessions: '1',
    });
    expect(unlike.body).toMatch(/id="end_other_sessions"[^>]* checked/);
    expect(unlike.body).toMatch(/id="new_password_again"[^>]* aria-invalid="true"/);
    expect(unlike.body.match(/autofocus/g)).toHaveLength(1);
  });
});

test('every account page names its user', async () => {
  const agent = await visit.signIn();
  const { body } = await agent.open(visit.at('/account'));
  const paths = [...body.matchAll(/href="(\/account\/[^"]+)"/g)].map(([, path = '']) => path);
  expect(paths.length).toBeGreaterThan(2);
  for (const path of ['/account', '/account/sign-out-everywhere', ...paths])
    expect((await agent.open(visit.at(path))).body, path).toContain(
      'Signed in as <bdi>alice</bdi> · <bdi>alice@example.com</bdi>',
    );
});

describe('a user who must sign in first', () => {
  const pageOf = (url: string) => new URL(url).pathname;

  test.each([
    '/.well-known/change-password',
    '/account/password',
    '/account/sessions',
    '/account/apps',
    '/account/sign-out-everywhere',
  ])('gets the page that they asked for: %s', async (path) => {
    const wanted = path.startsWith('/account') ? path : '/account/password';
    const agent = visit.newAgent();
    const login = await agent.open(visit.at(path));
    const wrong = await agent.submit(login, { username: 'alice', password: 'wrong' });
    expect(pageOf((await agent.submit(wrong, { username: 'alice', password: PASSWORD })).url)).toBe(wanted);
    // Beside another account, whose session is not in use.
    const chooser = await agent.open(visit.at('/select-account'));
    await agent.submit(await agent.submit(chooser, { account: 'another' }), {
      username: 'bob',
      password: PASSWORD,
    });
    agent.cookies.delete(agent.names.session);
    const chosen = await agent.submit(await agent.open(visit.at(path)), { account: 'another' });
    expect(pageOf((await agent.submit(chosen, { username: 'bob', password: PASSWORD })).url)).toBe(wanted);
  });

  test('gets it after a form whose session had ended, too', async () => {
    const agent = visit.newAgent();
    const login = await agent.follow(await visit.post(agent, '/account/password', {}));
    const page = await agent.submit(login, { username: 'alice', password: PASSWORD });
    expect(pageOf(page.url)).toBe('/account/password');
  });

  test.each([
    ['/account/password', 'If you just changed its password', {}],
    ['/account/sessions', 'To use it, sign in again', { all: '1' }],
    ['/account/sign-out-everywhere', 'To use it, sign in again', {}],
  ])(
    'is told of a form of %s whose session was over, where others are signed in',
    async (path, said, fields) => {
      const agent = await visit.signIn('bob');
      const another = await agent.open(visit.at('/login?account=another'));
      await agent.submit(another, { username: 'alice', password: PASSWORD });
      const form = await agent.open(visit.at(path));
      const elsewhere = await visit.signIn();
      await elsewhere.submit(await elsewhere.open(visit.at('/account/sessions')), { all: '1' });
      const chooser = await agent.submit(form, fields);
      expect([pageOf(chooser.url), chooser.body.includes(said)]).toEqual(['/select-account', true]);
      // Said once: it does not wait for a sign-in that has nothing to do with it.
      expect((await agent.open(visit.at('/login?account=another'))).body).not.toContain('class="notice"');
    },
  );

  test('A015 gets the account where a link names anything else', async () => {
    for (const onward of ['//evil.test', '../logout', 'https://evil.test', '/account/apps', 'constructor']) {
      const agent = visit.newAgent();
      const login = await agent.open(visit.at(`/login?onward=${encodeURIComponent(onward)}`));
      const page = await agent.submit(login, { username: 'alice', password: PASSWORD });
      expect(page.url).toBe(visit.at('/account'));
    }
  });
});

describe('the notice after an action', () => {
  test('is shown once, and cannot be set by a link', async () => {
    const agent = await visit.signIn();
    const says = async (path: string) =>
      /role="status">([^<]*)/.exec((await agent.open(visit.at(path))).body)?.[1];
    for (const notice of [
      'password-changed',
      'session-ended',
      'sessions-ended',
      'revoked',
      'over',
      'password',
    ]) {
      for (const path of ['/account/sessions', '/account/apps', '/login?account=another'])
        expect(await says(`${path}${path.includes('?') ? '&' : '?'}notice=${notice}`)).toBeUndefined();
    }
    const sessions = await agent.open(visit.at('/account/sessions'));
    expect((await agent.submit(sessions, { all: '1' })).body).toContain('All other sessions were ended');
    expect(await says('/account/sessions')).toBeUndefined();
  });
});
