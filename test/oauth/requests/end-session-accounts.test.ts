/** Signing out where several people are signed in, or the app registered itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/oauth/clients/client.ts';
import { readClient } from '../../../src/oauth/clients/read-clients.ts';
import { authorize, CALLBACK, confidentialClient, redeem, refresh } from '../../support/flow.ts';
import { PASSWORD, startServer, type TestServer } from '../../support/server.ts';
import { createUserAgent, type Page, type UserAgent } from '../../support/user-agent.ts';

const AFTER = 'https://app.example.com/bye';
const FRAMED = 'https://app.example.com/front';
let server: TestServer;

beforeAll(async () => {
  server = await startServer({ environment: { GATEHOUSE_REGISTRATION: 'open' } });
  for (const name of ['alice', 'bob']) await server.user(name);
});
afterAll(() => server.stop());

const logoutUrl = (parameters: Record<string, string>) =>
  `${server.issuer}/logout?${new URLSearchParams(parameters)}`;
const account = async (agent: UserAgent) => (await agent.open(`${server.issuer}/account`)).body;

/** Alice waits, bob is active; gives alice's ID token and bob's tokens. */
async function twoPeople(metadata: Record<string, unknown> = {}) {
  const registered = await confidentialClient(server, { post_logout_redirect_uris: [AFTER], ...metadata });
  const more = { scope: 'openid' };
  const alice = await authorize(server, registered.client, { more });
  const { agent } = alice;
  const { id_token } = (await redeem(server, registered, alice)).body;
  const login = await agent.open(`${server.issuer}/login?account=another`);
  await agent.submit(login, { username: 'bob', password: PASSWORD });
  const bob = await authorize(server, registered.client, { agent, more, username: 'bob' });
  return { agent, registered, id_token, bobs: (await redeem(server, registered, bob)).body };
}

it('O2 A154 who waits is signed out by the own ID token, and who is active stays', async () => {
  const { agent, registered, id_token, bobs } = await twoPeople();
  await agent.open(logoutUrl({ id_token_hint: id_token }));
  expect(await account(agent)).toContain('<bdi>bob</bdi>');
  expect((await agent.open(`${server.issuer}/select-account`)).body).not.toContain('alice');
  expect((await refresh(server, registered, bobs.refresh_token)).status).toBe(200);
});

it('O2 the page names who is still signed in, and a second sign-out ends that session too', async () => {
  const { agent } = await twoPeople();
  const ended = await agent.submit(await agent.open(`${server.issuer}/logout`), {});
  expect(ended.body).toContain('Another account is still signed in in this browser.');
  const second = await agent.open(`${server.issuer}/logout`);
  expect(second.body).toContain('alice');
  const forged = new URLSearchParams({ csrf: 'x' });
  const headers = { origin: server.issuer };
  expect(
    (await agent.fetch(`${server.issuer}/logout`, { method: 'POST', body: forged, headers })).status,
  ).toBe(403);
  const left = await agent.submit(second, {});
  expect(left.body).not.toContain('Another account');
  expect((await agent.open(`${server.issuer}/login`)).body).toContain('name="password"');
});

describe.each<[string, (page: Page) => Page]>([
  ['/logout', (page) => page],
  ['/account/sessions', (page) => ({ ...page, body: ownCard(page) })],
  ['/account/sign-out-everywhere', (page) => page],
])('whoever signs out at %s', (path, formIn) => {
  it('notifies the apps of this session in frames, and names who is still signed in', async () => {
    const { agent } = await twoPeople({ frontchannel_logout_uri: FRAMED });
    const signOut = async () => agent.submit(formIn(await agent.open(`${server.issuer}${path}`)), {});
    const bobs = await signOut();
    expect(framesIn(bobs)).toHaveLength(1);
    expect(bobs.headers.get('content-security-policy')).toContain('frame-src https://app.example.com');
    expect(bobs.body).toContain('Another account is still signed in in this browser.');
    expect(agent.cookies.has(agent.names.session)).toBe(false);
    const chooser = await agent.open(`${server.issuer}/select-account`);
    expect(chooser.body).not.toContain('bob');
    await agent.submit(chooser, { account: /name="account" value="([^"]+)"/.exec(chooser.body)?.[1] ?? '' });
    const alices = await signOut();
    expect(framesIn(alices)).toHaveLength(1);
    expect(framesIn(alices)).not.toEqual(framesIn(bobs));
    expect(alices.body).not.toContain('Another account');
    expect((await agent.open(`${server.issuer}/login`)).body).toContain('name="password"');
  });
});

const framesIn = ({ body }: Page) =>
  [...body.matchAll(/<iframe src="([^"]+)"/g)]
    .map(([, source]) => source)
    .filter((source) => source?.startsWith(FRAMED));

/** The form that ends the session in use. */
function ownCard({ body }: Page): string {
  return body.split('<li>').find((card) => card.includes('class="badge"')) ?? '';
}

async function stranger(): Promise<{ client: Client; client_secret: string }> {
  const body = JSON.stringify({ redirect_uris: [CALLBACK], post_logout_redirect_uris: [AFTER] });
  const headers = { 'content-type': 'application/json' };
  const registered = await fetch(`${server.issuer}/register`, { method: 'POST', headers, body });
  const { client_id, client_secret } = await registered.json();
  return { client: (await readClient(server.gatehouse.db, client_id)) as Client, client_secret };
}

it('O3 the ID token of a client that registered itself leads only the user who signs out with it to its page', async () => {
  const registered = await stranger();
  const authorized = await authorize(server, registered.client, { more: { scope: 'openid' } });
  const { id_token } = (await redeem(server, registered, authorized)).body;
  const parameters = { id_token_hint: id_token, post_logout_redirect_uri: AFTER };
  const visitor = await createUserAgent(server.issuer).open(logoutUrl(parameters));
  expect(visitor).toMatchObject({ status: 200, location: undefined });
  expect(visitor.body).toContain(`href="${AFTER}"`);
  expect(visitor.body).not.toContain('http-equiv="refresh"');
  expect((await authorized.agent.open(logoutUrl(parameters))).location).toBe(AFTER);
});
