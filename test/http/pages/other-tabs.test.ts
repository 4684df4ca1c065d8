/** What was open in one tab while its person did something in another. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { passPages, publicClient, type Registered } from '../../support/flow.ts';
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

describe.each([
  ['prompt=login', { prompt: 'login' }],
  ['max_age=0', { max_age: '0' }],
  ['prompt=select_account login', { prompt: 'select_account login' }],
])('of two tabs that ask for a fresh sign-in by %s', (_how, more) => {
  test.each(['signed in', 'not signed in'])('both are answered, with the user %s before', async (before) => {
    const agent = before === 'signed in' ? await visit.signIn() : visit.newAgent();
    const toSignIn = async () => {
      const page = await visit.start(agent, app, more);
      const [, account] = /name="account" value="([^"]+)"/.exec(page.body) ?? [];
      return account === undefined ? page : agent.submit(page, { account });
    };
    const tabs = [await toSignIn(), await toSignIn()];
    for (const tab of tabs) {
      const wrong = await agent.submit(tab, { username: 'alice', password: 'wrong' });
      expect(wrong.body).toContain('The username or the password is not right');
      const next = await agent.submit(tab, { username: 'alice', password: PASSWORD });
      expect(next.body).not.toContain('name="password"');
      expect((await passPages(agent, next)).location).toContain('code=');
    }
  });
});

test('a form for another account continues in the second tab too, where both name the same one', async () => {
  const agent = await visit.signIn();
  const toSignIn = async () =>
    agent.submit(await visit.start(agent, app, { prompt: 'select_account' }), { account: 'another' });
  const tabs = [await toSignIn(), await toSignIn()];
  for (const tab of tabs) {
    const next = await agent.submit(tab, { username: 'bob', password: PASSWORD });
    expect(next.body).not.toContain('name="password"');
    expect((await passPages(agent, next)).location).toContain('code=');
  }
});

test('L11 A058 a forged form is not taken for a repeated sign-in, and is refused', async () => {
  const agent = await visit.signIn();
  const { fields } = formOf(await visit.start(agent, app, { prompt: 'login' }), ['password']);
  const sent = { ...fields, csrf: `${fields.csrf?.slice(1)}A`, username: 'alice', password: PASSWORD };
  const before = agent.cookies.get(agent.names.session);
  const page = await visit.post(agent, '/login', sent, { origin: new URL(server.issuer).origin });
  expect(page.body).toContain('Type your password again');
  expect(agent.cookies.get(agent.names.session)).toBe(before);
});

test('an outdated form of the account has no link to the app whose access it would end', async () => {
  const agent = await visit.signIn();
  await passPages(agent, await visit.start(agent, app));
  const apps = await agent.open(visit.at('/account/apps'));
  const chosen = await agent.submit(await agent.open(visit.at('/select-account')), { account: 'another' });
  await agent.submit(chosen, { username: 'bob', password: PASSWORD });
  const overtaken = await agent.submit(apps, { client_id: app.client.client_id });
  agent.cookies.delete(agent.names.browser);
  const restored = await agent.submit(apps, { client_id: app.client.client_id });
  for (const page of [overtaken, restored]) {
    expect(page.status).toBe(403);
    expect(page.body).not.toContain('id="app"');
  }
});

test('a page that was open during a password change names that as a possible cause', async () => {
  await server.user('carol');
  const agent = await visit.signIn('carol');
  const sessions = await agent.open(visit.at('/account/sessions'));
  const changed = await agent.submit(await agent.open(visit.at('/account/password')), {
    current_password: PASSWORD,
    new_password: 'another battery staple',
    new_password_again: 'another battery staple',
  });
  expect(changed.body).toContain('Your password was changed');
  const page = await agent.submit(sessions, { all: '1' });
  expect([page.status, page.body.includes('or the password was changed')]).toEqual([403, true]);
});
