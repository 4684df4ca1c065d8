/** Where a browser goes after signing out, and what is said where it does not. RPL §2, §3; RFC 9700 §4.11.2 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languages } from '../../../src/config/built-in-page-languages.ts';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { readClient } from '../../../src/oauth/clients/read-clients.ts';
import { auditEvents, CALLBACK, confidentialClient, type Registered } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';
import { AFTER, askedBy, expectLink, expectStay, logoutUrl, methods, signInTo } from './logout-requests.ts';

let server: TestServer;
let app: Registered;
let sub: string;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  ({ sub } = await server.user());
  app = await confidentialClient(server, { post_logout_redirect_uris: [AFTER] });
});
afterAll(() => server.stop());

const isSignedIn = async (agent: UserAgent) => (await agent.fetch(`${server.issuer}/account`)).status === 200;

const at = (parameters: Record<string, string>) => logoutUrl(server, parameters);
const asked = (more?: Record<string, string>) => askedBy(app, more);
const signIn = (as = app) => signInTo(server, as);

async function stranger(): Promise<Registered> {
  const body = JSON.stringify({ redirect_uris: [CALLBACK], post_logout_redirect_uris: [AFTER] });
  const headers = { 'content-type': 'application/json' };
  const registered = await fetch(`${server.issuer}/register`, { method: 'POST', headers, body });
  const { client_id, client_secret } = await registered.json();
  return { client: (await readClient(server.gatehouse.db, client_id)) as Client, client_secret };
}

describe.each(methods)('O3 client_id and a registered address without a hint, by %s', (_method, ask) => {
  it('lead back to the app after the user confirmed', async () => {
    const { agent } = await signIn();
    const question = await ask(server, agent, asked({ state: 'a b&c' }));
    expect(question.body).toContain('id="confirm"');
    expect(await isSignedIn(agent)).toBe(true);
    expect((await agent.submit(question, {})).location).toBe(`${AFTER}?state=a+b%26c`);
    expect(await isSignedIn(agent)).toBe(false);
  });

  it('are a link where no user is signed in', async () => {
    const page = await ask(server, createUserAgent(server.issuer), asked({ state: 'kept' }));
    expectLink(page, `${AFTER}?state=kept`, 'app.example.com');
  });

  it('are a link where the session ended while the question was open', async () => {
    const { agent } = await signIn();
    const question = await ask(server, agent, asked());
    for (const { sid } of await listLiveSessions(server.gatehouse, sub))
      await endSession(server.gatehouse, sid, undefined);
    expectLink(await agent.submit(question, {}), AFTER, 'app.example.com');
  });

  it('RFC 9700 §4.11.2 are a link for a client that registered itself', async () => {
    const registered = await stranger();
    const { agent } = await signIn(registered);
    const question = await ask(server, agent, asked({ client_id: registered.client.client_id }));
    expectLink(await agent.submit(question, {}), AFTER, 'app.example.com');
    expect(await isSignedIn(agent)).toBe(false);
  });

  it('are shown without what would turn the sentence around', async () => {
    const { agent } = await signIn();
    const question = await ask(
      server,
      agent,
      asked({ post_logout_redirect_uri: 'https://x.example/\u202egnp\u001b[31m' }),
    );
    const page = await agent.submit(question, {});
    expect(page.body).toContain('id="refused"');
    for (const control of ['\u202e', '\u001b']) expect(page.body).not.toContain(control);
  });
});

describe('O3 A150 where the address is not allowed', () => {
  const EVIL = 'https://evil.example.com/';
  it('unregistered_logout_uri: page, log and audit name the reason, the client and what it registered', async () => {
    await expectStay(server, {
      reason: 'unregistered_logout_uri',
      parameters: asked({ post_logout_redirect_uri: `${AFTER}/` }),
      agents: [(await signIn()).agent, createUserAgent(server.issuer)],
      client_id: app.client.client_id,
    });
  });

  it.each(['one of one', 'one of two'])(
    'in another language the page says the same, %s signed out',
    async (who) => {
      const { agent } = await signIn();
      if (who === 'one of two') {
        await server.user('carol');
        const another = await agent.open(`${server.issuer}/login?account=another`);
        await agent.submit(another, { username: 'carol', password: PASSWORD });
      }
      const question = await agent.open(at(asked({ post_logout_redirect_uri: EVIL })));
      const languageLinks = (page: Page) =>
        [...page.body.matchAll(/href="([^"]*\/language[^"]*)"/g)].map(([, href = '']) =>
          href.replaceAll('&amp;', '&'),
        );
      let page = await agent.submit(question, {});
      const said = /id="refused">([^<]*)</.exec(page.body)?.[1];
      expect(said).toContain('is not byte for byte one that is registered');
      for (const tag of ['fr', 'de']) {
        const link = languageLinks(page).find((href) => href.includes(`lang=${tag}`)) ?? '';
        page = await agent.open(new URL(link, server.issuer).href);
        expect(page.body).toContain(`<html lang="${tag}"`);
        expect(/id="refused">([^<]*)</.exec(page.body)?.[1]).toBe(said);
        expect(page.body.includes('id="left"')).toBe(who === 'one of two');
      }
    },
  );

  it('the developer reads what came, as text, in a page of every language', async () => {
    const uri = `${EVIL}<script>alert(1)</script>?${'x'.repeat(500)}`;
    const stay = new Set<string>();
    for (const { tag } of languages) {
      const page = await createUserAgent(server.issuer).open(
        at(asked({ post_logout_redirect_uri: uri, ui_locales: tag })),
      );
      expect(page.body).toContain(`<html lang="${tag}"`);
      const [, said = ''] = /id="refused">([^<]*)</.exec(page.body) ?? [];
      expect(said).toContain('post_logout_redirect_uri https://evil.example.com/&lt;script&gt;alert(1)');
      expect(said).toContain('is not byte for byte one that is registered for this client');
      expect(said.length).toBeLessThan(400);
      stay.add(/<p class="note">([^<]*)</.exec(page.body)?.[1] ?? '');
    }
    expect(stay.size).toBe(languages.length);
  });

  it('a thousand of them are a few events and a count', async () => {
    const before = (await auditEvents(server)).filter(({ type }) => type === 'logout.refused').length;
    const agent = createUserAgent(server.issuer);
    for (let n = 0; n < 60; n += 1) await agent.open(at({ post_logout_redirect_uri: EVIL }));
    const events = (await auditEvents(server)).filter(({ type }) => type === 'logout.refused');
    expect(events.length - before).toBeLessThanOrEqual(11);
    expect(events[0]?.details?.times).toBeGreaterThanOrEqual(50);
  });

  it('no reason is named where no address was asked for', async () => {
    const { agent } = await signIn();
    const page = await agent.submit(await agent.open(at({ client_id: 'nobody', state: 's' })), {});
    expect(page.url).toBe(`${server.issuer}/signed-out`);
    expect(page.body).not.toContain('id="refused"');
  });
});

it('users who are still signed in are named as well', async () => {
  await server.user('bob');
  const { agent } = await signIn();
  const login = await agent.open(`${server.issuer}/login?account=another`);
  await agent.submit(login, { username: 'bob', password: PASSWORD });
  const question = await agent.open(at(asked({ post_logout_redirect_uri: `${AFTER}/` })));
  expect(question.body).toContain('<bdi>bob</bdi>');
  const page = await agent.submit(question, {});
  expect(page.body).toContain('id="refused"');
  expect(page.body).toContain('id="left"');
});

it('an app on a device is named by its scheme', async () => {
  const uri = 'com.example.app:/bye';
  const native = await confidentialClient(server, {
    application_type: 'native',
    redirect_uris: ['com.example.app:/cb'],
    post_logout_redirect_uris: [uri],
    token_endpoint_auth_method: 'none',
  });
  const { client_id } = native.client;
  const page = await createUserAgent(server.issuer).open(at({ client_id, post_logout_redirect_uri: uri }));
  expectLink(page, uri, 'com.example.app');
});
