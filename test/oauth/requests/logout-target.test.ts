/** Where a browser goes after signing out, and what is said where it does not. RPL §2, §3; RFC 9700 §4.11.2 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { languages } from '../../../src/config/built-in-page-languages.ts';
import { endSession } from '../../../src/identity/sessions/end-sessions.ts';
import { listLiveSessions } from '../../../src/identity/sessions/find-live-sessions.ts';
import { type Client, readClient } from '../../../src/oauth/clients/client.ts';
import { setClientDisabled } from '../../../src/oauth/clients/create-and-update-clients.ts';
import {
  auditEvents,
  authorize,
  CALLBACK,
  confidentialClient,
  type Registered,
  redeem,
} from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';

/** As pino writes it. */
const INFO = 30;
const AFTER = 'https://app.example.com/bye';
let server: TestServer;
let app: Registered;
let sub: string;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  ({ sub } = await server.user());
  app = await confidentialClient(server, { post_logout_redirect_uris: [AFTER] });
});
afterAll(() => server.stop());

const at = (parameters: Record<string, string>) =>
  `${server.issuer}/logout?${new URLSearchParams(parameters)}`;
const isSignedIn = async (agent: UserAgent) => (await agent.fetch(`${server.issuer}/account`)).status === 200;
/** As an app asks that has no ID token any more. */
const asked = (more: Record<string, string> = {}) => ({
  client_id: app.client.client_id,
  post_logout_redirect_uri: AFTER,
  ...more,
});

async function signIn(as = app) {
  const authorized = await authorize(server, as.client);
  return {
    agent: authorized.agent,
    id_token: (await redeem(server, as, authorized)).body.id_token as string,
  };
}

/** From an app's page: the cookies come with the GET after it. */
async function post(agent: UserAgent, fields: Record<string, string>): Promise<Page> {
  const posted = await createUserAgent(server.issuer).fetch(`${server.issuer}/logout`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  expect(posted.status).toBe(303);
  return agent.open(posted.location ?? '');
}
const get = (agent: UserAgent, fields: Record<string, string>) => agent.open(at(fields));

async function stranger(): Promise<Registered> {
  const body = JSON.stringify({ redirect_uris: [CALLBACK], post_logout_redirect_uris: [AFTER] });
  const headers = { 'content-type': 'application/json' };
  const registered = await fetch(`${server.issuer}/register`, { method: 'POST', headers, body });
  const { client_id, client_secret } = await registered.json();
  return { client: (await readClient(server.gatehouse.db, client_id)) as Client, client_secret };
}

function expectLink({ location, body }: Page, href: string, host: string): void {
  expect(location).toBeUndefined();
  expect(body).toContain(`href="${href}"`);
  expect(body).toContain(`<bdi class="host">${host}</bdi>`);
  expect(body).not.toContain('http-equiv="refresh"');
  expect(body).not.toContain('id="refused"');
}

describe.each([
  ['GET', get],
  ['POST', post],
])('O3 client_id and a registered address without a hint, by %s', (_method, ask) => {
  it('lead back to the app after the user confirmed', async () => {
    const { agent } = await signIn();
    const question = await ask(agent, asked({ state: 'a b&c' }));
    expect(question.body).toContain('id="confirm"');
    expect(await isSignedIn(agent)).toBe(true);
    expect((await agent.submit(question, {})).location).toBe(`${AFTER}?state=a+b%26c`);
    expect(await isSignedIn(agent)).toBe(false);
  });

  it('are a link where no user is signed in', async () => {
    const page = await ask(createUserAgent(server.issuer), asked({ state: 'kept' }));
    expectLink(page, `${AFTER}?state=kept`, 'app.example.com');
  });

  it('are a link where the session ended while the question was open', async () => {
    const { agent } = await signIn();
    const question = await ask(agent, asked());
    for (const { sid } of await listLiveSessions(server.gatehouse, sub))
      await endSession(server.gatehouse, sid, undefined);
    expectLink(await agent.submit(question, {}), AFTER, 'app.example.com');
  });

  it('RFC 9700 §4.11.2 are a link for a client that registered itself', async () => {
    const registered = await stranger();
    const { agent } = await signIn(registered);
    const question = await ask(agent, asked({ client_id: registered.client.client_id }));
    expectLink(await agent.submit(question, {}), AFTER, 'app.example.com');
    expect(await isSignedIn(agent)).toBe(false);
  });

  it('are a link with a hint that is not from this issuer', async () => {
    const { agent, id_token } = await signIn();
    const [header, payload] = id_token.split('.');
    const id_token_hint = `${header}.${payload}.${'A'.repeat(342)}`;
    const question = await ask(agent, asked({ id_token_hint }));
    expectLink(await agent.submit(question, {}), AFTER, 'app.example.com');
    expect((await lastRefusal())?.reason).toBe('foreign_id_token_hint');
  });

  it('are shown without what would turn the sentence around', async () => {
    const { agent } = await signIn();
    const question = await ask(
      agent,
      asked({ post_logout_redirect_uri: 'https://x.example/\u202egnp\u001b[31m' }),
    );
    const page = await agent.submit(question, {});
    expect(page.body).toContain('id="refused"');
    for (const control of ['\u202e', '\u001b']) expect(page.body).not.toContain(control);
  });

  it('lead nowhere with the hint of another client', async () => {
    const other = await confidentialClient(server, { post_logout_redirect_uris: [AFTER] });
    const { agent, id_token } = await signIn(other);
    const question = await ask(agent, asked({ id_token_hint: id_token }));
    const page = await agent.submit(question, {});
    expect(page.location).toBeUndefined();
    expect(page.body).not.toContain('id="continue"');
    expect(page.body).toContain('id="refused"');
    expect((await lastRefusal())?.reason).toBe('hint_of_other_client');
  });
});

async function lastRefusal() {
  return (await auditEvents(server)).find(({ type }) => type === 'logout.refused');
}

describe('O3 A150 where the address is not allowed', () => {
  const EVIL = 'https://evil.example.com/';
  const cases: [string, () => Promise<Record<string, string>>, boolean][] = [
    ['unregistered_logout_uri', async () => asked({ post_logout_redirect_uri: `${AFTER}/` }), true],
    ['no_client', async () => ({ post_logout_redirect_uri: AFTER }), false],
    ['unknown_client', async () => asked({ client_id: 'nobody' }), false],
    [
      'foreign_id_token_hint',
      async () => ({ id_token_hint: 'x.y.z', post_logout_redirect_uri: AFTER }),
      false,
    ],
    [
      'client_disabled',
      async () => {
        const { client_id } = (await confidentialClient(server, { post_logout_redirect_uris: [AFTER] }))
          .client;
        await setClientDisabled(server.gatehouse, client_id, true);
        return asked({ client_id });
      },
      false,
    ],
  ];

  it.each(cases)('%s: page, log and audit name the reason', async (reason, parametersOf, isKnown) => {
    const parameters = await parametersOf();
    for (const agent of [(await signIn()).agent, createUserAgent(server.issuer)]) {
      server.lines.length = 0;
      const opened = await agent.open(at(parameters));
      const page = opened.body.includes('id="confirm"') ? await agent.submit(opened, {}) : opened;
      expect(page.location).toBeUndefined();
      expect(page.body).toContain('Signed out');
      expect(page.body).toContain('so you stay here');
      expect(page.body).not.toContain('id="continue"');
      const { post_logout_redirect_uri } = parameters;
      const compared = { post_logout_redirect_uri, ...(isKnown && { registered: AFTER }) };
      const client_id = isKnown ? app.client.client_id : undefined;
      const event = await lastRefusal();
      expect(event).toMatchObject({ reason, details: compared });
      expect(event?.client_id).toBe(client_id);
      const line = server.lines.map((text) => JSON.parse(text)).find((one) => one.reason === reason);
      expect(line).toMatchObject({ level: INFO, ...compared });
      expect(line.client_id).toBe(client_id);
    }
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
