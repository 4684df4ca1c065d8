import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { QueueFullError } from '../../../src/lib/bounded-priority-work-queue.ts';
import { publicClient, type Registered } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf, type Page } from '../../support/user-agent.ts';
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
afterEach(() => void vi.restoreAllMocks());

describe('signing in', () => {
  test('A065 a wrong password and an unknown user get the same bytes', async () => {
    const pages = [];
    for (const username of ['alice', 'nobody']) {
      const agent = visit.newAgent();
      const page = await agent.submit(await agent.open(visit.at('/login')), {
        username,
        password: 'wrong wrong wrong',
      });
      expect(page.status).toBe(200);
      expect(page.body).toContain('role="alert"');
      const csrf = formOf(page).fields.csrf ?? '';
      pages.push(page.body.replace(csrf, 'csrf').replace(username, 'username'));
    }
    expect(pages[0]).toBe(pages[1]);
  });

  test('A072 a password of more than 1,024 characters is 400 before hashing', async () => {
    const verify = vi.spyOn(server.gatehouse.passwordHasher, 'verify');
    const agent = visit.newAgent();
    const page = await agent.submit(await agent.open(visit.at('/login')), {
      username: 'alice',
      password: 'x'.repeat(1025),
    });
    expect(page.status).toBe(400);
    expect(verify).not.toHaveBeenCalled();
  });

  test('a full queue is 503 with Retry-After and the form', async () => {
    vi.spyOn(server.gatehouse.passwordHasher, 'verify').mockRejectedValue(new QueueFullError(2));
    const agent = visit.newAgent();
    const page = await agent.submit(await agent.open(visit.at('/login')), {
      username: 'alice',
      password: PASSWORD,
    });
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2']);
    expect(page.body).toContain('name="password"');
  });

  test('an address that guesses too often is 429 with Retry-After', async () => {
    const own = await startServer();
    try {
      vi.spyOn(own.gatehouse.passwordHasher, 'verify').mockResolvedValue(false);
      const agent = createUserAgent(own.issuer);
      let page = await agent.open(`${own.issuer}/login`);
      for (let guess = 0; guess < 60 && page.status === 200; guess += 1) {
        page = await agent.submit(page, { username: `user${guess}`, password: 'wrong wrong wrong' });
      }
      expect(page.status).toBe(429);
      expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(page.body).toContain('role="alert"');
    } finally {
      await own.stop();
    }
  });

  test('A056 the session has a new value after signing in, and a planted one is invalid', async () => {
    const agent = visit.newAgent();
    agent.cookies.set(agent.names.session, 'planted');
    await agent.submit(await agent.open(visit.at('/login')), { username: 'alice', password: PASSWORD });
    const value = agent.cookies.get(agent.names.session);
    expect(value).not.toBe('planted');
    const planted = visit.newAgent();
    planted.cookies.set(planted.names.session, 'planted');
    expect((await planted.fetch(visit.at('/account'))).location).toBe(visit.at('/login'));
  });

  test('A056 another browser cannot continue an interaction', async () => {
    const login = await visit.start(visit.newAgent(), app);
    const other = visit.newAgent();
    await other.open(visit.at('/login'));
    expect(other.cookies.get(other.names.browser)).toBeDefined();
    for (const browser of [other, visit.newAgent()]) {
      const page = await browser.fetch(login.url);
      expect(page.status).toBe(403);
      expect(page.body).not.toContain('name="password"');
    }
  });

  test('A015 no parameter sends the browser elsewhere', async () => {
    for (const name of ['next', 'return_to', 'redirect', 'continue']) {
      for (const target of ['//evil.example', '/\\evil.example', 'https://evil.example/']) {
        const agent = visit.newAgent();
        const page = await agent.open(visit.at(`/login?${new URLSearchParams({ [name]: target })}`));
        expect(page.body).not.toContain('evil.example');
        const answer = await visit.post(agent, '/login', {
          ...formOf(page).fields,
          [name]: target,
          username: 'bob',
          password: PASSWORD,
        });
        expect(answer.location).toBe(visit.at('/account'));
      }
    }
  });

  test('A061 the user who signs in or is changed is that of the password and the session, whatever the form says', async () => {
    const rows = await server.gatehouse.db.all<{ username: string; sub: string }>(
      'SELECT username, sub FROM users',
    );
    const sub = rows.find(({ username }) => username === 'alice')?.sub ?? '';
    const others = { sub, user: 'alice', user_id: sub, email: 'alice@example.com', amr: 'otp', acr: 'mfa' };
    const agent = visit.newAgent();
    const login = await agent.open(visit.at('/login'));
    const typed = { ...formOf(login, ['password']).fields, username: 'bob', password: PASSWORD };
    await visit.post(agent, '/login', { ...others, ...typed });
    expect((await agent.open(visit.at('/account'))).body).toContain('<bdi>bob</bdi>');
    const form = formOf(await agent.open(visit.at('/account/password')), ['new_password']).fields;
    const next = 'a lantern of somebody else';
    const changed = { current_password: PASSWORD, new_password: next, new_password_again: next };
    await visit.post(agent, '/account/password', { ...others, ...form, username: 'alice', ...changed });
    const alice = await visit.signIn('alice');
    expect((await alice.fetch(visit.at('/account'))).status).toBe(200);
    const bob = visit.newAgent();
    await bob.submit(await bob.open(visit.at('/login')), { username: 'bob', password: next });
    expect((await bob.open(visit.at('/account'))).body).toContain('<bdi>bob</bdi>');
  });

  test('A060 no page beyond the login opens without a session', async () => {
    const pathOf = ({ location = '' }: Page) => new URL(location).pathname;
    for (const path of ['/account', '/account/password', '/account/sessions', '/account/apps']) {
      const agent = visit.newAgent();
      expect(pathOf(await agent.fetch(visit.at(path)))).toBe('/login');
      if (path === '/account') continue;
      expect(pathOf(await visit.post(agent, path, {}))).toBe('/login');
    }
    const agent = visit.newAgent();
    const login = await visit.start(agent, app);
    const consent = await agent.fetch(login.url.replace('/login', '/consent'));
    expect(consent.location).toContain('/authorize/resume?');
    const resumed = await agent.open(login.url.replace('/login', '/authorize/resume'));
    expect(resumed.body).toContain('name="password"');
  });

  test('an interaction id that is absent, empty or unknown is an error page, not a failure', async () => {
    for (const path of [
      '/consent',
      '/authorize/resume',
      '/consent?interaction=',
      '/authorize/resume?interaction=%F0%9F',
      '/login?interaction=__proto__',
    ]) {
      const page = await visit.newAgent().fetch(visit.at(path));
      expect(page.status).toBe(400);
      expect(page.body).toMatch(/id="error">invalid_request</);
    }
  });
});
