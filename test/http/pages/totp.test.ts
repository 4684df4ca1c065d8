/** Authenticator apps, as people and thieves meet them. RFC 6238 */
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  beginApp,
  codeOf,
  keyOn,
  nextStep,
  setUpApp,
  userWithApp,
  wrongCode,
} from '../../support/authenticator.ts';
import {
  auditEvents,
  authorizeUrl,
  confidentialClient,
  newPkce,
  passPages,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf, type Page, type UserAgent } from '../../support/user-agent.ts';

const MFA = 'urn:gatehouse:acr:mfa';
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const at = (path: string) => server.issuer + path;
const pathOf = ({ url }: Page) => new URL(url).pathname;
const newAgent = () => createUserAgent(server.issuer);

/** After the password. */
async function afterPassword(username: string, path = '/login'): Promise<{ agent: UserAgent; page: Page }> {
  const agent = newAgent();
  const page = await agent.submit(await agent.open(at(path)), { username, password: PASSWORD });
  return { agent, page };
}

/** Asks for an authorization with this essential acr. */
async function ask(agent: UserAgent, acr = MFA) {
  const app = await confidentialClient(server);
  const pkce = newPkce();
  const claims = JSON.stringify({ id_token: { acr: { essential: true, value: acr } } });
  return { app, pkce, page: await agent.open(authorizeUrl(server, requestOf(app.client, pkce, { claims }))) };
}

async function idTokenOf(agent: UserAgent, { app, pkce }: Awaited<ReturnType<typeof ask>>, page: Page) {
  const answered = await passPages(agent, page);
  const response = new URL(answered.location ?? '').searchParams;
  const { body } = await redeem(server, app, { code: response.get('code') ?? '', pkce, agent, response });
  return decodeJwt(body.id_token);
}

describe('signing in with an authenticator app', () => {
  it('L15 asks for its code after the password, in a field that a phone fills in', async () => {
    const { seed } = await userWithApp(server, 'ana');
    nextStep(server);
    const { agent, page } = await afterPassword('ana');
    expect(pathOf(page)).toBe('/totp');
    expect(page.body).toMatch(
      /<input id="code" name="code" [^>]*inputmode="numeric" autocomplete="one-time-code"/,
    );
    expect(page.body).toContain('<button type="submit" id="submit">');
    expect((await agent.open(at('/account'))).url).toContain('/login');
    const wrong = await agent.submit(page, { code: wrongCode(server, seed) });
    expect(wrong.body).toContain('id="problem"');
    const home = await agent.submit(wrong, { code: codeOf(server, seed) });
    expect([pathOf(home), home.status]).toEqual(['/account', 200]);
  });

  it('L15 A073 of twenty forms at once with one code in one browser, one session begins', async () => {
    const { sub, seed } = await userWithApp(server, 'tim');
    nextStep(server);
    const { agent, page } = await afterPassword('tim');
    const { action, fields } = formOf(page, ['code']);
    const body = new URLSearchParams({ ...fields, code: codeOf(server, seed) });
    const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const send = () =>
      fetch(new URL(action, page.url), {
        method: 'POST',
        body,
        redirect: 'manual',
        headers: { origin: server.issuer, cookie },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    const begun = answers.filter((answer) => answer.headers.get('set-cookie')?.includes(agent.names.session));
    expect(begun).toHaveLength(1);
    const rows = await server.gatehouse.db.all('SELECT sid FROM sessions WHERE sub = $1', sub);
    expect(rows).toHaveLength(2);
  });

  it('L5 L15 after five wrong codes the right one has to wait, and the page says so', async () => {
    const { seed } = await userWithApp(server, 'gus');
    nextStep(server);
    let { agent, page } = await afterPassword('gus');
    for (let tries = 0; tries < 5; tries += 1)
      page = await agent.submit(page, { code: wrongCode(server, seed) });
    const paused = await agent.submit(page, { code: codeOf(server, seed) });
    expect([paused.status, paused.headers.get('retry-after')]).toEqual([429, '1']);
    server.clock.advance(1000);
    expect(pathOf(await agent.submit(paused, { code: codeOf(server, seed) }))).toBe('/account');
  });

  it('A061 the code of another person signs nobody in, whoever the form names', async () => {
    const [mia, max] = [await userWithApp(server, 'mia'), await userWithApp(server, 'max')];
    nextStep(server);
    const { agent, page } = await afterPassword('mia');
    const form = {
      ...page,
      body: page.body.replace(
        '<input ',
        `<input type="hidden" name="sub" value="${max.sub}"><input type="hidden" name="username" value="max"><input `,
      ),
    };
    const refused = await agent.submit(form, { code: codeOf(server, max.seed) });
    expect([pathOf(refused), refused.body]).toEqual(['/totp', expect.stringContaining('id="problem"')]);
    expect(codeOf(server, mia.seed)).not.toBe(codeOf(server, max.seed));
  });
});

describe('acr and amr', () => {
  it('say that both were proven at the sign-in', async () => {
    const { seed } = await userWithApp(server, 'eva');
    nextStep(server);
    const agent = newAgent();
    const asked = await ask(agent);
    const second = await agent.submit(asked.page, { username: 'eva', password: PASSWORD });
    expect(pathOf(second)).toBe('/totp');
    const done = await agent.submit(second, { code: codeOf(server, seed) });
    expect(await idTokenOf(agent, asked, done)).toMatchObject({ acr: MFA, amr: ['pwd', 'otp'] });
  });

  it('a session from before the app was there is asked for its code alone, which is added to it', async () => {
    await server.user('kim');
    const { agent } = await afterPassword('kim');
    const other = await afterPassword('kim');
    const seed = await setUpAppKeeping(other.agent);
    nextStep(server);
    const asked = await ask(agent);
    expect(pathOf(asked.page)).toBe('/totp');
    const done = await agent.submit(asked.page, { code: codeOf(server, seed) });
    expect(await idTokenOf(agent, asked, done)).toMatchObject({ acr: MFA, amr: ['pwd', 'otp'] });
  });

  it('an acr that no factor of the person reaches, and one that none of the server does, is an error', async () => {
    await server.user('ned');
    for (const acr of [MFA, 'urn:example:acr:none']) {
      const agent = newAgent();
      const asked = await ask(agent, acr);
      const answered = asked.page.location ? asked.page : await passPages(agent, asked.page, 'ned');
      const error = new URL(answered.location ?? '').searchParams.get('error');
      expect(error).toBe('unmet_authentication_requirements');
    }
  });
});

/** Sets up an app, and leaves other sessions as they are. */
async function setUpAppKeeping(agent: UserAgent): Promise<string> {
  const page = await beginApp(server, agent);
  const seed = keyOn(page);
  const body = page.body.replace(
    '<input id="end_other_sessions" name="end_other_sessions"',
    '<input id="none"',
  );
  await agent.submit({ ...page, body }, { act: 'finish', code: codeOf(server, seed) });
  return seed;
}

describe('the page of the account', () => {
  it('shows the key as text, as a link and as a QR code, and escapes the username', async () => {
    await server.user("o'neil");
    const { agent } = await afterPassword("o'neil");
    const page = await beginApp(server, agent);
    const key = keyOn(page);
    expect(page.body).toMatch(/id="key"[^>]*>([A-Z2-7]{4} ){7}[A-Z2-7]{4}</);
    const [, href = ''] = /href="(otpauth:[^"]+)"/.exec(page.body) ?? [];
    const url = new URL(href.replaceAll('&amp;', '&').replaceAll('&#39;', "'"));
    expect(url.searchParams.get('secret')).toBe(key);
    expect(decodeURIComponent(url.pathname)).toBe("/localhost:o'neil");
    expect(page.body).toMatch(/<svg class="qr" [^>]*role="img" aria-label="[^"]+"/);
    expect(page.headers.get('cache-control')).toBe('no-store');
  });

  it('L19 an unfinished enrolment neither lets in nor locks out', async () => {
    await server.user('uma');
    const { agent } = await afterPassword('uma');
    const page = await beginApp(server, agent);
    const seed = keyOn(page);
    const second = await afterPassword('uma');
    expect(pathOf(second.page)).toBe('/account');
    const asked = await ask(second.agent);
    expect(pathOf(asked.page)).not.toBe('/totp');
    expect((await agent.submit(page, { act: 'finish', code: wrongCode(server, seed) })).body).toContain(
      'id="problem"',
    );
    expect(keyOn(await agent.open(at('/account/totp')))).toBe(seed);
    const reloaded = await agent.submit(await agent.open(at('/account/totp')), { act: 'cancel' });
    expect(reloaded.body).toContain('id="begin"');
    const late = await agent.submit(page, { act: 'finish', code: codeOf(server, seed) });
    expect(late.body).toContain('role="status"');
    expect(pathOf((await afterPassword('uma')).page)).toBe('/account');
  });

  it('L19 a stolen session and the password neither replace nor remove the app', async () => {
    await server.user('sam');
    const thief = await afterPassword('sam');
    const stolen = await thief.agent.open(at('/account/totp'));
    const owner = await afterPassword('sam');
    const seed = await setUpAppKeeping(owner.agent);
    nextStep(server);
    for (const act of ['begin', 'remove', 'finish']) {
      const shown = await thief.agent.submit(stolen, { act });
      expect(pathOf(shown)).toBe('/totp');
    }
    server.clock.advance(301_000);
    const later = await thief.agent.open(at('/account/totp'));
    expect(pathOf(later)).toBe('/login');
    const again = await thief.agent.submit(later, { username: 'sam', password: PASSWORD });
    expect(pathOf(again)).toBe('/totp');
    expect(pathOf(await thief.agent.open(at('/account/totp')))).toBe('/login');
    expect(await server.gatehouse.db.all('SELECT sub FROM totp WHERE enrolled_at > 0')).not.toEqual([]);
    nextStep(server);
    expect(pathOf(await thief.agent.submit(again, { code: codeOf(server, seed) }))).toBe('/account/totp');
  });

  it('L19 the owner replaces it after a fresh sign-in with it, and removes it: the page says what that means', async () => {
    const { agent, seed } = await userWithApp(server, 'zoe');
    server.clock.advance(301_000);
    const login = await agent.open(at('/account/totp'));
    const second = await agent.submit(login, { username: 'zoe', password: PASSWORD });
    const page = await agent.submit(second, { code: codeOf(server, seed) });
    expect(pathOf(page)).toBe('/account/totp');
    const begun = await agent.submit(page, { act: 'begin' });
    const next = keyOn(begun);
    expect(next).not.toBe(seed);
    const replaced = await agent.submit(begun, { act: 'finish', code: codeOf(server, next) });
    expect(replaced.body).toContain('role="status"');
    expect(replaced.body).toContain('your password alone will be enough');
    const removed = await agent.submit(replaced, { act: 'remove' });
    expect(removed.body).toContain('Your password alone is enough to sign in now.');
    expect(pathOf((await afterPassword('zoe')).page)).toBe('/account');
    const types = (await auditEvents(server)).map(({ type }) => type);
    for (const type of ['totp.enrolled', 'totp.replaced', 'totp.removed']) expect(types).toContain(type);
  });

  it('L11 another site cannot begin, finish or remove', async () => {
    const { agent, sub } = await userWithApp(server, 'fay');
    for (const act of ['begin', 'finish', 'cancel', 'remove']) {
      const body = new URLSearchParams({ act, code: '123456' });
      const headers = { origin: 'https://evil.example' };
      expect((await agent.fetch(at('/account/totp'), { method: 'POST', body, headers })).status).toBe(403);
    }
    expect(await server.gatehouse.db.get('SELECT sub FROM totp WHERE sub = $1', sub)).toEqual({ sub });
  });

  it.each(['', 'constructor', '__proto__', 'toString'])(
    'a form that asks for %j does nothing',
    async (act) => {
      const username = `acts${act.length}`;
      await server.user(username);
      const { agent } = await afterPassword(username);
      const page = await agent.submit(await agent.open(at('/account/totp')), { act });
      expect([pathOf(page), page.status, page.body]).toEqual([
        '/account/totp',
        200,
        expect.stringContaining('id="begin"'),
      ]);
    },
  );

  it('a user who sets one up in a browser has its code spent there', async () => {
    await server.user('lea');
    const { agent } = await afterPassword('lea');
    const seed = await setUpApp(server, agent);
    const { agent: next, page } = await afterPassword('lea');
    expect((await next.submit(page, { code: codeOf(server, seed) })).body).toContain('id="problem"');
  });
});
