/** Whoever comes late to a form of theirs goes on, or finds the way back to the app. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { User } from '../../../src/identity/users/users.ts';
import { createCleanUp } from '../../../src/storage/cleanup.ts';
import {
  authorizeUrl,
  confidentialClient,
  newPkce,
  publicClient,
  type Registered,
  redeem,
  requestOf,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, formOf, type Page, type UserAgent } from '../../support/user-agent.ts';

const EXPIRED_MS = 601_000;
const GONE_MS = 2 * 3_600_000;
const WHO = { username: 'alice', password: PASSWORD };

let server: TestServer;
let alice: User;
let spa: Registered;
beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  alice = await server.user();
  spa = await publicClient(server);
});
afterAll(() => server.stop());

const pkce = newPkce();
const start = async (
  more: Record<string, string> = {},
  app = spa,
  agent = createUserAgent(server.issuer),
) => ({
  agent,
  page: await agent.open(authorizeUrl(server, requestOf(app.client, pkce, more))),
});

async function expectTokens(agent: UserAgent, page: Page): Promise<void> {
  const response = new URL(page.location ?? '').searchParams;
  const answer = await redeem(server, spa, { code: response.get('code') ?? '', pkce, agent, response });
  expect(answer.status).toBe(200);
}

describe('a form that expired continues', () => {
  it('where a user signs in with it', async () => {
    const { agent, page } = await start({ prompt: 'consent' });
    server.clock.advance(EXPIRED_MS);
    const consent = await agent.submit(page, WHO);
    expect(consent.body).toContain('id="allow"');
    await expectTokens(agent, await agent.submit(consent, { decision: 'allow' }));
  });

  it('where its page is loaded once more', async () => {
    const { agent, page } = await start({ prompt: 'consent' });
    server.clock.advance(EXPIRED_MS);
    const again = await agent.open(page.url);
    expect(again.body).toContain('name="password"');
    const consent = await agent.submit(again, WHO);
    server.clock.advance(EXPIRED_MS);
    await expectTokens(agent, await agent.submit(await agent.open(consent.url), { decision: 'allow' }));
  });

  it('where a user decides with it', async () => {
    const { agent, page } = await start({ prompt: 'consent' });
    const consent = await agent.submit(page, WHO);
    server.clock.advance(EXPIRED_MS);
    await expectTokens(agent, await agent.submit(consent, { decision: 'allow' }));
    const asked = await start({ prompt: 'consent' }, spa, agent);
    server.clock.advance(EXPIRED_MS);
    const denied = await agent.submit(asked.page, { decision: 'deny' });
    expect(new URL(denied.location ?? '').searchParams.get('error')).toBe('access_denied');
  });

  it('where an account is chosen with it', async () => {
    const { agent, page } = await start();
    await agent.submit(page, WHO);
    const chooser = await start({ prompt: 'select_account consent' }, spa, agent);
    const { fields } = formOf(chooser.page, ['account']);
    const [, sid = ''] = /name="account" value="([^"]+)"/.exec(chooser.page.body) ?? [];
    server.clock.advance(EXPIRED_MS);
    const posted = await agent.fetch(`${server.issuer}/select-account`, {
      method: 'POST',
      body: new URLSearchParams({ ...fields, account: sid }),
    });
    expect((await agent.follow(posted)).body).toContain('id="allow"');
  });

  it('Z19 and what was proved in it must be proved anew', async () => {
    const { agent, page } = await start({ prompt: 'login consent' });
    const consent = await agent.submit(page, WHO);
    server.clock.advance(EXPIRED_MS);
    const asked = await agent.submit(consent, { decision: 'allow' });
    expect(asked.body).toContain('name="password"');
    await expectTokens(agent, await agent.submit(asked, WHO));
  });

  it('A056 in its own browser alone, and in none where no browser had claimed it', async () => {
    const { page } = await start();
    const other = createUserAgent(server.issuer);
    await other.open(`${server.issuer}/login`);
    const body = new URLSearchParams(requestOf(spa.client, pkce));
    const posted = await other.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
    const bare = createUserAgent(server.issuer);
    const unbound = await bare.fetch(`${server.issuer}/authorize`, { method: 'POST', body });
    expect([posted.status, unbound.location]).toEqual([303, expect.stringContaining('/authorize/resume?')]);
    server.clock.advance(EXPIRED_MS);
    expect((await other.fetch(page.url)).status).toBe(403);
    const late = await bare.fetch(unbound.location ?? '');
    expect([late.status, late.location]).toEqual([400, undefined]);
    expect(late.body).toContain('This sign-in is over');
  });

  it('for two hours after it began, and no longer', async () => {
    const { agent, page } = await start();
    server.clock.advance(GONE_MS - 1000);
    expect((await agent.fetch(page.url)).status).toBe(200);
    server.clock.advance(EXPIRED_MS);
    const over = await agent.submit(page, WHO);
    expect([over.status, over.body.includes('This sign-in is over')]).toEqual([400, true]);
  });
});

it('a person whose session ended before the consent page signs in again, and continues', async () => {
  const { agent, page } = await start({ prompt: 'consent' });
  const consent = await agent.submit(page, WHO);
  for (const { sid } of await listLiveSessions(server.gatehouse, alice.sub))
    await endSession(server.gatehouse, sid, undefined);
  expect((await agent.open(consent.url)).body).toContain('name="password"');
  const login = await agent.submit(consent, { decision: 'allow' });
  expect(login.body).toContain('name="password"');
  const asked = await agent.submit(login, WHO);
  await expectTokens(agent, await agent.submit(asked, { decision: 'allow' }));
});

describe('where it is not stored any more, a link leads back to the app', () => {
  /** Of the error page, where it has one. */
  const linkOf = ({ body }: Page) => /<a href="([^"]+)" id="app"/.exec(body)?.[1]?.replaceAll('&amp;', '&');

  it('after an address that is not registered, too, with what to do for who is no developer', async () => {
    const app = await confidentialClient(server, { client_uri: 'https://www.example.com/app' });
    const { page } = await start({ redirect_uri: 'https://elsewhere.example.com/' }, app);
    expect(page.body).toContain('Invalid redirect');
    expect([linkOf(page), page.body.includes('tell whoever sent you here')]).toEqual([
      'https://www.example.com/app',
      true,
    ]);
  });

  async function late(metadata: Record<string, unknown>) {
    const app = await confidentialClient(server, metadata);
    const { agent, page } = await start({}, app);
    server.clock.advance(GONE_MS + EXPIRED_MS);
    await createCleanUp(server.gatehouse).run();
    return { agent, page };
  }

  it.each<[string, Record<string, unknown>, string | undefined]>([
    ['of its redirect', {}, 'https://app.example.com/'],
    ['that it calls its own', { client_uri: 'https://www.example.com/app' }, 'https://www.example.com/app'],
    [
      'where it begins a login',
      { client_uri: 'https://www.example.com/', initiate_login_uri: 'https://app.example.com/login?a=b' },
      'login',
    ],
    [
      'of an app on the device: none',
      { redirect_uris: ['http://127.0.0.1/cb'], application_type: 'native' },
      undefined,
    ],
  ])('the address %s, by form and by address', async (_which, metadata, expected) => {
    const { agent, page } = await late(metadata);
    const iss = new URLSearchParams({ iss: server.issuer });
    const href = expected === 'login' ? `https://app.example.com/login?a=b&${iss}` : expected;
    for (const over of [await agent.submit(page, WHO), await agent.open(page.url)]) {
      expect([over.status, over.body.includes('This sign-in is over')]).toEqual([400, true]);
      expect(linkOf(over)).toBe(href);
    }
  });

  it('also where the browser forgot its cookie, and where the sign-in was answered before', async () => {
    const { agent, page } = await start();
    const stranger = createUserAgent(server.issuer);
    const { fields } = formOf(page, ['password']);
    const body = new URLSearchParams({ ...fields, ...WHO });
    for (const forgotten of [
      await stranger.fetch(page.url),
      await stranger.fetch(`${server.issuer}/login`, { method: 'POST', body }),
    ])
      expect([forgotten.status, linkOf(forgotten)]).toEqual([403, 'https://app.example.com/']);
    const answered = await agent.submit(page, WHO);
    expect(answered.location).toContain('code=');
    const again = await agent.fetch(page.url);
    expect([again.body.includes('You have already gone on'), linkOf(again)]).toEqual([
      true,
      'https://app.example.com/',
    ]);
  });

  it('also from a tab that a browser restores after it was closed, with the cause, though cookies were sent', async () => {
    const agent = createUserAgent(server.issuer);
    await agent.submit(await agent.open(`${server.issuer}/login`), WHO);
    const { page } = await start({ prompt: 'consent' }, spa, agent);
    const login = await start({ prompt: 'login' }, spa, agent);
    agent.cookies.delete(agent.names.browser);
    for (const restored of [
      await agent.fetch(page.url),
      await agent.fetch(login.page.url),
      await agent.submit(page, { decision: 'allow' }),
    ]) {
      expect([restored.status, linkOf(restored)]).toEqual([403, 'https://app.example.com/']);
      expect(restored.body).toContain('or before this one was closed');
      expect(restored.body).not.toMatch(/no cookie|allow cookies/);
    }
    agent.cookies.clear();
    expect((await agent.fetch(page.url)).body).toContain('This browser sent no cookie');
  });

  it('RFC 9700 §4.11.2 to no page of an app that registered itself, and not from another user’s sign-in', async () => {
    const response = await fetch(`${server.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris: ['https://evil.example/cb'],
        client_uri: 'https://evil.example/',
      }),
    });
    const { client_id } = await response.json();
    const agent = createUserAgent(server.issuer);
    const planted = await agent.fetch(
      `${server.issuer}/login?${new URLSearchParams({ interaction: 'x', client_id })}`,
    );
    expect([planted.status, linkOf(planted)]).toEqual([400, undefined]);
    const { page } = await start();
    await agent.open(`${server.issuer}/login`);
    const foreign = await agent.fetch(page.url);
    expect([foreign.status, linkOf(foreign)]).toEqual([403, undefined]);
    for (const odd of ['', 'nobody', 'x'.repeat(2000), '%00']) {
      const over = await agent.fetch(`${server.issuer}/login?interaction=x&client_id=${odd}`);
      expect([over.status, linkOf(over)]).toEqual([400, undefined]);
    }
  });
});
