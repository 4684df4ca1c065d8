import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookUp } from '../../src/config/match-page-language.ts';
import {
  authorizeUrl,
  newPkce,
  passPages,
  publicClient,
  type Registered,
  requestOf,
} from '../support/flow.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { createUserAgent } from '../support/user-agent.ts';

let server: TestServer;
let app: Registered;
beforeAll(async () => {
  server = await startServer({
    environment: { GATEHOUSE_SCOPES: '{"plants": "Water the plants (daily)"}' },
  });
  await server.user();
  app = await publicClient(server);
});
afterAll(() => server.stop());

describe('RFC 4647 §3.4', () => {
  it.each([
    ['de-CH-1996', 'de'],
    ['DE', 'de'],
    ['zh-Hant-TW', undefined],
    ['fr-x-private', 'fr'],
    ['ar-EG', 'ar'],
    ['', undefined],
    ['constructor', undefined],
  ])('%s is answered in %s', (range, tag) => {
    expect(lookUp([range])?.tag).toBe(tag);
  });
});

describe('which language a page is in', () => {
  const langOf = (body: string) => /<html lang="(\w+)" dir="(\w+)"/.exec(body)?.slice(1).join(' ');
  const footerLink = (body: string, tag: string) => {
    const [, link = ''] = new RegExp(`href="([^"]+)" lang="${tag}"`).exec(body) ?? [];
    return new URL(link.replaceAll('&amp;', '&'), server.issuer).href;
  };
  const open = async (more: Record<string, string>, headers: Record<string, string>) => {
    const agent = createUserAgent(server.issuer, headers);
    const page = await agent.open(authorizeUrl(server, requestOf(app.client, newPkce(), more)));
    return { agent, page };
  };

  it("is the user's choice, then the app's, then the browser's, then English", async () => {
    const german = { 'accept-language': 'nl, de-CH;q=0.8, fr;q=0.7, *;q=0.1' };
    expect(langOf((await open({}, {})).page.body)).toBe('en ltr');
    expect(langOf((await open({}, german)).page.body)).toBe('de ltr');
    expect(langOf((await open({}, { 'accept-language': 'fr;q=0, ja' })).page.body)).toBe('ja ltr');
    expect(langOf((await open({ ui_locales: 'xx ar-SA fr' }, german)).page.body)).toBe('ar rtl');
    const chosen = createUserAgent(server.issuer, german);
    await chosen.fetch(`${server.issuer}/language?lang=es&back=/login`);
    expect(langOf((await chosen.open(`${server.issuer}/login`)).body)).toBe('es ltr');
    const asked = authorizeUrl(server, requestOf(app.client, newPkce(), { ui_locales: 'fr' }));
    expect(langOf((await chosen.open(asked)).body)).toBe('es ltr');
  });

  it('is kept through the sign-in, and errors and refusals are in it too', async () => {
    const { agent, page } = await open({ ui_locales: 'ja', prompt: 'consent' }, {});
    const wrong = await agent.submit(page, { username: 'alice', password: 'wrong' });
    expect(wrong.body).toContain('ユーザー名またはパスワードが正しくありません');
    const consent = await agent.submit(wrong, {
      username: 'alice',
      password: 'correct horse battery staple',
    });
    expect(consent.body).toContain('アクセスの許可');
    expect(consent.body).toContain('次に来たときに本人だとわかる');
    expect((await passPages(agent, consent)).location).toContain('code=');
    const missing = await createUserAgent(server.issuer, { 'accept-language': 'ar' }).open(
      authorizeUrl(server, requestOf(app.client, newPkce(), { redirect_uri: 'https://evil.test' })),
    );
    expect(missing.body).toContain('إعادة توجيه غير صالحة');
    expect(missing.headers.get('content-language')).toBe('ar');
  });

  it('once chosen is kept whatever the app asks for: after a wrong password, at consent, in errors', async () => {
    const { agent, page } = await open({ ui_locales: 'ja', prompt: 'consent' }, { 'accept-language': 'fr' });
    expect(langOf(page.body)).toBe('ja ltr');
    const german = await agent.open(footerLink(page.body, 'de'));
    const wrong = await agent.submit(german, { username: 'alice', password: 'wrong' });
    expect(langOf(wrong.body)).toBe('de ltr');
    const consent = await agent.submit(wrong, {
      username: 'alice',
      password: 'correct horse battery staple',
    });
    expect(consent.body).toContain('id="allow"');
    expect(langOf(consent.body)).toBe('de ltr');
    const stale = await agent.submit(
      { ...consent, body: consent.body.replace(/(name="csrf" value=")/, '$1x') },
      {
        decision: 'allow',
      },
    );
    expect([stale.status, langOf(stale.body)]).toEqual([403, 'de ltr']);
    await agent.submit(consent, { decision: 'allow' });
    const over = await agent.open(consent.url);
    expect([over.status, langOf(over.body)]).toEqual([400, 'de ltr']);
  });

  it('can be changed in the footer of an error page, which shows the same error again', async () => {
    const { agent, page } = await open({ redirect_uri: 'https://evil.test', ui_locales: 'fr' }, {});
    expect(page.body).toContain('Redirection non valide');
    const arabic = await agent.open(footerLink(page.body, 'ar'));
    expect(arabic.body).toContain('إعادة توجيه غير صالحة');
  });

  it('of a page that a POST leads to, or of a form that posts itself to the app, is what the app asks for', async () => {
    const agent = createUserAgent(server.issuer);
    const refused = await agent.fetch(`${server.issuer}/authorize`, {
      method: 'POST',
      body: new URLSearchParams(requestOf(app.client, newPkce(), { redirect_uri: 'x:', ui_locales: 'es' })),
    });
    expect(langOf(refused.body)).toBe('es ltr');
    const { agent: other, page } = await open({ ui_locales: 'ar', response_mode: 'form_post' }, {});
    const consent = await other.submit(page, { username: 'alice', password: 'correct horse battery staple' });
    const sent = consent.body.includes('id="allow"')
      ? await other.submit(consent, { decision: 'allow' })
      : consent;
    expect(sent.body).toContain('name="code"');
    // A code is given out once: there is no way back to this page, in whatever language.
    expect(sent.body).not.toContain('/language?');
    expect(langOf(sent.body)).toBe('ar rtl');
  });

  it('is the one that the app asks for at sign-out', async () => {
    const page = await createUserAgent(server.issuer).open(`${server.issuer}/logout?ui_locales=es`);
    expect([page.url, langOf(page.body)]).toEqual([`${server.issuer}/signed-out?ui_locales=es`, 'es ltr']);
  });

  it('is not searched beyond the first 500 characters of a list', async () => {
    const wish = encodeURIComponent(`${'x'.repeat(500)} de`);
    const page = await createUserAgent(server.issuer).open(`${server.issuer}/login?ui_locales=${wish}`);
    expect([page.status, langOf(page.body)]).toEqual([200, 'en ltr']);
  });

  it('is in the headers, so that no cache serves a page in another language', async () => {
    const { page } = await open({}, { 'accept-language': 'de' });
    expect(page.headers.get('content-language')).toBe('de');
    expect(page.headers.get('vary')).toMatch(/Accept-Language.*Cookie/);
  });

  it('is chosen in the footer without JavaScript, and the page is shown again in it', async () => {
    const { agent, page } = await open({ ui_locales: 'en' }, {});
    const german = await agent.open(footerLink(page.body, 'de'));
    expect(langOf(german.body)).toBe('de ltr');
    expect(german.body).toContain('name="interaction"');
    expect(langOf((await agent.open(`${server.issuer}/account`)).body)).toBe('de ltr');
  });

  it('A015 the return path leads to no other site', async () => {
    const agent = createUserAgent(server.issuer);
    for (const back of [
      '//evil.test',
      '/\\evil.test',
      'https://evil.test',
      '/\t/evil.test',
      '/..//evil.test',
      '/.//evil.test',
      '/%2e%2e//evil.test',
      '/a/..//evil.test',
      '/..\\evil.test',
      'javascript:alert(1)',
      '',
    ]) {
      const { location } = await agent.fetch(
        `${server.issuer}/language?${new URLSearchParams({ lang: 'de', back })}`,
      );
      expect(new URL(location ?? '').origin, back).toBe(new URL(server.issuer).origin);
    }
    const unknown = await agent.fetch(`${server.issuer}/language?lang=xx&back=/login`);
    expect(unknown.headers.getSetCookie()).toEqual([]);
  });
});

describe('a page in a language that is written from right to left', () => {
  const arabic = { 'accept-language': 'ar' };

  it('WCAG 3.1.2 marks a sentence for developers as English', async () => {
    const agent = createUserAgent(server.issuer, arabic);
    const { body } = await agent.open(authorizeUrl(server, { client_id: 'nobody' }));
    expect(body).toMatch(/<dd lang="en" dir="ltr">client_id names no client/);
    expect(body).toContain('<code dir="ltr" id="error">invalid_client</code>');
  });

  it('isolates names given by an app or the operator, so that they do not change the direction of the text', async () => {
    const own = await publicClient(server, { client_name: 'Garden (v2)', scope: 'openid plants' });
    const agent = createUserAgent(server.issuer, arabic);
    const request = requestOf(own.client, newPkce(), { scope: 'openid plants', login_hint: 'alice (2)' });
    const login = await agent.open(authorizeUrl(server, request));
    expect(login.body).toContain('<bdi class="client">Garden (v2)</bdi>');
    expect(login.body).toMatch(/<input id="username"[^>]* dir="auto"/);
    const consent = await agent.submit(login, {
      username: 'alice',
      password: 'correct horse battery staple',
    });
    expect(consent.body).toContain('<bdi>Water the plants (daily)</bdi>');
    expect(consent.body).toContain('<bdi>alice</bdi>');
  });
});
