/** What a person reads, in a language whose letters no other text has: Latin letters show what was not translated. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pages } from '../../../src/http/pages/index.ts';
import { gapsOf, textsOf } from '../../locales/gaps.ts';
import { publicClient, type Registered } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page } from '../../support/user-agent.ts';
import { visitTo } from './visit.ts';

let server: TestServer;
let app: Registered;
beforeAll(async () => {
  server = await startServer();
  await server.user();
  app = await publicClient(server, { client_name: 'Garden planner', scope: 'openid profile offline_access' });
});
afterAll(() => server.stop());

const SPOKEN = /\s(?:aria-label|aria-description|title|placeholder|alt)="([^"]*)"/g;
/** Names that have no other letters in any language. */
const NAMES = /\bclient_id\b|\bUTC\b|\bIP\b/g;

/** The English texts that the language lacks; in an attribute nothing can mark them, and test/http/texts.test.ts warns. */
const english = textsOf('en');
const lacking = gapsOf('ar', textsOf('ar'), english).missing.map((key) => {
  const [page = '', name = ''] = key.split('.');
  return english[page]?.[name];
});

/** Of what is shown and read aloud, the words in Latin letters that are not marked as somebody else's. */
function foreign({ body }: Page): string[] {
  const own = body
    .replace(/<head>[\s\S]*?(<title\b[^>]*>.*) · [^<]*(<\/title>)[\s\S]*?<\/head>/, '$1$2')
    .replace(/<(bdi|code)\b[^>]*>[\s\S]*?<\/\1>/g, ' ')
    .replace(/<html\b[^>]*>/, '')
    .replace(/<(\w+)\b[^>]*\slang="[\s\S]*?<\/\1>/g, ' ');
  const spoken = [...own.matchAll(SPOKEN)].map(([, value = '']) => value);
  const read = [own.replace(/<[^>]*>/g, ' '), ...spoken.filter((value) => !lacking.includes(value))];
  return read.flatMap(
    (text) =>
      text
        .replace(/&#?\w+;/g, ' ')
        .replace(NAMES, ' ')
        .match(/[A-Za-z]{2,}/g) ?? [],
  );
}

it('nothing on any page is in another language than the page', async () => {
  const agent = createUserAgent(server.issuer, { 'accept-language': 'ar' });
  const { at, start } = visitTo(server);
  const seen = new Map<string, Page>();
  const see = (name: string, page: Page) => seen.set(name, page) && page;

  const scope = 'openid profile offline_access';
  const login = see('login', await start(agent, app, { scope }));
  const wrong = see('wrong', await agent.submit(login, { username: 'alice', password: 'wrong' }));
  const consent = see('consent', await agent.submit(wrong, { username: 'alice', password: PASSWORD }));
  await agent.submit(consent, { decision: 'allow' });
  see('form_post', await start(agent, app, { scope, response_mode: 'form_post' }));
  see('select-account', await start(agent, app, { prompt: 'select_account' }));
  for (const { path } of pages.filter((page) => page.path.startsWith('/account')))
    expect(see(path, await agent.open(at(path))).status, path).toBe(200);
  const password = seen.get('/account/password');
  for (const word of ['short', 'garden'.repeat(200)]) {
    const fields = { current_password: PASSWORD, new_password: word, new_password_again: word };
    if (password) see(`password ${word.length}`, await agent.submit(password, fields));
  }
  const apps = seen.get('/account/apps');
  if (apps) see('revoked', await agent.submit(apps, { client_id: app.client.client_id }));
  see('over', await agent.open(at('/consent?interaction=x')));
  see('redirect', await start(agent, app, { redirect_uri: 'https://evil.test' }));
  see('client', await agent.open(at('/authorize?client_id=nobody')));
  see('logout', await agent.open(at('/logout')));
  see('signed-out', await agent.open(at('/signed-out')));

  for (const [name, page] of seen) {
    expect(page.body, name).toContain('<html lang="ar" dir="rtl">');
    expect(foreign(page), name).toEqual([]);
  }
  expect(seen.get('consent')?.body).toContain('Garden planner');
  expect(seen.get('form_post')?.body).toContain('name="code"');
});
