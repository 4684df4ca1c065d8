import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  authorizeUrl,
  CALLBACK,
  newPkce,
  passPages,
  publicClient,
  type Registered,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { formOf } from '../../support/user-agent.ts';
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

describe('the authorization endpoint over HTTP', () => {
  test('Z1 GET and form POST lead to the same place', async () => {
    const request = requestOf(app.client, newPkce(), { state: 'x' });
    const byGet = await visit.newAgent().fetch(authorizeUrl(server, request));
    expect(byGet.status).toBe(303);
    expect(byGet.location).toContain('/login?interaction=');

    const agent = visit.newAgent();
    const byPost = await agent.follow(
      await visit.post(agent, '/authorize', request, {
        origin: 'https://app.example.com',
        'sec-fetch-site': 'cross-site',
      }),
    );
    expect(byPost.body).toContain('name="password"');
    const done = await passPages(agent, byPost);
    expect(done.location).toMatch(new RegExp(`^${CALLBACK}\\?`));
    expect(new URL(done.location ?? '').searchParams.get('state')).toBe('x');
  });

  test("Z1 a cross-site POST without cookies still finds the user's session", async () => {
    const agent = await visit.signIn();
    const cookies = [...agent.cookies];
    agent.cookies.clear();
    const posted = await visit.post(
      agent,
      '/authorize',
      requestOf(app.client, newPkce(), { prompt: 'consent' }),
    );
    expect([posted.status, posted.location]).toEqual([
      303,
      expect.stringContaining('/authorize/resume?interaction='),
    ]);
    for (const [name, value] of cookies) agent.cookies.set(name, value);
    expect((await agent.follow(posted)).body).toContain('id="allow"');
  });

  test('Z2 an unknown client or another redirect_uri is a local 400 page', async () => {
    const request = requestOf(app.client, newPkce());
    const wrong = await visit
      .newAgent()
      .fetch(authorizeUrl(server, { ...request, redirect_uri: 'https://evil.example/cb' }));
    expect([wrong.status, wrong.location]).toEqual([400, undefined]);
    expect(wrong.body).toContain('Invalid redirect');
    expect(wrong.body).toMatch(/id="error">invalid_request</);
    expectPageHeaders(wrong, { leavesOrigin: false });
    // What was sent is shown, and turns no text of ours around.
    const turned = { ...request, redirect_uri: 'https://evil.example/\u202ecb' };
    const shown = (await visit.newAgent().fetch(authorizeUrl(server, turned))).body;
    expect([shown.includes('\u202e'), shown.includes('evil.example/\\u202ecb')]).toEqual([false, true]);
    const unknown = await visit.newAgent().fetch(authorizeUrl(server, { ...request, client_id: 'nobody' }));
    expect([unknown.status, unknown.location]).toEqual([400, undefined]);
    expect(unknown.body).not.toContain('evil.example');
  });

  test('A012 a redirect_uri in both query and body is refused locally, whichever is registered', async () => {
    const request = requestOf(app.client, newPkce());
    const evil = 'https://evil.example/cb';
    for (const [inQuery, inBody] of [
      [evil, CALLBACK],
      [CALLBACK, evil],
      [CALLBACK, CALLBACK],
    ]) {
      const query = new URLSearchParams({ redirect_uri: inQuery ?? '' });
      const page = await visit.post(visit.newAgent(), `/authorize?${query}`, {
        ...request,
        redirect_uri: inBody ?? '',
      });
      expect([page.status, page.location]).toEqual([400, undefined]);
    }
  });

  test('form_post answers with a page that posts to the client, and is not cached', async () => {
    const agent = visit.newAgent();
    const page = await passPages(
      agent,
      await visit.start(agent, app, { response_mode: 'form_post', state: '"><b>' }),
    );
    expect(page.status).toBe(200);
    expectPageHeaders(page, { leavesOrigin: true });
    const form = formOf(page);
    expect(form.action).toBe(CALLBACK);
    expect(form.fields).toMatchObject({ state: '"><b>', iss: server.issuer });
    expect(form.fields.code).toBeTruthy();
  });

  test('G10 every redirect after a form is 303', async () => {
    const agent = visit.newAgent();
    const login = await visit.start(agent, app, { prompt: 'consent' });
    const { fields, action } = formOf(login);
    const answer = await visit.post(agent, action, { ...fields, username: 'alice', password: PASSWORD });
    expect([answer.status, answer.location]).toEqual([
      303,
      expect.stringContaining('/authorize/resume?interaction='),
    ]);
    const consent = await agent.follow(answer);
    const decision = await visit.post(agent, '/consent', { ...formOf(consent).fields, decision: 'allow' });
    expect(decision.status).toBe(303);
    const back = await agent.fetch(decision.location ?? '');
    expect([back.status, back.location]).toEqual([303, expect.stringContaining(`${CALLBACK}?`)]);
    expect(back.headers.get('cache-control')).toBe('no-store');
  });
});
