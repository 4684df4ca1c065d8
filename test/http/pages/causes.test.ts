/** A page that cannot go on names what may have happened, each of it, in the language of its person. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publicClient, type Registered } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf } from '../../support/user-agent.ts';
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
  ['en', 'chose another account', 'before this one was closed'],
  ['de', 'das Konto gewechselt', 'bevor dieser geschlossen wurde'],
  ['fr', 'a changé de compte', 'avant la fermeture de celui-ci'],
  ['es', 'cambió de cuenta', 'antes de que se cerrara este'],
  ['ja', 'アカウントの切り替え', 'このブラウザーを閉じる前に'],
  ['ar', 'بدّل أحدهم الحساب', 'قبل إغلاق هذا المتصفح'],
])('in %s', (language, switched, closed) => {
  const newAgent = () => createUserAgent(server.issuer, { 'accept-language': language });

  it('forms from before another account was chosen name that as a possible cause', async () => {
    const agent = newAgent();
    for (const username of ['alice', 'bob'])
      await agent.submit(await agent.open(visit.at('/login?account=another')), {
        username,
        password: PASSWORD,
      });
    const consent = await visit.start(agent, app, { prompt: 'consent' });
    const login = await visit.start(agent, app, { prompt: 'login' });
    const everywhere = formOf(await agent.open(visit.at('/account/sign-out-everywhere')), ['csrf']);
    const chooser = await agent.open(visit.at('/select-account'));
    const [, account = ''] = /value="([^"]+)"[^>]*><bdi>alice</.exec(chooser.body) ?? [];
    await agent.submit(chooser, { account });
    const origin = { origin: new URL(server.issuer).origin };
    const pages = [
      await agent.submit(consent, { decision: 'allow' }),
      await visit.post(agent, '/account/sign-out-everywhere', everywhere.fields, origin),
      await agent.submit(login, { username: 'bob', password: PASSWORD }),
    ];
    for (const { body, url } of pages) expect(body, url).toContain(switched);
  });

  it('a sign-in that is opened again without cookies says that the browser may have been closed', async () => {
    const { url } = await visit.start(newAgent(), app);
    const restored = await newAgent().fetch(url);
    expect([restored.status, restored.body]).toEqual([403, expect.stringContaining(closed)]);
  });
});
