import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { visitTo } from '../../http/pages/visit.ts';
import {
  authorizeUrl,
  newPkce,
  passPages,
  publicClient,
  type Registered,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { formOf, type Page, type UserAgent } from '../../support/user-agent.ts';

let server: TestServer;
let app: Registered;
/** By username. */
const subs: Record<string, string> = {};

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_SESSION_IDLE_SECONDS: '864000' } });
  for (const name of ['alice', 'bob', 'carol']) subs[name] = (await server.user(name)).sub;
  app = await publicClient(server);
});
afterAll(() => server.stop());

const pkce = newPkce();

function ask(agent: UserAgent, more: Record<string, string> = {}): Promise<Page> {
  server.clock.advance(1000);
  return agent.open(authorizeUrl(server, requestOf(app.client, pkce, more)));
}

/** A browser in which these signed in one after the other and use the app; the last one is active. */
async function browserOf(...names: string[]): Promise<UserAgent> {
  const agent = visitTo(server).newAgent();
  for (const name of names) {
    const login = await agent.open(`${server.issuer}/login?account=another`);
    await agent.submit(login, { username: name, password: PASSWORD });
    await passPages(agent, await ask(agent), name);
  }
  return agent;
}

const response = (page: Page) => new URL(page.location ?? 'none:').searchParams;

/** Who the code of the answer is about. */
async function subOf(page: Page, agent: UserAgent): Promise<string> {
  const parameters = response(page);
  const authorized = { code: parameters.get('code') ?? '', pkce, agent, response: parameters };
  const { body } = await redeem(server, app, authorized);
  return String(decodeJwt(body.id_token).sub);
}

async function idTokenOf(name: string): Promise<string> {
  const agent = await browserOf(name);
  const parameters = response(await ask(agent));
  const { body } = await redeem(server, app, {
    code: parameters.get('code') ?? '',
    pkce,
    agent,
    response: parameters,
  });
  return body.id_token;
}

/** The usernames on the chooser, in order, with the value of each button. */
function choices(page: Page): [string, string][] {
  const buttons = page.body.matchAll(/name="account" value="([^"]+)" id="account-\d"[^>]*><bdi>([^<]+)</g);
  return [...buttons].map(([, sid = '', username = '']) => [username, sid]);
}

function choose(agent: UserAgent, page: Page, name: string): Promise<Page> {
  const sid = choices(page).find(([username]) => username === name)?.[1] ?? '';
  return agent.submit(page, { account: sid });
}

describe('prompt=select_account', () => {
  it('Z18 shows who is signed in, and the choice is used from then on', async () => {
    const agent = await browserOf('alice', 'bob');
    const chooser = await ask(agent, { prompt: 'select_account' });
    expect(choices(chooser).map(([name]) => name)).toEqual(['bob', 'alice']);
    const answered = await choose(agent, chooser, 'alice');
    expect(await subOf(answered, agent)).toBe(subs.alice);
    expect(await subOf(await ask(agent), agent)).toBe(subs.alice);
    expect((await agent.open(`${server.issuer}/account`)).body).toContain('alice');
  });

  it('is shown although one person alone is signed in, and asks for no password', async () => {
    const agent = await browserOf('alice');
    const chooser = await ask(agent, { prompt: 'select_account' });
    expect(choices(chooser)).toHaveLength(1);
    expect(chooser.body).not.toContain('name="password"');
    expect(response(await choose(agent, chooser, 'alice')).get('code')).not.toBeNull();
  });

  it('is a sign-in where no user is signed in, and asks once', async () => {
    const agent = visitTo(server).newAgent();
    const page = await ask(agent, { prompt: 'select_account' });
    expect(page.body).toContain('name="password"');
    expect(response(await passPages(agent, page)).get('code')).not.toBeNull();
  });

  it('another account signs in beside the others', async () => {
    const agent = await browserOf('alice', 'bob');
    const login = await agent.submit(await ask(agent, { prompt: 'select_account' }), { account: 'another' });
    expect(formOf(login, ['password']).fields.username).toBe('');
    const answered = await passPages(agent, login, 'carol');
    expect(await subOf(answered, agent)).toBe(subs.carol);
    const chooser = await ask(agent, { prompt: 'select_account' });
    expect(choices(chooser).map(([name]) => name)).toEqual(['carol', 'bob', 'alice']);
  });

  it('another account cannot be avoided by coming again without signing in', async () => {
    const agent = await browserOf('alice');
    const login = await agent.submit(await ask(agent, { prompt: 'select_account' }), { account: 'another' });
    const resumed = await agent.open(login.url.replace('/login', '/authorize/resume'));
    expect(resumed.body).toContain('name="password"');
  });

  it('login_hint preselects, and fills in the name for another account', async () => {
    const agent = await browserOf('alice', 'bob');
    const hinted = await ask(agent, { prompt: 'select_account', login_hint: 'alice@example.com' });
    expect(choices(hinted).map(([name]) => name)).toEqual(['alice', 'bob']);
    // An app may hint at anybody: no key that is pressed blindly changes whose account is in use.
    expect(hinted.body).toMatch(/id="account-\d"><bdi>alice</);
    expect(hinted.body).not.toContain('autofocus');
    const unknown = await ask(agent, { prompt: 'select_account', login_hint: '"><b>' });
    expect(choices(unknown).map(([name]) => name)).toEqual(['bob', 'alice']);
    const login = await agent.submit(unknown, { account: 'another' });
    expect(formOf(login, ['password']).fields.username).toBe('"><b>');
  });

  it('Z19 with login and consent, all three are asked in that order', async () => {
    const agent = await browserOf('alice', 'bob');
    const chooser = await ask(agent, { prompt: 'consent login select_account' });
    const login = await choose(agent, chooser, 'alice');
    expect(formOf(login, ['password']).fields.username).toBe('alice');
    const consent = await agent.submit(login, { username: 'alice', password: PASSWORD });
    expect(consent.body).toContain('id="allow"');
    const answered = await agent.submit(consent, { decision: 'allow' });
    expect(await subOf(answered, agent)).toBe(subs.alice);
  });

  it('a chosen account whose session ended meanwhile is not on the page that is shown instead', async () => {
    const agent = await browserOf('alice', 'bob');
    const chooser = await ask(agent, { prompt: 'select_account' });
    const sid = choices(chooser).find(([name]) => name === 'alice')?.[1] ?? '';
    await server.gatehouse.db.write((tx) => tx.run('UPDATE sessions SET ended_at = 1 WHERE sid = $1', sid));
    const again = await agent.submit(chooser, { account: sid });
    expect(choices(again).map(([name]) => name)).toEqual(['bob']);
  });

  it('A056 A058 the chooser obeys its own form, browser and accounts alone', async () => {
    const agent = await browserOf('alice', 'bob');
    const chooser = await ask(agent, { prompt: 'select_account' });
    const { fields, action } = formOf(chooser, ['account']);
    const sid = choices(chooser)[1]?.[1] ?? '';
    const send = (more: Record<string, string>, headers = {}) =>
      visitTo(server).post(agent, new URL(action, server.issuer).pathname, { ...fields, ...more }, headers);
    expect((await send({ account: sid, csrf: '' })).status).toBe(403);
    expect((await send({ account: sid }, { origin: 'https://evil.test' })).status).toBe(403);
    const stranger = await browserOf('carol');
    expect((await stranger.fetch(chooser.url)).status).toBe(403);
    const foreign = (await ask(stranger, { prompt: 'select_account' })).body;
    const foreignSid = /value="([^"]+)" id="account-1"/.exec(foreign)?.[1] ?? '';
    const refused = await send({ account: foreignSid });
    expect(refused.location).toContain('/select-account?interaction=');
    expect(await subOf(await ask(agent), agent)).toBe(subs.bob);
  });
});

describe('several accounts without a question', () => {
  it('Z18 prompt=none answers with the active account', async () => {
    const agent = await browserOf('alice', 'bob');
    expect(await subOf(await ask(agent, { prompt: 'none' }), agent)).toBe(subs.bob);
  });

  it('Z21 id_token_hint answers with the account that it names, and leaves the active one', async () => {
    const agent = await browserOf('alice', 'bob');
    const id_token_hint = await idTokenOf('alice');
    expect(await subOf(await ask(agent, { prompt: 'none', id_token_hint }), agent)).toBe(subs.alice);
    expect(await subOf(await ask(agent, { id_token_hint }), agent)).toBe(subs.alice);
    expect(await subOf(await ask(agent), agent)).toBe(subs.bob);
  });

  it('Z21 consent for a hinted account is that account’s', async () => {
    const agent = await browserOf('alice', 'bob');
    const id_token_hint = await idTokenOf('alice');
    const consent = await ask(agent, { prompt: 'consent', id_token_hint });
    expect(consent.body).toMatch(/<bdi>alice<\/bdi>/);
    const answered = await agent.submit(consent, { decision: 'allow' });
    expect(await subOf(answered, agent)).toBe(subs.alice);
  });

  it('Z21 choosing another than the hinted account is login_required', async () => {
    const agent = await browserOf('alice', 'bob');
    const id_token_hint = await idTokenOf('alice');
    const chooser = await ask(agent, { prompt: 'select_account', id_token_hint });
    const answered = await choose(agent, chooser, 'bob');
    expect(response(answered).get('error')).toBe('login_required');
  });

  it('Z18 without an active account, prompt=none is account_selection_required and a page is the chooser', async () => {
    const agent = await browserOf('alice', 'bob');
    agent.cookies.delete(agent.names.session);
    const silent = await ask(agent, { prompt: 'none' });
    expect(response(silent).get('error')).toBe('account_selection_required');
    const chooser = await ask(agent);
    expect(choices(chooser).map(([name]) => name)).toEqual(['alice']);
    expect(await subOf(await choose(agent, chooser, 'alice'), agent)).toBe(subs.alice);
  });

  it('signing out ends the active account alone', async () => {
    const agent = await browserOf('alice', 'bob');
    const page = await agent.open(`${server.issuer}/logout`);
    await agent.submit(page, { csrf: formOf(page, ['csrf']).fields.csrf ?? '' });
    expect(response(await ask(agent, { prompt: 'none' })).get('error')).toBe('account_selection_required');
    expect(choices(await ask(agent)).map(([name]) => name)).toEqual(['alice']);
    const again = await agent.open(`${server.issuer}/login`);
    expect(choices(again).map(([name]) => name)).toEqual(['alice']);
    const login = await agent.submit(again, { account: 'another' });
    expect(login.body).toContain('name="password"');
  });
});

describe('changing the account without an app', () => {
  it('the account page leads to the chooser and back', async () => {
    const agent = await browserOf('alice', 'bob');
    expect((await agent.open(`${server.issuer}/account`)).body).toContain('/select-account"');
    const chooser = await agent.open(`${server.issuer}/select-account`);
    const account = await choose(agent, chooser, 'alice');
    expect(account.url).toBe(`${server.issuer}/account`);
    expect(account.body).toContain('alice');
  });

  it('it is the login page where no user is signed in', async () => {
    const page = await visitTo(server).newAgent().open(`${server.issuer}/select-account`);
    expect(page.body).toContain('name="password"');
  });

  it('L7 every session id that the browser had is invalid after another account signs in', async () => {
    const agent = await browserOf('alice');
    const before = agent.cookies.get(agent.names.session) ?? '';
    const login = await agent.open(`${server.issuer}/login?account=another`);
    await agent.submit(login, { username: 'bob', password: PASSWORD });
    const thief = visitTo(server).newAgent();
    for (const cookie of [thief.names.session, thief.names.accounts]) {
      thief.cookies.clear();
      thief.cookies.set(cookie, before);
      expect(response(await ask(thief, { prompt: 'none' })).get('error')).toBe('login_required');
    }
  });
});
